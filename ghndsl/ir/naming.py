"""The sizes written in a graph go in; the ways to rename their symbols that do not depend on the names come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from ghndsl.types import Dim, Floor, SymbolicSize, symbol


def namings(first: Sequence[SymbolicSize], others: Sequence[SymbolicSize]) -> list[dict[str, SymbolicSize]]:
    """The renamings of symbols by order of first appearance in `first`; symbols found in `others` only stay.

    There are several where symbols first appear together, as in `H*W`, and something tells them apart.

    >>> h, w = symbol("H"), symbol("W")
    >>> [[str(new) for new in names.values()] for names in namings([h, w], [])]
    [['$0', '$1']]
    >>> len(namings([h * w], [])), len(namings([h * w], [h, w]))
    (1, 2)
    """
    known: set[str] = set()
    groups: list[list[str]] = []
    for size in first:
        together = sorted(size.symbols - known)
        known.update(together)
        if together:
            groups.append(together)
    if len(groups) == len(known):
        return [_numbered([name for (name,) in groups])]
    everything = [*first, *others]
    orders = [list(_orders(_alike(group, everything))) for group in groups]
    found = [_numbered([name for part in parts for name in part]) for parts in product(*orders)]
    least = min(_renamed(first, names) for names in found)
    return [names for names in found if _renamed(first, names) == least]


def spelled_size(size: Dim) -> str:
    """A size as identities spell it, for ever, however sizes are shown elsewhere.

    >>> print(spelled_size(2 * (symbol("H") // 2) - 1))
    2*(H)//2 - 1
    """
    if isinstance(size, int):
        return str(size)
    terms = [(sorted(map(_spelled_atom, monomial), key=_rank), factor) for monomial, factor in size.terms]
    terms.sort(key=lambda term: (-len(term[0]), [_rank(atom) for atom in term[0]]))
    text = ""
    for atoms, factor in terms:
        text += f" {'-' if factor < 0 else '+'} " if text else "-" if factor < 0 else ""
        text += "*".join([str(abs(factor))] * (abs(factor) != 1 or not atoms) + atoms)
    return text


def _spelled_atom(atom: str | Floor) -> str:
    if isinstance(atom, str):
        return atom
    divisor = spelled_size(atom.divisor)
    terms = () if isinstance(atom.divisor, int) else atom.divisor.terms
    bare = not terms or (len(terms) == 1 and len(terms[0][0]) == 1 and terms[0][1] == 1)
    return f"({spelled_size(atom.dividend)})//{divisor if bare else f'({divisor})'}"


def _rank(atom: str) -> str:
    """What orders the factors of a term: names stand before divisions."""
    return f"1{atom}" if atom.startswith("(") else f"0{atom}"


def _numbered(order: Sequence[str]) -> dict[str, SymbolicSize]:
    # The sign is none of a name, so that no symbol that stays is taken for a renamed one.
    return {name: symbol(f"${i}") for i, name in enumerate(order)}


def _renamed(sizes: Sequence[SymbolicSize], names: Mapping[str, SymbolicSize]) -> tuple[str, ...]:
    return tuple(spelled_size(size.substitute(names)) for size in sizes)


def _alike(group: Sequence[str], sizes: Sequence[SymbolicSize]) -> list[list[str]]:
    """The symbols of a group, those together that can be swapped without a change of any size."""
    classes: list[list[str]] = []
    for name in group:
        for same in classes:
            swap = {name: symbol(same[0]), same[0]: symbol(name)}
            if all(size.substitute(swap) == size for size in sizes):
                same.append(name)
                break
        else:
            classes.append([name])
    return classes


def _orders(classes: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """The orders of symbols, one for all that differ by symbols of one class."""
    if not any(classes):
        yield ()
    for index, same in enumerate(classes):
        if same:
            rest = [*classes[:index], same[1:], *classes[index + 1 :]]
            for order in _orders(rest):
                yield (same[0], *order)
