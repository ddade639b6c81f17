"""Bounds on the vertices and edges of DAGs go in; which DAGs are meant, and why another is not, come out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.records import record


@record
class Family:
    """DAGs of a number of vertices and edges, least and most: the inputs first, the output last.

    Every inner vertex lies on a way from an input to the output, and every input feeds some vertex. With `leaves`
    nothing feeds the output but what feeds no other vertex. `edges` count those to the output too.
    """

    vertices: tuple[int, int]
    edges: tuple[int, int]
    inputs: int = 1
    leaves: bool = False

    @property
    def sizes(self) -> range:
        """The numbers of vertices."""
        return range(max(self.vertices[0], self.inputs + 1), self.vertices[1] + 1)

    @property
    def possible_edges(self) -> tuple[int, int]:
        """The least and the most edges that DAGs of these numbers of vertices have, whatever `edges` says."""
        inner = self.inner(self.sizes[-1])
        among = inner * (inner - 1) // 2 + self.inputs * inner
        to_output = min(inner, 1) or self.inputs if self.leaves else inner + self.inputs
        return self.sizes[0] - 1, among + to_output

    @property
    def has_any_edges(self) -> bool:
        """Whether all numbers of edges that there can be are meant."""
        least, most = self.possible_edges
        return self.edges[0] <= least and self.edges[1] >= most

    def inner(self, vertices: int) -> int:
        """How many of so many vertices are inner ones."""
        return vertices - self.inputs - 1

    def refusal(self, masks: Sequence[int]) -> str | None:
        """Why a DAG, given by the sources of its vertices, is none of these; None when it is."""
        count, edges = len(masks), sum([mask.bit_count() for mask in masks])
        if count not in self.sizes:
            return f"it has {count} vertices, not {interval(self.vertices)}"
        if not self.edges[0] <= edges <= self.edges[1]:
            return f"it has {edges} edge{'s' * (edges != 1)}, not {interval(self.edges)}"
        feeding = 0
        for mask in masks[:-1]:
            feeding |= mask
        joined = masks[-1] & feeding
        if self.leaves and joined:
            vertex = joined.bit_length() - 1
            return f"vertex {vertex} feeds another one beside the output, and leaves alone feed the output here"
        return None

    def __str__(self) -> str:
        parts = [f"{interval(self.vertices)} vertices"]
        parts += [f"{self.inputs} inputs"] if self.inputs > 1 else []
        most = self.vertices[1] * (self.vertices[1] - 1) // 2
        parts += [f"{interval(self.edges)} edges"] if self.edges[0] > 0 or self.edges[1] < most else []
        return ", ".join([*parts, *(["leaves to the output"] if self.leaves else [])])


def interval(bounds: tuple[int, int]) -> str:
    """A number, or the least and the most as the language writes them.

    >>> interval((2, 7)), interval((3, 3))
    ('2..7', '3')
    """
    least, most = bounds
    return str(least) if least == most else f"{least}..{most}"
