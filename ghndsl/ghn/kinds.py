"""A weight and its operator go in; which branch of the hypernetwork makes it, from which block, comes out."""

from __future__ import annotations

from typing import TypeAlias

from ghndsl.ops import ConvTranspose, Operator, Role, Weight

Block: TypeAlias = tuple[int, ...]
"""The sizes of what a branch makes."""


def kind(op: Operator, weight: Weight) -> str:
    """The branch by name: kernels by what they are applied to, the rest by role, with the rank where it is not one.

    Pointwise convolutions stand apart from other kernels: they are the widest, and a branch makes the whole block.
    """
    rank = len(weight.shape)
    if weight.role is not Role.KERNEL or rank < 2:
        return weight.role.value if rank == 1 else f"{weight.role.value}{rank}"
    if rank == 2:
        return "linear"
    if isinstance(op, ConvTranspose):
        return f"transposed{rank - 2}d"
    groups = getattr(op, "groups", 1)
    if isinstance(groups, int) and groups > 1:
        return f"grouped{rank - 2}d"
    return "pointwise" if all(size == 1 for size in weight.shape[2:]) else f"conv{rank - 2}d"


def block(name: str, weight: Weight) -> Block:
    """The weight's shape as its branch makes it: a pointwise kernel is a matrix."""
    return weight.shape[:2] if name == "pointwise" else weight.shape


def window(name: str, whole: Block, part: Block) -> tuple[slice, ...]:
    """Where a smaller weight lies in the block: first channels, and the centre of a kernel (Zhang et al., section 5).

    >>> window("conv2d", (32, 32, 5, 5), (16, 8, 3, 1))
    (slice(0, 16, None), slice(0, 8, None), slice(1, 4, None), slice(2, 3, None))
    """
    spatial = is_convolution(name)
    starts = [(w - p) // 2 if spatial and axis > 1 else 0 for axis, (w, p) in enumerate(zip(whole, part, strict=True))]
    return tuple(slice(start, start + size) for start, size in zip(starts, part, strict=True))


def is_convolution(name: str) -> bool:
    """Whether a kind is that of kernels with two axes of channels and others of space."""
    return name.startswith(("conv", "grouped", "transposed", "pointwise"))
