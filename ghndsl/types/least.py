"""A size goes in; a number that it never falls below, whatever its names stand for, comes out if one can be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from ghndsl.types.dims import Dim, Floor, SymbolicSize

_Atoms: TypeAlias = "tuple[str | Floor, ...]"
_Sum: TypeAlias = "dict[_Atoms, Fraction]"

_MOST_TERMS = 200
"""Sums of more terms are not looked into."""


@lru_cache(maxsize=4096)
def least(size: Dim) -> int | None:
    """A number that a size does not fall below, names being at least 1; None when none is found.

    >>> from ghndsl.types import symbol
    >>> h, w = symbol("H"), symbol("W")
    >>> least(2 * h - 1), least(h - h // 2), least((h + 1) // 2), least(h - w)
    (1, 1, 1, None)
    """
    if isinstance(size, int):
        return size
    found = [_least(size, is_shared=is_shared) for is_shared in (False, True)]
    return max((bound for bound in found if bound is not None), default=None)


def is_positive(size: Dim) -> bool:
    """Whether a size is certain to be at least 1."""
    bound = least(size)
    return bound is not None and bound >= 1


def is_empty(size: Dim) -> bool:
    """Whether a size is certain to be 0 or less, so that it is none."""
    bound = least(-size)
    return bound is not None and bound >= 0


def _least(size: SymbolicSize, *, is_shared: bool) -> int | None:
    """The value where all names are 1, if no larger ones lower it: what is taken away is part of what stays."""
    terms = _sum(size)
    if not all(_is_division_of_sizes(atom) for atoms in terms for atom in atoms if isinstance(atom, Floor)):
        return None
    while (place := _division(terms)) is not None:
        if len(terms) > _MOST_TERMS:
            return None
        atoms, atom = place
        factor = terms.pop(atoms)
        for more, part in _bound(
            atom, _without(atoms, (atom,)) or (), is_below=factor > 0, is_shared=is_shared
        ).items():
            _put(terms, more, factor * part)
    return math.ceil(sum(terms.values(), Fraction(0))) if _never_falls(terms) else None


def _bound(atom: Floor, beside: _Atoms, *, is_below: bool, is_shared: bool) -> _Sum:
    """What a division times other factors does not fall below, or does not exceed.

    Below the exact quotient it is by less than 1, and it is not negative; `is_shared` says which of the two is used.
    """
    terms = _sum(atom.divisor)
    (by, number), *others = terms.items()
    rest = None if others else _without(beside, by)
    if rest is None:
        # The divisor is at least 1, and no more is known.
        return {} if is_below else _times(_sum(atom.dividend), beside, Fraction(1))
    if is_below and not is_shared:
        return {}
    return _times(_sum(atom.dividend + (1 - atom.divisor if is_below else 0)), rest, 1 / number)


def _is_division_of_sizes(atom: Floor) -> bool:
    """Whether neither part is negative, and the divisor not 0."""
    dividend = least(atom.dividend)
    return dividend is not None and dividend >= 0 and is_positive(atom.divisor)


def _division(terms: _Sum) -> tuple[_Atoms, Floor] | None:
    return next(((atoms, atom) for atoms in terms for atom in atoms if isinstance(atom, Floor)), None)


def _sum(size: Dim) -> _Sum:
    terms: Iterable[tuple[_Atoms, int]] = [((), size)] if isinstance(size, int) else size.terms
    return {atoms: Fraction(factor) for atoms, factor in terms}


def _times(terms: _Sum, atoms: _Atoms, factor: Fraction) -> _Sum:
    return {(*atoms, *more): factor * part for more, part in terms.items()}


def _put(terms: _Sum, atoms: _Atoms, factor: Fraction) -> None:
    key = tuple(sorted(atoms, key=str))
    total = terms.pop(key, Fraction(0)) + factor
    if total:
        terms[key] = total


def _never_falls(terms: Mapping[_Atoms, Fraction]) -> bool:
    """Whether each negative term is covered by positive ones of which it is a factor, constants aside."""
    left = {atoms: factor for atoms, factor in terms.items() if factor > 0 and atoms}
    for atoms, factor in sorted(terms.items(), key=lambda term: -len(term[0])):
        need = -factor if atoms else Fraction(0)
        for larger in [one for one in left if need > 0 and _without(one, atoms) is not None]:
            taken = min(need, left[larger])
            need, left[larger] = need - taken, left[larger] - taken
        if need > 0:
            return False
    return True


def _without(atoms: _Atoms, others: _Atoms) -> _Atoms | None:
    """A product without some of its factors, or None when it lacks one of them."""
    rest = list(atoms)
    for atom in others:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)
