"""A small space of cells made by hand, which the tests of the hypernetwork draw from."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count

import pytest

from ghndsl import ops
from ghndsl.data import Dataset, load
from ghndsl.ir import Graph, GraphBuilder, Scope, Value
from ghndsl.types import TensorType, symbol


class _Net:
    """A graph in the making; weights are named by the order of their nodes."""

    def __init__(self, name: str) -> None:
        self.build = GraphBuilder(name)
        self.scope = Scope("arch", name)
        self.paths = map(str, count())

    def add(self, op: ops.Operator, *values: Value) -> Value:
        return self.build.add(op, values, next(self.paths), self.scope)[0]

    def conv(self, x: Value, channels: int, size: int, **more: int) -> Value:
        x = self.add(ops.Relu(), x)
        x = self.add(ops.Conv(channels, size, padding=size // 2, bias=False, **more), x)
        return self.add(ops.BatchNorm(), x)


def _cell(net: _Net, x: Value, channels: int, edges: tuple[str, str, str]) -> Value:
    """Two inner nodes: x to a, a to b and x to b, each edge with one of four operations."""
    edge: dict[str, Callable[[Value], Value]] = {
        "skip": lambda y: net.add(ops.Identity(), y),
        "conv1": lambda y: net.conv(y, channels, 1),
        "conv3": lambda y: net.conv(y, channels, 3),
        "depthwise": lambda y: net.conv(net.conv(y, channels, 3, groups=channels), channels, 1),
        "pool": lambda y: net.add(ops.AvgPool(3, stride=1, padding=1), y),
    }
    a = edge[edges[0]](x)
    return net.add(ops.Add(), edge[edges[1]](a), edge[edges[2]](x))


def _network(edges: tuple[str, str, str], width: int = 8, cells: int = 3, *, motif: bool = True) -> Graph:
    """A stem, cells of one motif with a strided convolution before the last, and a head, for the digits."""
    net = _Net("cells")
    x = net.build.input("image", TensorType((symbol("N"), 1, 8, 8)))
    x = net.add(ops.Conv(width, 3, padding=1, bias=False), x)
    x = net.add(ops.BatchNorm(), x)
    arch = net.scope
    for use in range(cells):
        if use == cells - 1:
            width *= 2
            x = net.conv(x, width, 3, stride=2)
        net.scope = Scope("motif", "Cell", f"cell{use}", arch, use=use) if motif else arch
        x = _cell(net, x, width, edges)
        net.scope = arch
    x = net.add(ops.Relu(), x)
    x = net.add(ops.AdaptiveAvgPool(1), x)
    x = net.add(ops.Flatten(), x)
    net.build.output("logits", net.add(ops.Linear(10), x))
    return net.build.finish()


KINDS = ("skip", "conv1", "conv3", "depthwise", "pool")


def _draw(number: int) -> Graph:
    """The candidate of a number: three edges, five operations, two widths, two depths."""
    rng = random.Random(number)
    a, b, c = (rng.choice(KINDS) for _ in range(3))
    return _network((a, b, c), rng.choice([6, 8]), rng.choice([2, 3]))


@pytest.fixture(scope="session")
def draw() -> Callable[[int], Graph]:
    """The candidate of a number."""
    return _draw


@pytest.fixture(scope="session")
def network() -> Callable[..., Graph]:
    """A network from the operations of its cell's edges, width and count of cells."""
    return _network


@pytest.fixture(scope="session")
def graphs() -> list[Graph]:
    """Some candidates, together with every operation and both depths."""
    return [_draw(number) for number in range(12)] + [_network(("conv3", "depthwise", "pool"))]


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load("digits")
