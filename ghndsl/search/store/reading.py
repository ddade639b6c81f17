"""A run's folder goes in; what its database holds comes out, while another process may write it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar, cast

from ghndsl.search.store.faults import completed
from ghndsl.search.store.fields import (
    CANDIDATE,
    RUNG,
    Fields,
    read_candidates,
    read_events,
    read_rungs,
    read_summary,
)
from ghndsl.search.store.lock import is_held
from ghndsl.search.store.records import Event, Rung, State, Stored, Summary
from ghndsl.search.store.run import Run, read_run
from ghndsl.search.store.schema import FILE, LOCK
from ghndsl.search.store.values import Held

_Self = TypeVar("_Self", bound="Reading")
_Record = TypeVar("_Record")


class Reading:
    """An open run, to be read. Errors of all methods: G007, G604, G609 of the file."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._connection = connection

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file; nothing is asked of it afterwards."""
        self._connection.close()

    @property
    def is_written(self) -> bool:
        """Whether some process writes the run now."""
        return is_held(self.folder / LOCK)

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """All that is read within is of one moment, whatever is written meanwhile; for seconds, not for hours."""
        with completed(self.path):
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            with completed(self.path):
                self._connection.execute("ROLLBACK")

    def run(self) -> Run:
        """What the run was begun with, and how it ended."""
        # Looked at first: one that ends between the two looks has ended, and was not stopped.
        is_written = self.is_written
        with completed(self.path):
            rows = {str(name): str(value) for name, value in self._connection.execute("SELECT name, value FROM run")}
            return read_run(rows, is_written=is_written)

    def summary(self) -> Summary:
        """How many proposals are in which state, and what they took."""
        columns = "state, COUNT(*), SUM(attempts), SUM(seconds), SUM(cpu_seconds), MIN(proposed), MAX(ended)"
        with completed(self.path):
            return read_summary(self._rows(f"SELECT {columns} FROM candidates GROUP BY state"))

    def candidates(self, after: int = 0, state: State | None = None) -> list[Stored]:
        """Proposals in their order: those after a place, and in a state if one is given."""
        where = "place > ? AND (? IS NULL OR state = ?) ORDER BY place"
        return self._read(read_candidates, f"SELECT {CANDIDATE} FROM candidates WHERE {where}", after, state, state)

    def best(self, measure: str, count: int = 1, *, is_least: bool = False) -> list[Stored]:
        """Those done with the most of a measure, or the least; the earlier proposed of equals first."""
        columns = ", ".join(f"candidates.{name}" for name in CANDIDATE.split(", "))
        source = "candidates, json_each(candidates.measures) AS one"
        order = f"one.value {'ASC' if is_least else 'DESC'}, place LIMIT ?"
        where = "state = 'done' AND one.key = ? AND one.value IS NOT NULL"
        return self._read(
            read_candidates, f"SELECT {columns} FROM {source} WHERE {where} ORDER BY {order}", measure, count
        )

    def best_told(self) -> Stored | None:
        """The one done whose first told value is the highest, the earliest proposed of equals; None where none is."""
        order = "json_extract(told, '$[0]') DESC, place LIMIT 1"
        where = "state = 'done' AND json_array_length(told) > 0"
        found = self._read(read_candidates, f"SELECT {CANDIDATE} FROM candidates WHERE {where} ORDER BY {order}")
        return found[0] if found else None

    def first(self) -> Stored | None:
        """The earliest proposed of those done; None where none is."""
        where = "state = 'done' ORDER BY place LIMIT 1"
        found = self._read(read_candidates, f"SELECT {CANDIDATE} FROM candidates WHERE {where}")
        return found[0] if found else None

    def measured(self, name: str) -> int:
        """How many candidates have a measure of a name."""
        with completed(self.path):
            rows = self._rows("SELECT COUNT(*) FROM candidates WHERE json_type(measures, ?) NOTNULL", f'$."{name}"')
            return cast("int", rows[0][0])

    def latest(self, count: int) -> list[float]:
        """When the last results came, the last first, in seconds since 1970."""
        with completed(self.path):
            rows = self._rows("SELECT ended FROM candidates WHERE ended NOTNULL ORDER BY ended DESC LIMIT ?", count)
            return [cast("float", ended) for (ended,) in rows]

    def rungs(self) -> list[Rung]:
        """The trainings, in the order of candidates; those of one in the order in which they came."""
        return self._read(read_rungs, f"SELECT {RUNG} FROM rungs ORDER BY candidate, rowid")

    def events(self, after: int = 0) -> list[Event]:
        """What happened, in its order: the events after one of that number."""
        return self._read(read_events, "SELECT event, time, kind, text FROM events WHERE event > ?", after)

    def _read(self, records: Callable[[list[Fields]], list[_Record]], sql: str, *values: Held) -> list[_Record]:
        with completed(self.path):
            return records(self._rows(sql, *values))

    def _rows(self, sql: str, *values: Held) -> list[Fields]:
        return cast("list[Fields]", self._connection.execute(sql, values).fetchall())
