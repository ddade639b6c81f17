"""Integers and names go in; sizes come out: integers, or polynomials over names in one normal form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

from ghndsl.records import record


@record
class Floor:
    """The atom floor(dividend / divisor); the dividend's coefficients are already reduced below the divisor."""

    dividend: SymbolicSize
    divisor: Dim

    def __str__(self) -> str:
        # Signs of one level are read from the left, so a product may be divided as it stands.
        whole = len(self.dividend.terms) == 1 and self.dividend.terms[0][1] > 0
        dividend = str(self.dividend) if whole else f"({self.dividend})"
        return f"{dividend}//{self.divisor if _is_word(self.divisor) else f'({self.divisor})'}"


# The names sort before the floors, by the leading digit.
_Atom: TypeAlias = "str | Floor"
_Monomial: TypeAlias = "tuple[_Atom, ...]"


@record
class SymbolicSize:
    """A size that is not known yet: a sum of products of names, in a normal form where equal means the same.

    Names stand for positive integers. Division is floor division, and what divides evenly is divided:

    >>> h = symbol("H")
    >>> (16 * h + 2 - 3) // 16 + 1
    SymbolicSize(H)
    >>> 2 * h - h == h, (4 * h) // 2, h // 2
    (True, SymbolicSize(2*H), SymbolicSize(H//2))

    It is written as the language reads it:

    >>> print(h - 2 * (h // 2), 3 * h // 2 * h)
    H - 2*(H//2) H*H + H*(H//2)
    """

    terms: tuple[tuple[_Monomial, int], ...]

    @cached_property
    def _hash(self) -> int:
        return hash(self.terms)

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: SymbolicSize) -> bool:
        return str(self) < str(other)

    def __add__(self, other: Dim) -> Dim:
        return _sum([*self.terms, *_terms(other)])

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return _sum((monomial, -factor) for monomial, factor in self.terms)

    def __sub__(self, other: Dim) -> Dim:
        return self + -1 * other

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return SymbolicSize(tuple((monomial, factor * other) for monomial, factor in self.terms)) if other else 0
        return _sum((tuple(sorted(a + b, key=_atom_key)), p * q) for a, p in self.terms for b, q in _terms(other))

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        if other == 0:
            raise ZeroDivisionError("division by zero")
        if self == other:
            return 1
        if not isinstance(other, int):
            return _divide_by_size(self, other)
        if other < 0:
            return (-self) // -other
        if other == 1:
            return self
        whole = _sum((monomial, factor // other) for monomial, factor in self.terms)
        rest = _sum((monomial, factor % other) for monomial, factor in self.terms)
        return whole + (rest // other if isinstance(rest, int) else _sum([((Floor(rest, other),), 1)]))

    def __rfloordiv__(self, other: int) -> Dim:
        return _constant(other) // self if other else 0

    def __mod__(self, other: Dim) -> Dim:
        return self - other * (self // other)

    def __rmod__(self, other: int) -> Dim:
        return other - self * (other // self)

    def __str__(self) -> str:
        text = ""
        for monomial, factor in self.terms:
            sign = "-" if factor < 0 else "+"
            before = f" {sign} " if text else "-" if factor < 0 else ""
            text += before + _show_term(monomial, abs(factor), is_alone=before != "-")
        return text

    def __repr__(self) -> str:
        return f"SymbolicSize({self})"

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The names that occur in it."""
        found: set[str] = set()
        for monomial, _ in self.terms:
            for atom in monomial:
                if isinstance(atom, str):
                    found.add(atom)
                else:
                    found |= symbols(atom.dividend) | symbols(atom.divisor)
        return frozenset(found)

    def substitute(self, values: Mapping[str, Dim]) -> Dim:
        """The size with names replaced by other sizes.

        >>> (symbol("H") // 2 + 1).substitute({"H": 9})
        5
        """
        total: Dim = 0
        for monomial, factor in self.terms:
            term: Dim = factor
            for atom in monomial:
                term = term * _substitute(atom, values)
            total = total + term
        return total


Dim: TypeAlias = int | SymbolicSize
"""A size: known, or symbolic."""


def symbol(name: str) -> SymbolicSize:
    """The size that a name stands for."""
    return SymbolicSize((((name,), 1),))


def symbols(*sizes: Dim) -> frozenset[str]:
    """The names that occur in sizes.

    >>> sorted(symbols(3, symbol("H") * symbol("W")))
    ['H', 'W']
    """
    return frozenset().union(*(size.symbols for size in sizes if isinstance(size, SymbolicSize)))


def is_static(*sizes: Dim) -> bool:
    """Whether all the sizes are known integers."""
    return all(isinstance(size, int) for size in sizes)


def product(sizes: Iterable[Dim]) -> Dim:
    """The product of sizes, 1 for none.

    >>> product([2, symbol("H"), 3])
    SymbolicSize(6*H)
    """
    known = 1
    rest: Dim | None = None
    for size in sizes:
        if isinstance(size, int):
            known *= size
        else:
            rest = size if rest is None else rest * size
    return known if rest is None else rest * known


def _substitute(atom: _Atom, values: Mapping[str, Dim]) -> Dim:
    if isinstance(atom, str):
        return values.get(atom, symbol(atom))
    divisor = atom.divisor if isinstance(atom.divisor, int) else atom.divisor.substitute(values)
    return atom.dividend.substitute(values) // divisor


def _constant(value: int) -> SymbolicSize:
    return SymbolicSize((((), value),))


def _terms(size: Dim) -> tuple[tuple[_Monomial, int], ...]:
    return (((), size),) if isinstance(size, int) else size.terms


def _atom_key(atom: _Atom) -> str:
    return f"0{atom}" if isinstance(atom, str) else f"1{atom}"


def _sum(terms: Iterable[tuple[_Monomial, int]]) -> Dim:
    total: dict[_Monomial, int] = {}
    for monomial, factor in terms:
        total[monomial] = total.get(monomial, 0) + factor
    kept = {monomial: factor for monomial, factor in total.items() if factor}
    if not kept.keys() - {()}:
        return kept.get((), 0)
    order = sorted(kept, key=lambda m: (-len(m), [_atom_key(atom) for atom in m]))
    return SymbolicSize(tuple((monomial, kept[monomial]) for monomial in order))


def _divide_by_size(dividend: SymbolicSize, divisor: SymbolicSize) -> Dim:
    """Division by one monomial takes out of the sum what it divides; any other division is left standing."""
    if len(divisor.terms) == 1:
        ((monomial, factor),) = divisor.terms
        quotients = [_divide_term(m, f, monomial, factor) for m, f in dividend.terms]
        if all(q is not None for q in quotients):
            return _sum(q for q in quotients if q is not None)
    return _sum([((Floor(dividend, divisor),), 1)])


def _divide_term(monomial: _Monomial, factor: int, by: _Monomial, by_factor: int) -> tuple[_Monomial, int] | None:
    rest = list(monomial)
    for atom in by:
        if atom not in rest:
            return None
        rest.remove(atom)
    return None if factor % by_factor else (tuple(rest), factor // by_factor)


def _is_word(size: Dim) -> bool:
    """Whether it is written as one number or name."""
    return isinstance(size, int) or (len(size.terms) == 1 and str(size) in size.symbols)


def _show_term(monomial: _Monomial, factor: int, *, is_alone: bool) -> str:
    """A term without its sign; a division stands bare where nothing else is in the term."""
    if len(monomial) == 1 and factor == 1 and is_alone:
        return str(monomial[0])
    parts = [str(factor)] if factor != 1 or not monomial else []
    return "*".join([*parts, *(atom if isinstance(atom, str) else f"({atom})" for atom in monomial)])
