"""Graph in, graph out: one pass a file, each of which keeps the function of the network for all weights."""

from collections.abc import Callable

from ghndsl.ir import Graph
from ghndsl.passes.dead import dead
from ghndsl.passes.identities import identities
from ghndsl.passes.zeros import zeros

DISTINCT: tuple[Callable[[Graph], Graph], ...] = (identities, zeros, dead)
"""The passes after which a space calls graphs distinct by their id."""


def simplify(graph: Graph) -> Graph:
    """The passes of `DISTINCT`, until none changes anything: two candidates are distinct when their simplified ids are.

    The function is kept for all weights that are left; weights of dead parts go with them.
    """
    while True:
        before = graph
        for one in DISTINCT:
            graph = one(graph)
        if graph is before:
            return graph


__all__ = ["DISTINCT", "dead", "identities", "simplify", "zeros"]
