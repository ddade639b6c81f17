"""Rows of a run's database go in, as they are held; the records that they are come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast, get_args

from ghndsl.search.store.records import Event, Proposal, Rung, RungState, State, Stored, Summary
from ghndsl.search.store.values import Held, held, parsed, plain, read_object, whole

Fields: TypeAlias = "tuple[object, ...]"

CANDIDATE = (
    "place, line, number, id, params, macs, memory, state, same_as, told, measures, error, attempts, worker, seconds, "
    "cpu_seconds, proposed, ended"
)
"""In the order of the fields of `Stored`."""

_TOLD, _MEASURES = 9, 10
_STATES = get_args(State)

RUNG = "candidate, rung, seed, state, settings, accuracy, loss, steps, seconds, cpu_seconds, file, error"


def read_candidates(rows: Sequence[Fields]) -> list[Stored]:
    """The records of the columns `CANDIDATE`. Raises ValueError when a field holds what it cannot."""
    told = parsed([row[_TOLD] for row in rows])
    measures = parsed([row[_MEASURES] for row in rows])
    return [_candidate(*both) for both in zip(rows, told, measures, strict=True)]


def _candidate(row: Fields, told: object, measures: object) -> Stored:
    place, line, number, identity, params, macs, memory, state, same_as, _, _, *others = row
    if not isinstance(line, str) or state not in _STATES:
        raise ValueError(f"a row of `candidates` is none ({place})")
    return Stored(
        cast("int", place),
        line,
        whole(number),
        cast("str | None", identity),
        _whole(params),
        _whole(macs),
        _whole(memory),
        cast("State", state),
        cast("int | None", same_as),
        _values(told),
        cast("dict[str, float | None]", measures),
        *cast("tuple[str | None, int, str | None, float | None, float | None, float, float | None]", tuple(others)),
    )


def read_values(told: object) -> tuple[float, ...] | None:
    """The values of a field `told`."""
    return _values(parsed([told])[0])


def read_rungs(rows: Sequence[Fields]) -> list[Rung]:
    """The records of the columns `RUNG`. Raises ValueError when a field holds what it cannot."""
    return [_rung(row) for row in rows]


def _rung(row: Fields) -> Rung:
    candidate, rung, seed, state, settings, accuracy, loss, steps, *others = row
    return Rung(
        cast("int", candidate),
        cast("str", rung),
        whole(seed),
        cast("RungState", state),
        read_object(settings),
        cast("float | None", accuracy),
        cast("float | None", loss),
        cast("int | None", steps),
        *cast("tuple[float | None, float | None, str | None, str | None]", tuple(others)),
    )


def read_events(rows: Sequence[Fields]) -> list[Event]:
    """The records of events."""
    return [Event(*cast("tuple[int, float, str, str]", row)) for row in rows]


def read_summary(rows: Sequence[Fields]) -> Summary:
    """The sums over rows of a state, how many, attempts, seconds, processor seconds, first and last time."""
    counts = {str(row[0]): cast("int", row[1]) for row in rows}
    numbers = [cast("list[float]", [row[column] for row in rows if row[column] is not None]) for column in range(2, 7)]
    attempts, seconds, cpu_seconds, first, last = numbers
    return Summary(
        sum(counts.values()),
        counts.get("done", 0),
        counts.get("failed", 0),
        counts.get("repeat", 0),
        int(sum(attempts)),
        sum(seconds),
        sum(cpu_seconds),
        min(first, default=None),
        max(last, default=None),
    )


def built(one: Proposal) -> tuple[Held, ...]:
    """The fields `id`, `params`, `macs` and `memory` of a proposal."""
    identity = None if one.identity is None else plain(one.identity)
    return identity, held(one.params), held(one.macs), held(one.memory)


def _values(found: object) -> tuple[float, ...] | None:
    return None if found is None else tuple(cast("list[float]", found))


def _whole(value: object) -> int | None:
    return None if value is None else whole(value)
