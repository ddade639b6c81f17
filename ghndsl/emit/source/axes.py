"""Texts that need sizes go in; names for these, and the statements that read them off the inputs' shapes, come out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ghndsl.emit.source.pieces import Axis, Text
from ghndsl.language.refold.parts import mapped


def named_axes(texts: Sequence[Text], taken: Collection[str]) -> dict[Axis, str]:
    """A name for each size, in the order of the inputs and their axes."""
    found: set[Axis] = set()

    def look(part: object) -> object:
        if isinstance(part, Axis):
            found.add(part)
        return part

    mapped(tuple(texts), look)
    named: dict[Axis, str] = {}
    for axis in sorted(found, key=lambda axis: (axis.tensor, axis.axis)):
        names = (axis.stem if number == 1 else f"{axis.stem}{number}" for number in range(1, 10_000))
        named[axis] = next(name for name in names if name not in taken and name not in named.values())
    return named


def shape_lines(axes: Mapping[Axis, str], names: Mapping[int, str]) -> Iterator[str]:
    """The statements that give the names their sizes."""
    by_tensor: dict[int, list[Axis]] = {}
    for axis in axes:
        by_tensor.setdefault(axis.tensor, []).append(axis)
    for tensor, own in by_tensor.items():
        if len(own) > 1 and [axis.axis for axis in own] == list(range(len(own))):
            yield f"{', '.join([axes[axis] for axis in own])} = {names[tensor]}.shape[:{len(own)}]"
        else:
            yield from (f"{axes[axis]} = {names[tensor]}.shape[{axis.axis}]" for axis in own)
