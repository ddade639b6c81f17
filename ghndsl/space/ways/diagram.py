"""Questions and where each answer leads go in; decision diagrams come out, interned: two are equal when identical.

A diagram asks what a candidate must choose, in the order in which it is elaborated; a way through it is one set of
answers. The choices of a called block are a diagram of their own, used by reference wherever the block is called alike,
so that a diagram stays small while the number of ways through it is without bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.language.choices import Domain
from ghndsl.language.values import join
from ghndsl.records import record


@record
class Pick:
    """What is chosen at a path, which counts from the caller's label; answer `i` is way `i` of the domain.

    Where ways are too many to be followed one by one, those of the numbers `tried` are: answer `i` is then the i-th of
    them. `span` is where the choice stands, and does not count when questions are compared.
    """

    path: str
    domain: Domain
    is_absolute: bool = False
    tried: tuple[int, ...] | None = None
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def width(self) -> int:
        """How many answers there are."""
        return self.domain.size if self.tried is None else len(self.tried)

    def way(self, answer: int) -> int:
        """The number of the way that an answer is."""
        return answer if self.tried is None else self.tried[answer]

    def shown(self, answer: int) -> str:
        """An answer as a candidate's line shows it."""
        return self.domain.show(self.domain.picks(self.way(answer)))


@record
class Call:
    """What is chosen in a called block, below a prefix; answer `g` is any way that ends in group `g`."""

    prefix: str
    inner: Diagram
    width: int
    is_absolute: bool = False


@record
class Fault:
    """Not a question: candidates that come by here are ill-formed. There is one answer.

    A consequence is a fault only of those that have met no other before.
    """

    diagnostic: Diagnostic
    is_consequence: bool = False


Question: TypeAlias = Pick | Call | Fault


@dataclass(frozen=True, eq=False)
class End:
    """Nothing is left to choose; ways with one group look alike to whoever called the block."""

    group: int


@dataclass(frozen=True, eq=False)
class Ask:
    """A question, and what comes after each answer; None where no candidate goes."""

    question: Question
    next: tuple[Diagram | None, ...]


Diagram: TypeAlias = Ask | End


class Diagrams:
    """Makes diagrams, each once.

    >>> from ghndsl.language.choices import Options
    >>> make, domain = Diagrams(), Options(("relu", "gelu"))
    >>> make.ask(Pick("act", domain), [make.end(0), None]) is make.ask(Pick("act", domain), [make.end(0), None])
    True
    >>> make.ask(Pick("act", domain), [None, None]) is None
    True
    """

    def __init__(self) -> None:
        self._ends: dict[int, End] = {}
        self._asks: dict[tuple[Question, tuple[int, ...]], Ask] = {}

    def __len__(self) -> int:
        return len(self._asks)

    def end(self, group: int) -> End:
        """The end of all ways of a group."""
        return self._ends.setdefault(group, End(group))

    def ask(self, question: Question, after: Sequence[Diagram | None]) -> Diagram | None:
        """The diagram that begins with a question; None when no answer leads on."""
        if all(diagram is None for diagram in after):
            return None
        key = (question, tuple(map(id, after)))
        return self._asks.setdefault(key, Ask(question, tuple(after)))


def in_order(start: Diagram) -> list[Diagram]:
    """A diagram and all after it, each before those it leads to; called blocks' own diagrams are not entered."""
    done: set[Diagram] = set()
    order: list[Diagram] = []
    stack: list[tuple[Diagram, bool]] = [(start, False)]
    while stack:
        diagram, left = stack.pop()
        if left:
            order.append(diagram)
        elif diagram not in done:
            done.add(diagram)
            stack.append((diagram, True))
            if isinstance(diagram, Ask):
                stack += [(after, False) for after in dict.fromkeys(diagram.next) if after and after not in done]
    return order[::-1]


def below(question: Pick | Call, base: str) -> str:
    """The full path of a pick, or the full prefix of a call, in a block whose choices are below `base`."""
    path = question.path if isinstance(question, Pick) else question.prefix
    return path if question.is_absolute else join(base, path)


def picks(start: Diagram) -> Iterator[tuple[str, Pick]]:
    """Every choice that some way makes, by its full path; the same one may come up again with another domain."""
    seen: set[tuple[Diagram, str]] = set()
    stack: list[tuple[Diagram, str]] = [(start, "")]
    while stack:
        diagram, base = stack.pop()
        if (diagram, base) in seen:
            continue
        seen.add((diagram, base))
        if isinstance(diagram, End):
            continue
        stack += [(after, base) for after in reversed(diagram.next) if after]
        if isinstance(diagram.question, Pick):
            yield below(diagram.question, base), diagram.question
        elif isinstance(diagram.question, Call):
            stack.append((diagram.question.inner, below(diagram.question, base)))


def motifs(start: Diagram) -> frozenset[str]:
    """The motifs whose choices some way makes."""
    found: set[str] = set()
    seen, stack = {start}, [start]
    while stack:
        for part in in_order(stack.pop()):
            question = part.question if isinstance(part, Ask) else None
            if isinstance(question, Pick) and question.is_absolute:
                found.add(question.path.partition(".")[0])
            if isinstance(question, Call):
                found.update([question.prefix] if question.is_absolute else [])
                if question.inner not in seen:
                    seen.add(question.inner)
                    stack.append(question.inner)
    return frozenset(found)
