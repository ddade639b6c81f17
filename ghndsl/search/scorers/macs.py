"""The count of multiply-accumulates."""

from __future__ import annotations

from ghndsl.ir import Graph
from ghndsl.search.scorers.counted import Counted


class MACs(Counted):
    """Multiply-accumulates for one image."""

    name = "macs"

    def count(self, graph: Graph) -> int | None:
        """None while sizes are symbolic."""
        return graph.macs
