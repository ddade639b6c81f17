"""The types that a block's tensors have in all its uses go in; names for the sizes that its body needs come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghndsl.language.refold.expressions import Variable
from ghndsl.language.refold.words import free
from ghndsl.types import Dim, TensorType, symbol

_LETTERS = {1: "C", 2: "NC", 3: "NTD", 4: "NCHW", 5: "NCDHW"}


class Dimensions:
    """Names sizes where they are needed: a tensor of which one is needed gets names for all.

    `types` are the types of each tensor in each use.
    """

    def __init__(self, types: Sequence[Sequence[TensorType]], taken: set[str]) -> None:
        self.types = types
        self.taken = taken
        self.names: dict[int, tuple[str, ...]] = {}
        self._symbols: set[str] = set()

    def axes(self) -> Iterator[tuple[int, int, list[Dim]]]:
        """Each tensor and axis that all uses have, with its sizes in them; channels first, then the last axis."""
        for tensor, kinds in enumerate(self.types):
            rank = kinds[0].rank
            if any(kind.rank != rank for kind in kinds):
                continue
            for axis in sorted(range(rank), key=lambda axis: (axis != 1, axis != rank - 1, axis == 0)):
                yield tensor, axis, [kind.shape[axis] for kind in kinds]

    def equal(self, values: Sequence[object]) -> Variable | None:
        """The name of the size that has these values."""
        for tensor, axis, sizes in self.axes():
            if all(type(a) is type(b) and a == b for a, b in zip(values, sizes, strict=True)):
                return self.name(tensor, axis)
        return None

    def has_symbols(self, names: frozenset[str]) -> bool:
        """Whether symbolic sizes can be named as they are, because some size is just that symbol in all uses."""
        found: dict[str, tuple[int, int]] = {}
        for tensor, axis, sizes in self.axes():
            for name in names:
                if all(size == symbol(name) for size in sizes):
                    found.setdefault(name, (tensor, axis))
        return found.keys() == names and all(self.name(*found[name]).name == name for name in names)

    def name(self, tensor: int, axis: int) -> Variable:
        """The name of a size."""
        if tensor not in self.names:
            shapes = [kind.shape for kind in self.types[tensor]]
            letters = _LETTERS.get(len(shapes[0])) or "S" * len(shapes[0])
            self.names[tensor] = tuple(
                [self._new(set(z), c) for z, c in zip(zip(*shapes, strict=True), letters, strict=True)]
            )
        return Variable(self.names[tensor][axis])

    def _new(self, sizes: set[Dim], letter: str) -> str:
        """A name for an axis: the symbol that its size is, as far as no other size has that name."""
        size = next(iter(sizes))
        name = str(size)
        is_symbol = len(sizes) == 1 and size == symbol(name)
        if is_symbol and (name in self._symbols or name not in self.taken):
            self._symbols.add(name)
        else:
            name = free(letter, self.taken)
        self.taken.add(name)
        return name
