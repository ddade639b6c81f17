"""A call of a block goes in; what its outcome depends on beside choices comes out, and where its parts lie below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ghndsl.ir import Value
from ghndsl.language.values import BlockName, ChosenGraph, Composite, Named, OperatorName, Pending, Result, static
from ghndsl.records import record
from ghndsl.space.planning.states import exact


@record
class Place:
    """A tensor, by its place among a body's tensors."""

    number: int


Shape: TypeAlias = "Place | Result | tuple[Shape, ...]"
"""A result with places instead of tensors."""


def key_of(block: BlockName, names: Mapping[str, Result]) -> tuple[object, tuple[Value, ...]] | None:
    """What a call's outcome depends on beside its choices, and its tensors; None for arguments not to be kept."""
    tensors: dict[int, Value] = {}
    parts: list[object] = [id(block.definition)]
    for name, value in names.items():
        if not _is_plain(value):
            return None
        parts += (name, _spelled(value, tensors))
    return tuple(parts), tuple(tensors.values())


def _is_plain(value: Result) -> bool:
    """Whether a value is made of settled values, tensors, and stages that hold no tensor and no weights."""
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    if isinstance(value, Composite | ChosenGraph):
        return all(map(_is_plain, value.stages))
    if isinstance(value, Pending):
        return not value.tensors and all(map(_is_bare, (*value.positional, *[item for _, item in value.named])))
    if isinstance(value, Named):
        return _is_plain(value.stage)
    return isinstance(value, Value | OperatorName | BlockName) or static(value)


def _is_bare(value: Result) -> bool:
    """Whether a value is plain and holds no tensor."""
    return not _holds_tensor(value) and _is_plain(value)


def _holds_tensor(value: Result) -> bool:
    return any(map(_holds_tensor, value)) if isinstance(value, tuple) else isinstance(value, Value)


def _spelled(value: Result, tensors: dict[int, Value]) -> object:
    if isinstance(value, Value):
        tensors.setdefault(value.id, value)
        return list(tensors).index(value.id), value.type
    if isinstance(value, tuple):
        return tuple([_spelled(item, tensors) for item in value])
    return exact(value)


def below(base: str, path: str) -> str | None:
    """The rest of a path below a base, empty for the base itself; None when it is elsewhere."""
    if not base or path == base:
        return path[len(base) :]
    return path[len(base) + 1 :] if path.startswith(f"{base}.") else None


def under(base: str, rest: str) -> str:
    """The path that has this rest below a base."""
    return f"{base}.{rest}" if base and rest else base or rest


def filled(shape: Shape, tensors: Sequence[Value]) -> Result:
    """The result that a shape stands for."""
    if isinstance(shape, Place):
        return tensors[shape.number]
    if isinstance(shape, tuple):
        return tuple([filled(item, tensors) for item in shape])
    return shape
