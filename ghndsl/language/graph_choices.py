"""The arguments of `dags(...)` and the labels of its branches go in; the graphs that a choice may be come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

from ghndsl.dags import MOST_VERTICES, DagError, Dags, Family, interval
from ghndsl.dags.near import near
from ghndsl.language.bounds import ArithmeticFault
from ghndsl.language.nearness import best_fit, fitting_graph, graph_marks, marked_graph
from ghndsl.language.values import ChosenGraph, Result, describe
from ghndsl.records import record


class GraphFault(ArithmeticFault):
    """What is wrong with an argument of `dags`."""

    def __init__(self, argument: str, message: str, code: str = "G122") -> None:
        super().__init__(message, code)
        self.argument = argument


_MOST_COMPARED = 300
"""Graphs that are compared one by one with what is wanted."""
PARAMETERS = ("vertices", "edges", "inputs", "ends")
"""What `dags` takes, in order."""


@record
class GraphDomain:
    """A choice of one of `dags`, a pick of which is its number.

    >>> domain = GraphDomain(Dags(Family((2, 7), (1, 9)), ("conv", "pool")))
    >>> domain.options, domain.find("dag(pool;1>2,0>1)"), domain.show((2,))
    (('dags(2..7 vertices, 1..9 edges; conv, pool): 61,199 graphs',), (2,), 'dag(pool;0>1,1>2)')
    """

    dags: Dags

    @property
    def options(self) -> tuple[str, ...]:
        return (str(self.dags),)

    @property
    def size(self) -> int:
        return self.dags.size

    def picks(self, number: int) -> tuple[int, ...]:
        return (number,)

    def number(self, picks: tuple[int, ...]) -> int:
        return picks[0]

    def show(self, picks: tuple[int, ...]) -> str:
        return self.dags.text(picks[0])

    def texts(self, start: int) -> Iterator[str]:
        return self.dags.texts(start)

    def find(self, shown: str) -> tuple[int, ...] | None:
        try:
            return (self.dags.number(self.dags.find(shown)),)
        except DagError:
            return None

    def hint(self, shown: str | None) -> str | None:
        try:
            self.dags.find(shown or "")
        except DagError as reason:
            return str(reason)
        return None

    def near(self, way: int, rng: Random | None = None) -> Iterator[int]:
        """The graphs that one edit makes; by chance, those rather first that more edits make."""
        seen = {way}
        for number in map(self.dags.number, near(self.dags, self.dags.dag(way), rng)):
            if number not in seen:
                seen.add(number)
                yield number

    @property
    def marks(self) -> tuple[str, ...]:
        return graph_marks(self.dags)

    def marked(self, way: int) -> tuple[str, ...]:
        return marked_graph(self.dags.dag(way))

    def fitting(self, marks: Mapping[str, float]) -> int:
        if self.size <= _MOST_COMPARED:
            return best_fit(self.marked, range(self.size), marks)
        return self.dags.number(fitting_graph(self.dags, marks))


def graph_family(given: Mapping[str, Result]) -> Family:
    """The graphs that arguments of `dags` ask for; raises `GraphFault` for wrong ones."""
    inputs = given.get("inputs", 1)
    if type(inputs) is not int or inputs < 1:
        raise GraphFault("inputs", f"`inputs` is a whole number from 1 on, not {describe(inputs)}")
    if given.get("ends") not in (None, "leaves"):
        raise GraphFault("ends", f'`ends` can be "leaves", not {describe(given["ends"])}')
    vertices = _bounds("vertices", given["vertices"])
    if vertices[0] < inputs + 1:
        ends = f"the {'input' if inputs == 1 else f'{inputs} inputs'} and the output are {inputs + 1} vertices"
        raise GraphFault("vertices", f"there is no graph of {_count(vertices[0])}: {ends}", "G307")
    if vertices[1] > MOST_VERTICES:
        raise GraphFault("vertices", f"graphs of more than {MOST_VERTICES} vertices cannot be counted", "G307")
    edges = _bounds("edges", given["edges"]) if "edges" in given else (0, vertices[1] * (vertices[1] - 1) // 2)
    return Family(vertices, edges, inputs, leaves=given.get("ends") == "leaves")


def _count(vertices: int) -> str:
    return f"{vertices} {'vertex' if vertices == 1 else 'vertices'}"


def _bounds(name: str, value: Result) -> tuple[int, int]:
    """The least and the most of a number or an interval."""
    numbers = value if isinstance(value, tuple) else (value,)
    whole = [number for number in numbers if type(number) is int and number >= 0]
    if value == ():
        raise GraphFault(name, f"`{name}` is an interval that holds no number", "G307")
    if len(whole) < len(numbers) or whole != list(range(whole[0], whole[-1] + 1)):
        message = f"`{name}` is a whole number or an interval such as 2..7, not {describe(value)}"
        raise GraphFault(name, message)
    return whole[0], whole[-1]


def emptiness(dags: Dags) -> tuple[str, str | None] | None:
    """Why there is no graph to choose, with a help line; None when there is one."""
    family = dags.family
    if not dags.labels and family.vertices[1] > family.inputs + 1:
        return "the inner vertices of these graphs need labels, and there is none", None
    if dags.size:
        return None
    least, most = family.possible_edges
    vertices = f"{interval(family.vertices)} vertices"
    return f"no graph of {vertices} has {interval(family.edges)} edges", f"they have {least} to {most}"


_MEMBERS: dict[str, Callable[[ChosenGraph], Result]] = {
    "inner": lambda graph: tuple(graph.dag.inner),
    "inputs": lambda graph: graph.dag.sources,
    "outputs": lambda graph: graph.dag.targets,
    "ops": lambda graph: graph.ops,
    "ends": lambda graph: graph.dag.sources[-1],
}
"""What is asked of a chosen graph: `inner` vertices, what feeds each vertex (`inputs`) and what it feeds (`outputs`),
what the inner vertices apply (`ops`; none for the others), and what feeds the output (`ends`)."""
MEMBERS = tuple(_MEMBERS)


def member(graph: ChosenGraph, name: str) -> Result:
    """A member of a chosen graph, one of `MEMBERS`."""
    return _MEMBERS[name](graph)
