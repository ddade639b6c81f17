"""The paths of weights go in as they are made; why a further one cannot stand beside them comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghndsl.ops import Weight


class WeightPaths:
    """The weights of a graph as a tree of names: none is made twice, and none lies below another."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._below: dict[str, str] = {}

    def add(self, path: str, weights: Sequence[Weight]) -> tuple[str, str] | None:
        """Adds the weights of a node at `path`; or tells what is wrong with them, and the path that they clash with.

        >>> from ghndsl.ops import Conv
        >>> from ghndsl.types import TensorType
        >>> paths, kernel = WeightPaths(), Conv(8, 3, bias=False).weights(TensorType((1, 3, 9, 9)))
        >>> paths.add("a", kernel), paths.add("b", kernel)
        (None, None)
        >>> paths.add("a.weight", kernel)
        ('`a.weight` is a weight, and `a.weight.weight` would lie below it', 'a')
        """
        names = [f"{path}.{weight.name}" if weight.name else path for weight in weights]
        above = [*_above(names)]
        clash = self._clash(names, above)
        if clash is None:
            self._owners.update(dict.fromkeys(names, path))
            for name in above:
                self._below.setdefault(name, path)
        return clash

    def _clash(self, names: Sequence[str], above: Sequence[str]) -> tuple[str, str] | None:
        for name in names:
            if name in self._owners:
                return f"two different weights would be named `{name}`", self._owners[name]
            if name in self._below:
                return f"`{name}` would be a weight, and weights lie below it", self._below[name]
        for name in above:
            if name in self._owners:
                below = next(lower for lower in names if lower.startswith(f"{name}."))
                return f"`{name}` is a weight, and `{below}` would lie below it", self._owners[name]
        return None

    def is_free(self, path: str) -> bool:
        """Whether no weight lies at a path, above it or below it."""
        return path not in self._below and not any(name in self._owners for name in parts(path))

    def claim(self, path: str) -> None:
        """Keeps a free path from others, as if a weight lay below it."""
        for name in parts(path):
            self._below.setdefault(name, path)

    def release(self, path: str) -> None:
        """Gives a claimed path back."""
        for name in parts(path):
            if self._below.get(name) == path:
                del self._below[name]


def _above(names: Sequence[str]) -> Iterator[str]:
    """The paths that some of the paths lie below.

    >>> sorted(_above(["a.b.weight", "a.b.bias"]))
    ['a', 'a.b']
    """
    # Weights of one node nearly always lie side by side.
    for parent in dict.fromkeys([name.rpartition(".")[0] for name in names]):
        yield from parts(parent)


def parts(path: str) -> Iterator[str]:
    """A path and those above it.

    >>> list(parts("a.b.c"))
    ['a.b.c', 'a.b', 'a']
    """
    while path:
        yield path
        path = path.rpartition(".")[0]
