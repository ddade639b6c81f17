"""Graph in, graph out: one pass a file, each of which keeps the function of the network for all weights."""

from collections.abc import Callable
from typing import TypeAlias

from ghndsl.ir import Graph
from ghndsl.passes.common import common
from ghndsl.passes.constants import constants
from ghndsl.passes.dead import dead
from ghndsl.passes.identities import identities
from ghndsl.passes.idle import idle
from ghndsl.passes.layouts import layouts
from ghndsl.passes.numbers import numbers
from ghndsl.passes.until import until
from ghndsl.passes.zeros import zeros

Pass: TypeAlias = Callable[[Graph], Graph]

# Which of several zeros is left depends on what else there is: nothing that is dead, then.
DISTINCT: tuple[Pass, ...] = (identities, dead, zeros, dead)
"""The passes after which a space calls graphs distinct by their id."""

OPTIMIZED: tuple[Pass, ...] = (identities, zeros, idle, layouts, constants, numbers, common, dead)
"""The passes that leave no work in a graph that need not be done."""


def simplify(graph: Graph) -> Graph:
    """The passes of `DISTINCT`, until none changes anything: two candidates are distinct when their simplified ids are.

    The function is kept for all weights that are left; weights of dead parts go with them.
    """
    return settled(DISTINCT, graph)


def optimize(graph: Graph) -> Graph:
    """The passes of `OPTIMIZED`, until none changes anything: the same function of the same inputs, with fewer nodes.

    Numbers are the same to the last bit, but that a sum of three may be added in another order, that a zero may keep
    its sign where `zeros_like` was added, and that what is known beforehand may be rounded otherwise. Weights keep
    their paths and their order. Those of dead parts go with them, so that of all weights the others are taken by path:

    >>> import ghndsl
    >>> from ghndsl.emit.initial import initial_weights
    >>> text = "arch a() { input x: f32[N, 4]\\n lost = x -> linear(4) as a\\n output y = x -> linear(4) as b }"
    >>> graph = ghndsl.loads(text)
    >>> smaller, weights = optimize(graph), initial_weights(graph, 0)
    >>> module = ghndsl.to_torch(smaller, {path: weights[path] for path in smaller.weights})

    Here nothing is computed twice, or for nothing:

    >>> text = "arch a() { input x: f32[N, 4]\\n output y = (x -> relu) * (x -> identity -> relu) * ones(4) }"
    >>> [node.op.name for node in optimize(ghndsl.loads(text)).nodes]
    ['relu', 'mul']
    """
    return settled(OPTIMIZED, graph)


def settled(passes: tuple[Pass, ...], graph: Graph) -> Graph:
    """A graph after passes in turn, until none changes anything."""
    while True:
        before = graph
        for one in passes:
            graph = one(graph)
        if graph is before:
            return graph


__all__ = [
    "DISTINCT",
    "OPTIMIZED",
    "Pass",
    "common",
    "constants",
    "dead",
    "identities",
    "idle",
    "layouts",
    "numbers",
    "optimize",
    "settled",
    "simplify",
    "until",
    "zeros",
]
