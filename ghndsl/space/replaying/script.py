"""What a body made, step by step, goes in; a script comes out that makes it again elsewhere, or with other choices.

What a body makes follows from its arguments, from what it reads of the choices, and from what the blocks that it calls
give back. So a script goes on in order, and forks where a choice is read or a block with choices is called: a body of
six calls that give one type has one script, whichever way each of the blocks goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.ir import Node, Port, Scope
from ghndsl.language import tree
from ghndsl.language.choices import Domain
from ghndsl.language.values import Result
from ghndsl.records import record
from ghndsl.space.replaying.pieces import Shape


@record
class Made:
    """A node: its inputs are places among the body's tensors, its scope one among the body's scopes."""

    node: Node
    inputs: tuple[int, ...]
    path: str
    scope: int


@record
class Opened:
    """A scope that a call opens: its parent's place among the body's scopes (0 is the body's), and its path there."""

    scope: Scope
    parent: int
    path: str


@record
class Entered:
    """A graph input, the next of the body's tensors."""

    port: Port


Step: TypeAlias = "Made | Opened | Entered"


@record
class Reading:
    """A choice that is read: its path among choices, below the body's own unless a motif in it makes it absolute."""

    choices: str
    is_absolute: bool
    domain: Domain
    span: Span


@record
class Call:
    """A call of a block whose own script forks: its key, its tensors by place, its scope, and how deep it is."""

    key: object
    tensors: tuple[int, ...]
    opened: Opened
    choices: str
    is_absolute: bool
    depth: int


@record
class Gate:
    """An output of the graph, and the place of its tensor."""

    port: Port
    place: int


@record
class Final:
    """What a whole space has beside nodes: outputs, conditions on measures, and the names that those read."""

    scope: Scope
    gates: tuple[Gate, ...]
    measures: tuple[tree.Where, ...]
    names: Mapping[str, Result]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a caller can tell of a call's result; there is one for all that are equal."""

    told: object


@record
class End:
    """What a script comes to: its result, the places of the tensors in it that are new, and what callers tell it by.

    `nodes` are those of its own steps, `depth` says how deep it calls.
    """

    result: Shape
    fresh: tuple[int, ...]
    outcome: Outcome
    nodes: int
    depth: int
    final: Final | None = None


Leg: TypeAlias = "tuple[tuple[Step, ...], Reading | Call, str | Outcome]"
"""Steps, what is asked after them, and the answer: the text of a choice, or the outcome of a call."""


@record
class Way:
    """One way through a script: its legs, the steps after the last question, and the end."""

    legs: tuple[Leg, ...]
    steps: tuple[Step, ...]
    end: End


@dataclass
class Fork:
    """A place in a script: the steps from there, and the question after them, or the end."""

    steps: tuple[Step, ...] = ()
    asks: Reading | Call | None = None
    after: dict[str | Outcome, Fork] = field(default_factory=dict["str | Outcome", "Fork"])
    end: End | None = None

    @property
    def is_varied(self) -> bool:
        """Whether choices decide over what is made."""
        return self.asks is not None


_MOST_STEPS = 20_000
"""Steps in the scripts that are kept; when there are more, all are forgotten."""


@dataclass
class Scripts:
    """The scripts of one space, by what calls depend on beside choices."""

    forks: dict[object, Fork] = field(default_factory=dict[object, Fork])
    outcomes: dict[object, Outcome] = field(default_factory=dict[object, Outcome])
    steps: int = 0

    def keep(self, key: object, way: Way) -> None:
        """Keeps a way through a script."""
        if self.steps > _MOST_STEPS:
            self.forks.clear()
            self.outcomes.clear()
            self.steps = 0
        fork = self.forks.setdefault(key, Fork())
        for steps, asks, answer in way.legs:
            self.steps += 1 if fork.asks else len(steps) + 1
            fork.steps, fork.asks = steps, asks
            fork = fork.after.setdefault(answer, Fork())
        self.steps += len(way.steps) + 1
        fork.steps, fork.end = way.steps, way.end

    def outcome(self, told: object) -> Outcome:
        """The outcome that tells this."""
        return self.outcomes.setdefault(told, Outcome(told))
