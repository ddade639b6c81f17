"""A chooser goes in, who is asked at each choice on the way; the choices that were made come out, always a candidate's.

Only answers that lead on are taken, so that what a `where` over choices rules out later is never begun. A way that was
gone is kept as a trace: when one choice of it is changed, only what that bears on is gone anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeAlias

from ghndsl.space.ways.diagram import Ask, Call, Diagram, End
from ghndsl.space.ways.fork import Fork
from ghndsl.space.ways.numbering import Numbering
from ghndsl.space.ways.picking import NoWayError, Text

Chooser: TypeAlias = Callable[[Fork], int]
"""Says which way of a choice's domain is taken, one that leads on."""
Texts: TypeAlias = tuple[Text, ...]


class _Frame:
    """A block whose choices are being made: where it was called, and the forks in it."""

    __slots__ = ("ask", "forks", "inner", "numbering", "outer")

    def __init__(self, numbering: Numbering, forks: dict[Ask, Fork], ask: Ask | None, outer: _Frame | None) -> None:
        self.numbering = numbering
        self.forks = forks
        self.ask = ask
        self.outer = outer
        self.inner: dict[Ask, _Frame] = {}


_Place: TypeAlias = tuple[_Frame, Ask]


class Walks:
    """Ways through the candidates of a numbering.

    >>> from ghndsl.language.choices import Options
    >>> from ghndsl.space.ways.diagram import Diagrams, Pick
    >>> make = Diagrams()
    >>> rest = make.ask(Pick("act", Options(("relu", "gelu", "silu"))), [make.end(0)] * 3)
    >>> walks = Walks(Numbering(make.ask(Pick("depth", Options(("1", "2"))), [make.end(0), rest])))
    >>> walks.gone(lambda fork: fork.ways[-1])
    (('depth', '2'), ('act', 'silu'))
    >>> trace = walks.trace({"depth": "2", "act": "gelu"})
    >>> trace.changed(1, 0, lambda fork: fork.ways[0]), trace.changed(0, 0, lambda fork: fork.ways[0])
    ((('depth', '2'), ('act', 'relu')), (('depth', '1'),))
    """

    def __init__(self, numbering: Numbering) -> None:
        self.numbering = numbering
        self._forks: dict[Numbering, dict[Ask, Fork]] = {}

    def gone(self, choose: Chooser) -> Texts:
        """The choices that a chooser makes."""
        texts: list[Text] = []
        place = self.next(self.root(), self.numbering.start)
        while place is not None:
            fork = fork_at(place)
            way = choose(fork)
            texts.append(fork.text(way))
            place = self.next(place[0], fork.after(way))
        return tuple(texts)

    def trace(self, made: Mapping[str, str]) -> Trace:
        """The way of these choices; raises `NoWayError`."""
        steps: list[Step] = []
        place = self.next(self.root(), self.numbering.start)
        while place is not None:
            fork = fork_at(place)
            text = made.get(fork.path)
            way = None if text is None else fork.found(text)
            if way is None:
                raise NoWayError(fork.path, fork.domain, text)
            steps.append((place, fork, way))
            place = self.next(place[0], fork.after(way))
        return Trace(self, steps)

    def root(self) -> _Frame:
        return _Frame(self.numbering, self._forks_of(self.numbering), None, None)

    def _forks_of(self, numbering: Numbering) -> dict[Ask, Fork]:
        return self._forks.setdefault(numbering, {})

    def next(self, frame: _Frame, diagram: Diagram) -> _Place | None:
        """The next choice from a place in a diagram on; None after the last."""
        while True:
            if isinstance(diagram, End):
                if frame.ask is None or frame.outer is None:
                    return None
                after, frame = frame.ask.next[diagram.group], frame.outer
                assert after is not None
                diagram = after
            elif isinstance(diagram.question, Call):
                frame = self._called(frame, diagram)
                diagram = frame.numbering.start
            else:
                return frame, diagram

    def _called(self, frame: _Frame, ask: Ask) -> _Frame:
        # One frame for each call, so that a way that comes to it again is seen to be where another was.
        if ask not in frame.inner:
            numbering = frame.numbering.called(ask)
            frame.inner[ask] = _Frame(numbering, self._forks_of(numbering), ask, frame)
        return frame.inner[ask]


Step: TypeAlias = tuple[_Place, Fork, int]
"""Where a choice was made, what could be chosen there, and the way that was."""


def fork_at(place: _Place) -> Fork:
    """The choice at a place."""
    frame, ask = place
    if ask not in frame.forks:
        frame.forks[ask] = Fork(frame.numbering, ask)
    return frame.forks[ask]


class Trace:
    """The way of one candidate, choice by choice."""

    def __init__(self, walks: Walks, steps: list[Step]) -> None:
        self.walks = walks
        self.steps = steps
        self.texts: Texts = tuple([fork.text(way) for _, fork, way in steps])

    @cached_property
    def _places(self) -> dict[_Place, int]:
        return {place: index for index, (place, _, _) in enumerate(self.steps)}

    def changed(self, index: int, way: int, choose: Chooser) -> Texts:
        """The choices when one is changed to another way that leads on, and a chooser makes those after it.

        Where the way comes back to one that was gone, the choices from there on stay; a chooser is to keep them anyway.
        """
        place, fork, before = self.steps[index]
        kept, diagram = (*self.texts[:index], fork.text(way)), fork.after(way)
        if diagram is fork.after(before):
            return kept + self.texts[index + 1 :]
        made: list[Text] = []
        rest = len(self.steps)
        after = self.walks.next(place[0], diagram)
        while after is not None:
            if after in self._places:
                rest = self._places[after]
                break
            fork = fork_at(after)
            way = choose(fork)
            made.append(fork.text(way))
            after = self.walks.next(after[0], fork.after(way))
        return (*kept, *made, *self.texts[rest:])
