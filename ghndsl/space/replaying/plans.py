"""Scripts and the choices of a candidate go in; the way through one comes out, with those of the blocks it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.language.choices import Domain
from ghndsl.records import record
from ghndsl.space.replaying.pieces import under
from ghndsl.space.replaying.script import Call, End, Fork, Made, Outcome, Reading, Scripts, Step

Known: TypeAlias = "dict[str, tuple[Domain, Span]]"
"""The choices that were read: what they may be, and where."""


@record
class Plan:
    """A way through a script: the steps before each call and what is made in it, the last steps, and the end."""

    calls: tuple[tuple[tuple[Step, ...], Call, Plan], ...]
    steps: tuple[Step, ...]
    end: End
    is_varied: bool

    @cached_property
    def nodes(self) -> int:
        """How many nodes it makes."""
        return self.end.nodes + sum([inner.nodes for _, _, inner in self.calls])

    @cached_property
    def depth(self) -> int:
        """How deep it calls."""
        return max([self.end.depth, *[call.depth + inner.depth for _, call, inner in self.calls]])

    def weighed(self, base: str) -> Iterator[str]:
        """The paths below a base at which it makes weights."""
        for step in (*[step for steps, _, _ in self.calls for step in steps], *self.steps):
            if isinstance(step, Made) and step.node.weights:
                yield under(base, step.path)
        for _, call, inner in self.calls:
            yield from inner.weighed(under(base, call.opened.path))


@dataclass
class Planning:
    """Finds ways: `made` are the texts of the choices, `before` the choices read so far, `known` those of the ways."""

    scripts: Scripts
    made: Mapping[str, str]
    before: Mapping[str, tuple[Domain, Span]]
    known: Known = field(default_factory=dict[str, "tuple[Domain, Span]"])
    _plans: dict[tuple[int, str], Plan] = field(default_factory=dict["tuple[int, str]", Plan])

    def plan(self, key: object, choices: str, *, in_motif: bool) -> Plan | None:
        """The way of a body whose choices have this path; None when there is none yet, or it would be refused."""
        fork = self.scripts.forks.get(key)
        if fork is None:
            return None
        # Uses of one motif make the same choices, and go the same way.
        found = self._plans.get((id(fork), choices)) if in_motif else None
        if found is None:
            found = self._found(fork, choices, in_motif=in_motif)
            if found is not None:
                self._plans[id(fork), choices] = found
        return found

    def _found(self, fork: Fork, choices: str, *, in_motif: bool) -> Plan | None:
        calls: list[tuple[tuple[Step, ...], Call, Plan]] = []
        steps: list[Step] = []
        is_varied = fork.asks is not None
        while fork.asks is not None:
            steps += fork.steps
            asks, path = fork.asks, fork.asks.choices
            at = path if asks.is_absolute else under(choices, path)
            if isinstance(asks, Reading):
                answer: str | Outcome | None = self._read(asks, at, in_motif=in_motif)
            else:
                inner = self.plan(asks.key, at, in_motif=in_motif or asks.is_absolute)
                answer = None if inner is None else inner.end.outcome
                if inner is not None:
                    calls.append((tuple(steps), asks, inner))
                    steps = []
            after = None if answer is None else fork.after.get(answer)
            if after is None:
                return None
            fork = after
        steps += fork.steps
        return None if fork.end is None else Plan(tuple(calls), tuple(steps), fork.end, is_varied)

    def _read(self, reading: Reading, path: str, *, in_motif: bool) -> str | None:
        """The text of a choice; None for one that is not made, or may not be made there."""
        before = self.known.get(path) or self.before.get(path)
        if before is not None and not ((in_motif or reading.is_absolute) and before[0] == reading.domain):
            return None
        self.known.setdefault(path, (reading.domain, reading.span))
        return self.made.get(path)
