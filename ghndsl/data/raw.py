"""Arrays as a source gives them go in; inputs and targets that are sure to belong together come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ghndsl.diagnostics import CompileError, Diagnostic

Array: TypeAlias = npt.NDArray[np.generic]

LAYOUT = (
    "images are uint8 of shape (n, height, width) or (n, height, width, channels), other inputs floats or whole "
    "numbers (n, ...) as the network takes them; targets are whole numbers (n,), (n, tokens) or (n, height, width), or "
    "floats (n,) or (n, k)"
)


@dataclass(frozen=True, eq=False)
class Raw:
    """An array `[n, ...]` for each input, not yet split or normalised: images uint8 `[n, h, w, c]`, whole numbers
    int64, floats as they came; and the targets `[n, ...]`."""

    inputs: Mapping[str, Array] = field(repr=False)
    targets: Array = field(repr=False)

    def __len__(self) -> int:
        return len(self.targets)

    def at(self, index: npt.NDArray[np.int64]) -> Raw:
        """The samples of an index."""
        return Raw({name: array[index] for name, array in self.inputs.items()}, self.targets[index])


def refuse(code: str, message: str, help: str | None = None) -> CompileError:  # noqa: A002
    """The error for data that cannot be used."""
    return CompileError(Diagnostic(code, message, help=help))


def is_images(array: Array) -> bool:
    """Whether an input is images: bytes `[n, h, w, c]`, whatever its name."""
    return array.dtype == np.uint8 and array.ndim == 4


def checked(source: str, part: str, inputs: Mapping[str, Array], targets: Array) -> Raw:
    """Inputs in one layout, with their targets as they are.

    Errors: G403 for what inputs are, G404 when rows and targets differ in number, G405 when there are none.
    """
    found = {name: _input(f"{source}: `{name}_{part}`", name, array) for name, array in inputs.items()}
    if targets.ndim == 0:
        raise refuse("G403", f"{source}: `y_{part}` is {targets.dtype} of shape ()", LAYOUT)
    for name, array in found.items():
        if len(array) != len(targets):
            counts = f"`{name}_{part}` has {len(array)} rows but `y_{part}` has {len(targets)}"
            raise refuse("G404", f"{source}: {counts}")
    if not len(targets):
        raise refuse("G405", f"{source}: `{part}` holds no sample")
    return Raw(found, targets)


def _input(place: str, name: str, array: Array) -> Array:
    """One input: `x` of bytes is images, or nothing."""
    pixels = array.dtype == np.uint8 and (array.ndim in (3, 4) or name == "x")
    if (
        array.dtype.kind not in "iuf"
        or (pixels and array.ndim not in (3, 4))
        or array.ndim == 0
        or 0 in array.shape[1:]
    ):
        raise refuse("G403", f"{place} is {array.dtype} of shape {array.shape}", LAYOUT)
    if pixels:
        return array if array.ndim == 4 else array[..., None]
    if array.dtype.kind == "f":
        return _finite(place, array)
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise refuse("G403", f"{place} holds {array.max()}, more than an int64 can be")
    return array.astype(np.int64)


def _finite(place: str, array: Array) -> Array:
    with np.errstate(over="ignore"):
        odd = np.argwhere(~np.isfinite(array.astype(np.float32)))
    if len(odd):
        value = array[tuple(odd[0])]
        raise refuse("G403", f"{place} holds {value} in row {odd[0][0]}, no finite float32", "fill or drop such rows")
    return array.astype(np.float64) if array.dtype.itemsize > 8 else array
