"""Proposals, results, trainings and events go in; they are in a run's database then, whatever happens afterwards."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from ghndsl.search.store.faults import completed
from ghndsl.search.store.fields import built, read_values
from ghndsl.search.store.reading import Reading
from ghndsl.search.store.records import Place, Proposal, Result, Rung
from ghndsl.search.store.run import Ending
from ghndsl.search.store.values import Held, dump, finite, held, plain, read_object

_FOUND = ("state", "settings", "accuracy", "loss", "steps", "seconds", "cpu_seconds", "file", "error")
"""The columns of what came of a training."""


class Writing(Reading):
    """A run that is written. What a method returned from is committed: no end of the process loses it.

    Errors of all methods: G007 when the disk is full or the system gives out otherwise; what was committed is kept.
    """

    def propose(self, proposals: Sequence[Proposal]) -> list[Place]:
        """Keeps proposals, all or none of them, in their order; each whose identity is known becomes a repeat."""
        with self._together():
            return [self._propose(one) for one in proposals]

    def finish(self, place: int, result: Result) -> tuple[float, ...] | None:
        """Keeps the result of a candidate, unless it has one already; returns the values that are kept: those to tell.

        Raises ValueError where nothing was proposed.
        """
        one = result.settled()
        changed = self._execute(
            "UPDATE candidates SET state = ?, told = ?, measures = ?, error = ?, seconds = ?, cpu_seconds = ?,"
            " worker = ?, attempts = ?, ended = ? WHERE place = ? AND state = 'proposed'",
            "failed" if one.values is None else "done",
            None if one.values is None else dump(one.values),
            dump(one.measures),
            one.error,
            one.seconds,
            one.cpu_seconds,
            None if one.worker is None else plain(one.worker),
            one.attempts,
            time.time(),
            place,
        )
        return one.values if changed else self._values(place)

    def add_measures(self, found: Iterable[tuple[int, Mapping[str, float | None]]]) -> None:
        """Adds to the measures of candidates, by place, what was measured later; all or nothing is kept."""
        with self._together():
            for place, measures in found:
                more = {plain(name): finite(value) for name, value in measures.items()}
                ((known,),) = self._rows("SELECT measures FROM candidates WHERE place = ?", place)
                whole = dump({**read_object(known), **more})
                self._execute("UPDATE candidates SET measures = ? WHERE place = ?", whole, place)

    def rung(self, rung: Rung) -> None:
        """Keeps what came of a training, in the place of what was kept of the same candidate, rung and seed."""
        marks = ", ".join("?" * 12)
        update = ", ".join(f"{name} = excluded.{name}" for name in _FOUND)
        with self._together():
            self._execute(
                f"INSERT INTO rungs (candidate, rung, seed, {', '.join(_FOUND)}) VALUES ({marks})"
                f" ON CONFLICT (candidate, rung, seed) DO UPDATE SET {update}",
                rung.candidate,
                plain(rung.rung),
                held(rung.seed),
                rung.state,
                dump(rung.settings),
                finite(rung.accuracy),
                finite(rung.loss),
                rung.steps,
                rung.seconds,
                rung.cpu_seconds,
                None if rung.file is None else plain(rung.file),
                None if rung.error is None else plain(rung.error),
            )
            self._set("trained", repr(time.time()))

    def controls(self, places: Sequence[int]) -> None:
        """Keeps which candidates are trained without being chosen."""
        self._set("controls", dump([*places]))

    def event(self, kind: str, text: str) -> None:
        """Keeps something that a person who watches may want to know."""
        self._execute("INSERT INTO events (time, kind, text) VALUES (?, ?, ?)", time.time(), plain(kind), plain(text))

    def end(self, status: Ending) -> None:
        """Keeps how the run ended; it may be gone on with."""
        with self._together():
            self._set("status", status)
            self._set("ended", repr(time.time()))

    def _propose(self, one: Proposal) -> Place:
        same = self._known(one.identity)
        place = self._connection.execute(
            "INSERT INTO candidates (line, number, id, params, macs, memory, same_as, state, proposed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                plain(one.line),
                held(one.number),
                *built(one),
                same,
                "proposed" if same is None else "repeat",
                time.time(),
            ),
        ).lastrowid
        return Place(place or 0, same)

    def _known(self, identity: str | None) -> int | None:
        """The first place of an architecture."""
        if identity is None:
            return None
        found = self._rows("SELECT place FROM candidates WHERE id = ? AND same_as IS NULL", plain(identity))
        return int(str(found[0][0])) if found else None

    def _values(self, place: int) -> tuple[float, ...] | None:
        joined = "candidates AS one JOIN candidates AS first ON first.place = COALESCE(one.same_as, one.place)"
        with completed(self.path):
            found = self._rows(f"SELECT first.told FROM {joined} WHERE one.place = ?", place)
            values = [read_values(told) for (told,) in found]
        if not values:
            raise ValueError(f"nothing was proposed at {place}")
        return values[0]

    def _set(self, name: str, value: str) -> None:
        self._execute(
            "INSERT INTO run VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value
        )

    def _execute(self, sql: str, *values: Held) -> bool:
        """Does one thing, whole or not at all; whether a row changed."""
        with completed(self.path):
            return self._connection.execute(sql, values).rowcount > 0

    @contextmanager
    def _together(self) -> Generator[None]:
        """What is done within is done together or not at all."""
        with completed(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            with ExitStack() as undo:
                undo.callback(self._undo)
                yield
                self._connection.execute("COMMIT")
                undo.pop_all()

    def _undo(self) -> None:
        # A full disk may have ended it already.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
