"""What happens while a body is run goes in, event by event; what a script can be made of comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.ir import Port, Scope, Value
from ghndsl.language.choices import Domain
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
    bases: list[str] = field(default_factory=list[str])
    is_movable: bool = True

    @property
    def is_varied(self) -> bool:
        """Whether choices decided over what was made."""
        return any(isinstance(event, Read | Called) for event in self.events)

    def stands_apart(self, path: str) -> bool:
        """Whether a block called under a path has weights apart from the body's own, and from those of other blocks."""
        rest = below(self.scope.path, path)
        return bool(rest) and not any(touch(path, base) for base in self.bases)

    def take(self, inner: Recording) -> None:
        """Takes the events of a block as its own."""
        self.events.append(Began(inner.first, inner.scope))
        for event in inner.events:
            if isinstance(event, Read | Called):
                event.in_motif = event.in_motif or inner.scope.kind == "motif"
        meet = any(touch(one, base) for one in inner.bases for base in self.bases)
        self.is_movable = self.is_movable and inner.is_movable and not meet
        self.bases += inner.bases
        self.events += inner.events


def touch(path: str, other: str) -> bool:
    """Whether weights under two paths may clash."""
    return below(path, other) is not None or below(other, path) is not None
