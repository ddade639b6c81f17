"""The paths of weights go in as they are made; why a further one cannot stand beside them comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghndsl.language.values import join
from ghndsl.ops import Weight


class WeightPaths:
    """The weights of a graph as a tree of names: none is made twice, and none lies below another."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._below: dict[str, str] = {}

    def clash(self, path: str, weights: Sequence[Weight]) -> tuple[str, str] | None:
        """What is wrong with the weights of a node at `path`, and the path of the node they clash with.

        >>> from ghndsl.ops import Conv
        >>> from ghndsl.types import TensorType
        >>> paths, kernel = WeightPaths(), Conv(8, 3, bias=False).weights(TensorType((1, 3, 9, 9)))
        >>> paths.add("a", kernel)
        >>> paths.clash("b", kernel), paths.clash("a.weight", kernel)
        (None, ('`a.weight` is a weight, and `a.weight.weight` would lie below it', 'a'))
        """
        names = [join(path, weight.name) for weight in weights]
        for name in names:
            if name in self._owners:
                return f"two different weights would be named `{name}`", self._owners[name]
            if name in self._below:
                return f"`{name}` would be a weight, and weights lie below it", self._below[name]
        for above in _above(names):
            if above in self._owners:
                below = next(name for name in names if name.startswith(f"{above}."))
                return f"`{above}` is a weight, and `{below}` would lie below it", self._owners[above]
        return None

    def add(self, path: str, weights: Sequence[Weight]) -> None:
        """Adds the weights of a node."""
        names = [join(path, weight.name) for weight in weights]
        self._owners.update(dict.fromkeys(names, path))
        for above in _above(names):
            self._below.setdefault(above, path)


def _above(names: Sequence[str]) -> Iterator[str]:
    """The paths that some of the paths lie below.

    >>> sorted(_above(["a.b.weight", "a.b.bias"]))
    ['a', 'a.b']
    """
    # Weights of one node nearly always lie side by side.
    for parent in dict.fromkeys(name.rpartition(".")[0] for name in names):
        above = parent
        while above:
            yield above
            above = above.rpartition(".")[0]
