"""A seed and a number go in; a random graph of sound types, whose numbers stay small, comes out."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch

from exported.draw import drawn
from exported.weigh import weighed
from ghndsl.ir import Graph, GraphBuilder, Node, Scope, Value
from ghndsl.ops import Mode, Operator, ShapeError
from ghndsl.ops.base import TABLE
from ghndsl.types import Dim, DType, TensorType, symbol

SIZES = {"N": 2, "H": 7, "W": 6, "T": 5}
"""The values of symbolic sizes while a graph grows and is compared; the batch takes others too."""
_LARGEST = 30.0
_MOST = 20_000
_TRIES = 25
_NAMES = ("x", "mean", "constant", "größe", "input_1", "weight", "relu")
_PATHS = ("a.b", "a_b", "a.b.c", "mean", "x", "слой.0", "constant", "for.in", "Conv")
_FOLDED = ("conv", "conv_transpose", "linear")
_REFUSALS = (ShapeError, ValueError, TypeError, RuntimeError, IndexError)


def grown(seed: int, number: int) -> Graph:
    """The graph of that number."""
    chance = Random(f"{seed} {number}")
    tree = _Growing(chance)
    for name in chance.sample(_NAMES, chance.choice((1, 1, 1, 2, 3))):
        tree.take(name, _input(chance))
    wanted = chance.randint(1, 10)
    for _ in range(20 * wanted):
        if len(tree.build.nodes) >= wanted:
            break
        tree.add()
    return tree.finish()


def _input(chance: Random) -> TensorType:
    """Tokens, images, sequences or volumes, of odd sizes; now and then indices, and sizes that are not known."""
    n = symbol("N")
    odd = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13)
    image: list[Dim] = [chance.choice((1, 2, 3, 4, 6, 8)), chance.choice(odd), chance.choice(odd)]
    if chance.random() < 0.2:
        image[1:] = [symbol("H"), chance.choice((symbol("W"), 2 * symbol("W") + 1, 5))]
    shapes: list[tuple[Dim, ...]] = [
        (n, chance.choice((3, 4, 6, 8))),
        (n, chance.choice((symbol("T"), 5, 9)), chance.choice((4, 6, 8))),
        (n, chance.choice((2, 3, 4, 6)), chance.choice(odd)),
        (n, *image),
        (n, *image),
        (n, *image),
        (n, chance.choice((1, 2, 4)), chance.choice((3, 4, 5)), chance.choice((2, 5, 6)), chance.choice((3, 4))),
    ]
    if chance.random() < 0.1:
        return TensorType((n, chance.choice((3, symbol("T")))), DType.I64)
    return TensorType(chance.choice(shapes))


class _Growing:
    """A graph that grows, and the tensors of its values in one run."""

    def __init__(self, chance: Random) -> None:
        self.build = GraphBuilder("random")
        self._chance = chance
        self._scope = Scope("arch", "random")
        self._tensors: dict[Value, torch.Tensor] = {}
        self._generator = torch.Generator().manual_seed(chance.randrange(2**31))
        self._weights: dict[str, torch.Tensor] = {}

    def take(self, name: str, kind: TensorType) -> None:
        """Adds an input."""
        value = self.build.input(name, kind)
        self._tensors[value] = drawn_input(kind, SIZES, self._generator)

    def add(self) -> None:
        """Adds one node, if one is found in a few tries."""
        chance = self._chance
        weighted = [node for node in self.build.nodes if node.weights]
        if weighted and chance.random() < 0.1:
            node = chance.choice(weighted)
            self._try(node.op, [chance.choice(list(self._tensors)) for _ in node.inputs], node.path)
            return
        last = self.build.nodes[-1] if self.build.nodes else None
        # What may be folded together would hardly ever meet by chance.
        folds = last is not None and last.op.name in _FOLDED and chance.random() < 0.4
        kind = TABLE["batch_norm" if folds else chance.choice(sorted(TABLE))]
        for _ in range(_TRIES):
            given = [last.results[0]] if last is not None and folds else self._given(kind)
            try:
                op = drawn(chance, kind, tuple(value.type for value in given))
            except _REFUSALS:
                continue
            if self._try(op, given, self._path(op, given)):
                return

    def _given(self, kind: type[Operator]) -> list[Value]:
        """Values that may fit: of one shape, or any."""
        chance, values = self._chance, list(self._tensors)
        count = chance.randint(1, 3) if kind.tensors is None else kind.tensors
        count += chance.randint(0, kind.optional)
        if not count:
            return []
        # The younger, the likelier.
        first = values[max(chance.randrange(len(values)), chance.randrange(len(values)))]
        alike = [value for value in values if value.type == first.type]
        return [first, *(chance.choice(alike if chance.random() < 0.6 else values) for _ in range(count - 1))]

    def _path(self, op: Operator, given: Sequence[Value]) -> str:
        taken = {node.path for node in self.build.nodes}
        free = [path for path in _PATHS if not any(_overlap(path, other) for other in taken)]
        if free and self._chance.random() < 0.4:
            return self._chance.choice(free)
        return f"layer{len(self.build.nodes)}"

    def _try(self, op: Operator, given: Sequence[Value], path: str) -> bool:
        """Adds a call if its types are sound and its numbers small; what torch refuses to run is not wanted here."""
        try:
            op.infer(*(value.type for value in given))
            node = Node(op, tuple(given), (), path, self._scope)
            weights = {one.name: self._weights.get(node.weight_path(one)) for one in node.weights}
            for one in node.weights:
                if weights[one.name] is None:
                    weights[one.name] = weighed(one, node.weight_path(one))
            if any(weights[one.name].shape != one.shape for one in node.weights):
                return False
            results = op.run([self._tensors[value] for value in given], weights, Mode(sizes=SIZES))
        except _REFUSALS:
            return False
        if not all(_is_small(result) for result in results):
            return False
        values = self.build.add(op, given, path, self._scope)
        self._tensors.update(zip(values, results, strict=True))
        self._weights |= {node.weight_path(one): weights[one.name] for one in node.weights}
        return True

    def finish(self) -> Graph:
        """The graph; what nothing uses is an output, and now and then what is used too."""
        used = {value for node in self.build.nodes for value in node.inputs}
        made = [value for node in self.build.nodes for value in node.results]
        names = [*self._chance.sample(("y", "sum", "a.b.out", "constant_1", "出力", "Relu", "out_1"), 4)]
        outputs = [value for value in made if value not in used] or list(self._tensors)[:1]
        outputs += [self._chance.choice(list(self._tensors))] * (self._chance.random() < 0.2)
        for name, value in zip(names, outputs, strict=False):
            self.build.output(name, value)
        return self.build.finish()


def _overlap(one: str, other: str) -> bool:
    """Whether one path lies at or below the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _is_small(value: torch.Tensor) -> bool:
    if not 0 < value.numel() <= _MOST:
        return False
    return not value.is_floating_point() or bool(value.abs().max() <= _LARGEST)


def drawn_input(kind: TensorType, sizes: dict[str, int], generator: torch.Generator) -> torch.Tensor:
    """Normal numbers, or indices that any table has."""
    shape = [size for size in kind.substitute(sizes).shape if isinstance(size, int)]
    if kind.dtype.is_float:
        return torch.randn(shape, generator=generator)
    return torch.randint(3, shape, generator=generator)
