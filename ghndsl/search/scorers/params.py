"""The count of parameters: the least that others must beat."""

from __future__ import annotations

from ghndsl.ir import Graph
from ghndsl.search.scorers.counted import Counted


class Params(Counted):
    """The count of trainable numbers."""

    name = "params"

    def count(self, graph: Graph) -> int:
        """Always known."""
        return graph.params
