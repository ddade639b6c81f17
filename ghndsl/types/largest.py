"""A number or a size goes in; whether 64 bits hold it, as those of tensors are held, comes out."""

from __future__ import annotations

from ghndsl.types.dims import Floor, SymbolicSize

MOST = 2**63 - 1
"""The largest size, index and attribute that tensors' libraries and formats of models know."""


def fits_64_bits(value: object) -> bool:
    """Whether all whole numbers in it, in lists and in sizes too, are ones of 64 bits with a sign.

    >>> from ghndsl.types import symbol
    >>> fits_64_bits(-(2**63)), fits_64_bits((1, 2**63)), fits_64_bits(2**70 * symbol("H")), fits_64_bits(1e30)
    (True, False, False, True)
    """
    if isinstance(value, int):
        return -MOST - 1 <= value <= MOST
    if isinstance(value, tuple):
        return all(map(fits_64_bits, value))
    if isinstance(value, Floor):
        return fits_64_bits(value.dividend) and fits_64_bits(value.divisor)
    if isinstance(value, SymbolicSize):
        return all(fits_64_bits(factor) and fits_64_bits(atoms) for atoms, factor in value.terms)
    return True
