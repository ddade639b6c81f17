"""What happens while a body is run goes in, event by event; what a script can be made of comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.ir import Port, Scope, Value
from ghndsl.language.choices import Domain
from ghndsl.language.weight_paths import parts
from ghndsl.space.replaying.pieces import below
from ghndsl.space.replaying.script import Outcome


@dataclass
class Read:
    """A choice was read, after so many nodes; in a motif within the body its path is absolute."""

    at: int
    path: str
    domain: Domain
    span: Span
    text: str
    in_motif: bool = False


@dataclass
class Called:
    """A block whose script forks was called, and made the nodes from `at` to `end`; it gave tensors that are new."""

    at: int
    end: int
    key: object
    tensors: Sequence[Value]
    scope: Scope
    choices: str
    depth: int
    fresh: Sequence[Value]
    outcome: Outcome
    in_motif: bool = False


@dataclass
class Began:
    """A block was called whose steps are the caller's."""

    at: int
    scope: Scope


@dataclass
class Took:
    """A graph input was made."""

    at: int
    port: Port


Event: TypeAlias = "Read | Called | Began | Took"


class Bases:
    """Paths that blocks were called under: many, and each that follows is compared with all of them at once.

    >>> bases = Bases()
    >>> bases.add("a.b")
    >>> [bases.touch(path) for path in ("", "a", "a.b", "a.b.c", "a.c", "a.bc")]
    [True, True, True, True, False, False]
    """

    def __init__(self) -> None:
        self.paths: dict[str, None] = {}
        self._above: set[str] = set()

    def add(self, path: str) -> None:
        """Adds a path."""
        self.paths[path] = None
        self._above.update(_and_above(path))

    def touch(self, path: str) -> bool:
        """Whether weights under a path may clash with those under one of these: one is the other, or lies below it."""
        return path in self._above or any(above in self.paths for above in _and_above(path))


def _and_above(path: str) -> Iterator[str]:
    yield from parts(path)
    yield ""


@dataclass
class Recording:
    """A body at work: its scope, tensors and first node, how deep calls go, and whether it can be put elsewhere."""

    scope: Scope
    choices: str
    tensors: Sequence[Value]
    first: int
    depth: int
    deepest: int
    events: list[Event] = field(default_factory=list["Event"])
    bases: Bases = field(default_factory=Bases)
    is_movable: bool = True

    @property
    def is_varied(self) -> bool:
        """Whether choices decided over what was made."""
        return any(isinstance(event, Read | Called) for event in self.events)

    def stands_apart(self, path: str) -> bool:
        """Whether a block called under a path has weights apart from the body's own, and from those of other blocks."""
        rest = below(self.scope.path, path)
        return bool(rest) and not self.bases.touch(path)

    def take(self, inner: Recording) -> None:
        """Takes the events of a block as its own."""
        self.events.append(Began(inner.first, inner.scope))
        for event in inner.events:
            if isinstance(event, Read | Called):
                event.in_motif = event.in_motif or inner.scope.kind == "motif"
        meet = any(map(self.bases.touch, inner.bases.paths))
        self.is_movable = self.is_movable and inner.is_movable and not meet
        for base in inner.bases.paths:
            self.bases.add(base)
        self.events += inner.events
