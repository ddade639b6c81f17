"""The nodes that use some weights again go in; the labelled chain whose links they are, if there is one, comes out.

The links of a labelled chain are numbered by their place in it, so their paths tell where one was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ghndsl.ir import Graph, Node
from ghndsl.language.refold.operators import callee_of
from ghndsl.language.refold.repeats import is_link


class SharedChains:
    """Finds labelled chains that are used again. `counts` are the uses of each path of weights."""

    def __init__(self, graph: Graph, counts: Mapping[str, int]) -> None:
        self.nodes = graph.nodes
        self.counts = counts
        self.uses = Counter(value.id for node in graph.nodes for value in node.inputs)
        self.uses.update(port.value.id for port in graph.results)

    def around(self, numbers: Sequence[int]) -> tuple[str, list[range]]:
        """The path of the chain, and its nodes at each use; no nodes when these have only themselves in common."""
        above, _, place = self.nodes[numbers[0]].path.rpartition(".")
        if not above or not place.isdecimal() or len(numbers) < 2:
            return above, []
        starts = [number - int(place) for number in numbers]
        length = min(sum(1 for _ in self._links(start, above)) for start in starts) if min(starts) >= 0 else 0
        first = range(starts[0], starts[0] + length)
        alike = all(self._ops(start, length) == self._ops(first.start, length) for start in starts)
        apart = all(a + length <= b for a, b in pairwise(starts))
        alone = all(self.counts[self.nodes[i].path] == len(numbers) for i in first if self.nodes[i].weights)
        is_chain = length > max(1, int(place)) and alike and apart and alone
        return above, [range(start, start + length) for start in starts] if is_chain else []

    def _links(self, start: int, above: str) -> Iterator[Node]:
        """The nodes from a place on that are links of one chain with that path."""
        before: Node | None = None
        for number, node in enumerate(self.nodes[start:]):
            follows = before is None or (node.inputs == before.results and self.uses[node.inputs[0].id] == 1)
            is_part = node.path == f"{above}.{number}" and (before is None or before.scope is node.scope)
            if not is_part or not follows or len(node.inputs) != 1 or not is_link(callee_of(node)):
                return
            yield node
            before = node

    def _ops(self, start: int, length: int) -> list[object]:
        return [node.op for node in self.nodes[start : start + length]]
