"""A folder and what is asked for go in; the run in it, to be written by this process alone, comes out."""

from __future__ import annotations

import sqlite3
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from ghndsl.search.store import lock
from ghndsl.search.store.asked import Asked
from ghndsl.search.store.folders import check_free, check_run, check_same, make, new_run, remove_empty
from ghndsl.search.store.opening import open_reading, open_writing
from ghndsl.search.store.reading import Reading
from ghndsl.search.store.run import Run, begun, versions
from ghndsl.search.store.schema import FILE, LOCK
from ghndsl.search.store.values import dump
from ghndsl.search.store.writing import Writing


class Store(Writing):
    """A run that this process writes; no other can until it is closed, or the process ends."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, held_lock: int) -> None:
        super().__init__(folder, connection)
        self._lock = held_lock

    @classmethod
    def begin(cls, folder: Path, asked: Asked) -> Store:
        """Begins a run in a folder that is new or empty; when that fails, nothing is left of it.

        Errors: G601 when something else is there, G604 when another process begins one there, G007.
        """
        check_free(folder)
        with ExitStack() as undo:
            if make(folder):
                undo.callback(remove_empty, folder)
            held_lock = lock.take(folder / LOCK)
            undo.callback(lock.give_back, held_lock)
            store = cls(folder, new_run(folder, begun(asked)), held_lock)
            undo.pop_all()
        return store

    @classmethod
    def resume(cls, folder: Path, asked: Asked) -> Store:
        """Goes on with a run that was begun with the same.

        Errors: G601 when there is none, G602 with what differs, G604 when another process writes it, G609 when it is
        damaged or of a newer format, G007.
        """
        check_run(folder)
        with ExitStack() as undo:
            held_lock = lock.take(folder / LOCK)
            undo.callback(lock.give_back, held_lock)
            connection = open_writing(folder / FILE)
            undo.callback(connection.close)
            store = cls(folder, connection, held_lock)
            store._go_on(asked)
            undo.pop_all()
        return store

    @classmethod
    def read(cls, folder: Path) -> Reading:
        """Opens a run to look at it, whether another process writes it or not. Errors: G601, G609, G007."""
        check_run(folder)
        return Reading(folder, open_reading(folder / FILE))

    def close(self) -> None:
        """Puts all into one file, and lets others write the run."""
        # Whether that is possible or not, nothing is lost: the log beside the file is read with it.
        with suppress(sqlite3.Error), closing(self._connection):
            # Readers are not waited for.
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if self._lock >= 0:
            lock.give_back(self._lock)
        self._lock = -1

    def _go_on(self, asked: Asked) -> None:
        then = self.run()
        check_same(self.folder, then.asked, asked)
        now = versions()
        changed = [f"{name} {then.versions.get(name)} before, {text}" for name, text in now.items()]
        with self._together():
            self._set("status", "running")
            self._set("seconds", repr(then.seconds + self._lasted(then)))
            self._set("begun", repr(time.time()))
            self._set("versions", dump(now))
            self._execute("DELETE FROM run WHERE name = 'ended'")
            self.event("resumed", "; ".join([dump(list(asked.command)), *(changed if now != then.versions else [])]))

    def _lasted(self, then: Run) -> float:
        """How many seconds the last session took; one that was killed, up to its last result."""
        known = [then.begun, *self.latest(1), *([] if then.trained is None else [then.trained])]
        return max(0.0, (then.ended or max(known)) - then.begun)
