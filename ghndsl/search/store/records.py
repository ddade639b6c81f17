"""What a run keeps, as frozen records: proposals and results go in; the two joined, and sums over them, come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from ghndsl.search.store.values import finite, plain

State: TypeAlias = Literal["proposed", "done", "failed", "repeat"]
RungState: TypeAlias = Literal["done", "failed"]


@dataclass(frozen=True)
class Proposal:
    """A candidate as an algorithm proposes it, and what building it told."""

    line: str
    number: int
    identity: str | None = None
    params: int | None = None
    macs: int | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Place:
    """Where a proposal is kept, counted from 1 in their order; `same_as` is the first of the same architecture."""

    place: int
    same_as: int | None = None


@dataclass(frozen=True)
class Result:
    """What became of a candidate: a value for each objective, as the algorithm is told them, or None when it failed.

    `measures` are all numbers by name. A measure that is no finite number is kept as None; values among which is one
    are kept as a failure. `attempts` is how often it was begun, and `worker` who did so last.
    """

    values: tuple[float, ...] | None
    measures: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    error: str | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    worker: str | None = None
    attempts: int = 1

    def settled(self) -> Result:
        """The result as it is kept.

        >>> one = Result((0.5, float("nan")), {"loss": float("inf")}).settled()
        >>> one.values, one.measures, one.error
        (None, {'loss': None}, 'its values are 0.5, nan')
        """
        values, error = self.values, None if self.error is None else plain(self.error)
        if values is not None and None in map(finite, values):
            error = error or f"its values are {', '.join(map(repr, values))}"
            values = None
        measures = {plain(name): finite(value) for name, value in self.measures.items()}
        return replace(self, values=values, measures=measures, error=error)


@dataclass(frozen=True)
class Stored:
    """All that is kept of one proposal; times are seconds since 1970.

    A repeat has `same_as`, the place of the first of the same architecture, and no values of its own.
    """

    place: int
    line: str
    number: int
    identity: str | None
    params: int | None
    macs: int | None
    memory: int | None
    state: State
    same_as: int | None
    values: tuple[float, ...] | None
    measures: Mapping[str, float | None]
    error: str | None
    attempts: int
    worker: str | None
    seconds: float | None
    cpu_seconds: float | None
    proposed: float
    ended: float | None


@dataclass(frozen=True)
class Rung:
    """A training of a candidate, by its rung's name and its seed; `file` is where in the folder its weights lie."""

    candidate: int
    rung: str
    seed: int
    state: RungState
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    accuracy: float | None = None
    loss: float | None = None
    steps: int | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    file: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Event:
    """Something that a person who watches may want to know."""

    number: int
    time: float
    kind: str
    text: str


@dataclass(frozen=True)
class Summary:
    """How far a run is. `queries` are the proposals that were measured: done or failed, repeats not counted.

    `seconds` and `cpu_seconds` are those of the candidates, added; `first` and `last` are the times of the first
    proposal and the last result.
    """

    proposed: int
    done: int
    failed: int
    repeats: int
    attempts: int
    seconds: float
    cpu_seconds: float
    first: float | None
    last: float | None

    @property
    def queries(self) -> int:
        """How many candidates were measured."""
        return self.done + self.failed

    @property
    def waiting(self) -> int:
        """How many proposals have no result yet."""
        return self.proposed - self.queries - self.repeats
