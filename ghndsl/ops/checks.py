"""An operator and the types it is given go in; the sizes it asked for come out, or a refusal in the user's words."""

from __future__ import annotations

import math

from ghndsl.ops.base import Operator, ShapeError, Size
from ghndsl.types import Dim, DType, Shape, SymbolicSize, TensorType, is_empty, show_shape


def at_least(op: Operator, least: int, *names: str) -> None:
    """Raises ValueError when a number in one of the attributes is below `least` for sure; words and none pass."""
    for name in names:
        value = op.attributes[name]
        numbers = value if isinstance(value, tuple) else (value,)
        if any(isinstance(number, int | SymbolicSize) and is_empty(number - (least - 1)) for number in numbers):
            given = f"({', '.join(map(str, numbers))})" if isinstance(value, tuple) else value
            raise ValueError(f"`{name}` must be at least {least}, not {given}")


def small(op: Operator, name: str) -> None:
    """Raises `ShapeError` for a number added against division by zero that is no such: a size was meant."""
    value = op.attributes[name]
    if isinstance(value, float) and not 0 <= value < 1:
        hint = not_written(type(op)) if value >= 1 else None
        raise ShapeError(f"`{name}` of `{op.name}` is a small number, not {value:g}", help=hint)


def probability(op: Operator, name: str) -> None:
    """Raises ValueError for an attribute that is no number from 0 to 1."""
    value = op.attributes[name]
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        shown = f"{value:g}" if isinstance(value, int | float) else value
        raise ValueError(f"`{name}` of `{op.name}` is a probability, not {shown}")


def finite(op: Operator, *names: str) -> None:
    """Raises ValueError when a number in one of the attributes is infinite, or none; words pass."""
    for name in names:
        value = op.attributes[name]
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"`{name}` of `{op.name}` must be finite, not {value}")


def held(dtype: DType, *numbers: float | None) -> None:
    """Raises `ShapeError` for a number that an element type has no room for."""
    for number in numbers:
        if number is not None and not dtype.holds(number):
            raise ShapeError(f"the number {number:g} is too large for {dtype}")


def not_written(cls: type[Operator]) -> str | None:
    """A help line for who gives an operator what it knows from its input."""
    return cls.from_input and f"torch's `{cls.from_input}` follows from the input and is not written"


def floats(op: Operator, *types: TensorType) -> None:
    """Raises `ShapeError` unless every tensor holds floats."""
    for kind in types:
        if not kind.dtype.is_float:
            raise ShapeError(f"`{op.name}` needs a tensor of floats, not {kind.dtype}")


def spatial(op: Operator, x: TensorType) -> Shape:
    """The one to three sizes that follow batch and channels in a tensor of floats."""
    floats(op, x)
    if x.rank not in (3, 4, 5):
        wanted = "a batch, channels and one to three spatial dimensions"
        raise ShapeError(f"`{op.name}` needs {wanted}, not {show_shape(x.shape)}")
    return x.shape[2:]


def known(op: Operator, size: Dim, what: str) -> int:
    """A size that weights are made for, as a number."""
    if not isinstance(size, int):
        raise ShapeError(f"`{op.name}` makes weights for its input's {what}, and {size} is not known")
    return size


def divided(op: Operator, channels: Dim, attribute: str) -> int:
    """Channels as a number; raises `ShapeError` unless the groups that an attribute asks for are of one size."""
    count, groups = known(op, channels, "channels"), op.attributes[attribute]
    if isinstance(groups, int) and count % groups:
        raise ShapeError(f"`{attribute}` {groups} does not divide {count} channels")
    return count


def axis(op: Operator, dim: int, rank: int, attribute: str = "dim") -> int:
    """A dimension counted from the front, given one that may count from the end.

    >>> from ghndsl import ops
    >>> axis(ops.Concat(), -1, 4)
    3
    """
    if not -rank <= dim < rank:
        raise ShapeError(f"`{attribute}` {dim} of `{op.name}` is not a dimension of a tensor of rank {rank}")
    return dim % rank


def axes(op: Operator, dim: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """The dimensions that a `dim` names, counted from the front; all of them for none.

    >>> from ghndsl import ops
    >>> axes(ops.Mean(), (-1, 1), 4), axes(ops.Mean(), None, 2)
    ((3, 1), (0, 1))
    """
    if dim is None:
        return tuple(range(rank))
    found = tuple(axis(op, one, rank) for one in (dim if isinstance(dim, tuple) else (dim,)))
    if len(set(found)) < len(found):
        raise ShapeError(f"`dim` {dim} of `{op.name}` names a dimension twice")
    return found


def per_dimension(op: Operator, name: str, value: Size, count: int) -> tuple[int, ...]:
    """An attribute's number for each of `count` spatial dimensions."""
    if isinstance(value, int):
        return (value,) * count
    if len(value) != count:
        raise ShapeError(
            f"`{name}` of `{op.name}` has {len(value)} number{'s' * (len(value) != 1)}, "
            f"and its input has {count} spatial dimension{'s' * (count != 1)}"
        )
    return value
