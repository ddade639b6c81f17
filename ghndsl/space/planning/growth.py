"""Answers explored one by one go in; the finished diagram of all of them comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ghndsl.space.measures.costs import Item, Kept, Limit, Spent, Used
from ghndsl.space.ways.diagram import Call, Diagram, Diagrams, Fault, Pick, Question

_Made = TypeVar("_Made")


@dataclass(eq=False)
class Vertex:
    """A place in a diagram that still grows: what is asked there and where the answers lead, or that it is an end.

    What costs something there is asked like a question, and has one answer; no diagram has it. A vertex that turns out
    to be one with another says so in `same`.
    """

    asked: Question | Item | None = None
    next: dict[int, Vertex] = field(default_factory=dict[int, "Vertex"])
    same: Vertex | None = None
    group: int | None = None

    def along(self, answers: Iterable[tuple[Question | Item, int]]) -> Vertex:
        """The vertex after these answers, grown where it was not."""
        vertex = self
        for question, answer in answers:
            vertex.asked = question
            vertex = vertex.next.setdefault(answer, Vertex())
        return vertex

    @property
    def itself(self) -> Vertex:
        """The vertex that this one is one with."""
        vertex = self
        while vertex.same is not None:
            vertex = vertex.same
        return vertex


def finish(start: Vertex, make: Diagrams) -> Diagram | None:
    """The diagram that has grown from a vertex, without what leads to no end."""
    return folded(start, lambda vertex, done: _finished(vertex, done, make))


def folded(start: Vertex, of: Callable[[Vertex, Mapping[Vertex, _Made]], _Made]) -> _Made:
    """What is made of a vertex, given what was made of all those after it; of each once."""
    done: dict[Vertex, _Made] = {}
    stack: list[tuple[Vertex, bool]] = [(start.itself, False)]
    while stack:
        vertex, left = stack.pop()
        if vertex in done:
            continue
        if left or vertex.asked is None:
            done[vertex] = of(vertex, done)
        else:
            stack.append((vertex, True))
            stack += [(after.itself, False) for after in vertex.next.values() if after.itself not in done]
    return done[start.itself]


def _finished(vertex: Vertex, done: Mapping[Vertex, Diagram | None], make: Diagrams) -> Diagram | None:
    if vertex.asked is None:
        return None if vertex.group is None else make.end(vertex.group)
    if isinstance(vertex.asked, Spent | Kept | Used | Limit):
        (after_it,) = vertex.next.values()
        return done[after_it.itself]
    after: list[Diagram | None] = [None] * width(vertex.asked)
    for answer, target in vertex.next.items():
        after[answer] = done[target.itself]
    return make.ask(vertex.asked, after)


def width(question: Question) -> int:
    """How many answers a question has."""
    match question:
        case Pick():
            return question.width
        case Call():
            return question.width
        case Fault():
            return 1
