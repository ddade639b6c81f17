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
from ghndsl.passes.zeros import zeros

Pass: TypeAlias = Callable[[Graph], Graph]

DISTINCT: tuple[Pass, ...] = (identities, zeros, dead)
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

    Weights keep their paths and their order; those of dead parts go with them.

    >>> import ghndsl
    >>> text = "arch a() { input x: f32[N, 4]\\n output y = (x -> relu) * (x -> identity -> relu) + zeros(4) }"
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
    "zeros",
]
