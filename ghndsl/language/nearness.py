"""What a choice may be goes in; what is near to one way to choose, and what is nearest to wanted marks, come out.

A mark is what can be true of a way to choose: that an option is taken, that an edge is there. How much it is wanted is
a number from 0 to 1, as a vector has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ghndsl.dags import Dag, Dags
from ghndsl.dags.dag import dag_text
from ghndsl.dags.fitting import fitted


def near_subsets(picks: tuple[int, ...], count: int, low: int, high: int) -> Iterator[tuple[int, ...]]:
    """Subsets of `range(count)` of `low` to `high` items that lack one of another's, have one more, or one exchanged.

    >>> sorted(near_subsets((0, 2), 3, 1, 2))
    [(0,), (0, 1), (1, 2), (2,)]
    """
    others = [item for item in range(count) if item not in picks]
    fewer = [tuple([one for one in picks if one != left]) for left in picks]
    if len(picks) > low:
        yield from fewer
    yield from [tuple(sorted((*kept, item))) for kept in fewer for item in others]
    if len(picks) < high:
        yield from [tuple(sorted((*picks, item))) for item in others]


def best_fit(marked: Callable[[int], Iterable[str]], ways: Iterable[int], marks: Mapping[str, float]) -> int:
    """The way, of some, whose marks are the wanted ones as nearly as can be; the first of several.

    >>> best_fit("ab ac bc".split().__getitem__, range(3), {"a": 0.2, "b": 0.9, "c": 0.7})
    2
    """
    return max(ways, key=lambda way: fit(marked(way), marks))


def fit(marked: Iterable[str], marks: Mapping[str, float]) -> float:
    """How well marks are the wanted ones; the squared distance is less by as much as this is more."""
    return sum([2 * marks.get(mark, 0.0) - 1 for mark in marked])


def graph_marks(dags: Dags) -> tuple[str, ...]:
    """The marks of graphs: edges and labels.

    >>> from ghndsl.dags import Family
    >>> graph_marks(Dags(Family((2, 3), (1, 3)), ("conv", "pool")))
    (':0>1', ':0>out', ':1>out', ':1=conv', ':1=pool')
    """
    inputs, most = dags.family.inputs, dags.family.sizes[-1]
    edges = edge_marks(inputs, most, most)
    return (*edges, *[f":{vertex}={label}" for vertex in range(inputs, most - 1) for label in dags.labels])


def edge_marks(inputs: int, vertices: int, targets: int) -> list[str]:
    """The marks of the edges of graphs of so many vertices that lead to the first so many."""
    return [_edge(source, vertex, vertices - 1) for vertex in range(inputs, targets) for source in range(vertex)]


def marked_graph(dag: Dag) -> tuple[str, ...]:
    """The marks of one graph."""
    edges = [_edge(source, vertex, len(dag) - 1) for vertex, sources in enumerate(dag.sources) for source in sources]
    return (*edges, *[f":{vertex}={label}" for vertex, label in zip(dag.inner, dag.labels, strict=True)])


def fitting_graph(dags: Dags, marks: Mapping[str, float]) -> Dag:
    """The graph that is nearest of those which fit best for each number of vertices."""
    found = [graph_of(dags, vertices, marks) for vertices in dags.family.sizes]
    return max([dag for dag in found if dag is not None], key=lambda dag: fit(marked_graph(dag), marks))


def graph_of(dags: Dags, vertices: int, marks: Mapping[str, float]) -> Dag | None:
    """A graph of so many vertices that has the wanted marks as nearly as is found; None where there is no graph."""

    def wanted(source: int, vertex: int) -> float:
        return marks.get(_edge(source, vertex, vertices - 1), 0.0)

    masks = fitted(dags.family, vertices, wanted)
    if masks is None:
        return None
    inner = range(dags.family.inputs, vertices - 1)
    labels = [max(dags.labels, key=lambda label: marks.get(f":{vertex}={label}", 0.0)) for vertex in inner]
    return dags.find(dag_text(masks, labels))


def _edge(source: int, vertex: int, last: int) -> str:
    # The output has one place in a vector, however many vertices are before it.
    return f":{source}>{'out' if vertex == last else vertex}"
