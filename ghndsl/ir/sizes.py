"""The types of inputs and the shapes that were given go in; the values of the symbolic sizes come out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ghndsl.types import Dim, SymbolicSize, TensorType, show_shape


@lru_cache(maxsize=1024)
def linear(size: Dim) -> tuple[str, int, int] | None:
    """The name H, factor k and rest c of a size k*H + c; None for any other.

    >>> from ghndsl.types import symbol
    >>> linear(16 * symbol("H") + 3)
    ('H', 16, 3)
    """
    if isinstance(size, int):
        return None
    rest = sum(factor for monomial, factor in size.terms if not monomial)
    terms = [(monomial, factor) for monomial, factor in size.terms if monomial]
    (atom, *more), factor = terms[0]
    if len(terms) > 1 or more or not isinstance(atom, str) or factor < 1:
        return None
    return atom, factor, rest


def bind_sizes(inputs: Mapping[str, TensorType], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """The value of each name in the inputs' types, told from the inputs' shapes.

    Sizes of the form k*H + c are solved, others checked once their names are known. Raises ValueError when an input
    is missing or unknown, or a shape does not fit its type.

    >>> from ghndsl.types import symbol
    >>> bind_sizes({"x": TensorType((symbol("N"), 3, 16 * symbol("H")))}, {"x": (2, 3, 64)})
    {'N': 2, 'H': 4}
    """
    for name in shapes:
        if name not in inputs:
            raise ValueError(f"there is no input `{name}`; the inputs are {', '.join(inputs)}")
    sizes: dict[str, int] = {}
    later: list[tuple[str, SymbolicSize, int]] = []
    for name, kind in inputs.items():
        if name not in shapes:
            raise ValueError(f"input `{name}` is missing")
        shape = shapes[name]
        if len(shape) != kind.rank:
            raise ValueError(f"input `{name}` must be {kind}, not of shape {show_shape(shape)}")
        for wanted, given in zip(kind.shape, shape, strict=True):
            if isinstance(wanted, int):
                if wanted != given:
                    raise ValueError(f"input `{name}` must be {kind}, not of shape {show_shape(shape)}")
            elif not _solve(wanted, given, sizes):
                later.append((name, wanted, given))
    for name, wanted, given in later:
        value = wanted.substitute(sizes)
        if isinstance(value, int) and value != given:
            known = ", ".join(f"{key} = {sizes[key]}" for key in sorted(wanted.symbols & sizes.keys()))
            told = f" (where {known})" if known else ""
            raise ValueError(f"size {given} of input `{name}` does not fit {wanted}{told} in {inputs[name]}")
        if not isinstance(value, int) and linear(wanted) is not None:
            raise ValueError(f"size {given} of input `{name}` does not fit {wanted} in {inputs[name]}")
    return sizes


def _solve(wanted: SymbolicSize, given: int, sizes: dict[str, int]) -> bool:
    """Takes the value of a name from one size, or finds it as known; false when it does neither."""
    form = linear(wanted)
    if form is None:
        return False
    name, factor, rest = form
    value, remainder = divmod(given - rest, factor)
    return remainder == 0 and value >= 1 and sizes.setdefault(name, value) == value
