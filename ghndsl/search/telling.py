"""How far the stages of a search are goes into small files; it comes out of them in any other process.

Each file has one writer and is replaced as a whole, so whoever looks waits for nobody and sees no half of one. A file
names the session that it is of: what a killed one left is known by that. Nothing that a search finds depends on them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Timer, current_thread
from time import monotonic
from typing import TYPE_CHECKING

from ghndsl.diagnostics import CompileError
from ghndsl.files import write_atomically
from ghndsl.search.folder import RunFolder
from ghndsl.stages import Pace, Stage

if TYPE_CHECKING:
    from ghndsl.training.progress import Progress, Watch

_MOST = 20
"""How often in a row a file is written: slow steps are told of at once."""
_SELDOM = 1.0
"""Seconds from writing to writing after that."""
_NONE = (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError)
"""What reading raises where a file is not there, or none of these."""


@dataclass(frozen=True)
class Told:
    """Stages, and when the session that tells of them began."""

    session: float
    stages: tuple[Stage, ...]


def told(path: Path) -> Told | None:
    """What a file tells, if it is one that does."""
    with suppress(*_NONE):
        found = json.loads(path.read_text(encoding="utf-8"))
        return Told(float(found["session"]), tuple(map(Stage.from_json, found["stages"])))
    return None


def looked_at(folder: RunFolder) -> Told | None:
    """What the search tells that writes a run, and with the last rung what those tell that train."""
    found = told(folder.progress)
    if found is None:
        return None
    beside = [told(path) for path in sorted(folder.finalists.glob(f"*{RunFolder.PROGRESS}"))]
    parts = [part for one in beside if one is not None and one.session == found.session for part in one.stages]
    return replace(
        found, stages=tuple(one.with_parts(parts) if one.name == "train" and parts else one for one in found.stages)
    )


class _File:
    """A file that is written as often as costs nothing."""

    def __init__(self, path: Path, session: float) -> None:
        self._path, self._session = path, session
        self._text, self._then, self._spare = "", monotonic(), float(_MOST)
        self._turn = Lock()
        self._later: Timer | None = None

    def tell(self, stages: Callable[[], Sequence[Stage]], *, at_once: bool) -> None:
        """Writes; where that was done too often of late and need not be at once, a second later what then is so."""
        with self._turn:
            now = monotonic()
            self._spare, self._then = min(_MOST, self._spare + (now - self._then) / _SELDOM), now
            if self._spare >= 1 or at_once:
                self._write(stages)
            elif self._later is None:
                self._later = Timer(_SELDOM, self._catch_up, [stages])
                self._later.daemon = True
                self._later.start()

    def _catch_up(self, stages: Callable[[], Sequence[Stage]]) -> None:
        with self._turn:
            if self._later is current_thread():
                self._write(stages)

    def _write(self, stages: Callable[[], Sequence[Stage]]) -> None:
        """What is written now need not be later."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        text = json.dumps({"session": self._session, "stages": [one.to_json() for one in stages()]})
        if text == self._text:
            return
        self._text, self._spare = text, max(0.0, self._spare - 1)
        # Where there is no room for it, that is met where results are kept.
        with suppress(CompileError):
            write_atomically(self._path, text.encode(), lasting=False)


class Telling:
    """The progress of one stage, told by a file."""

    def __init__(self, path: Path, stage: Stage, session: float = 0.0) -> None:
        self._file, self._stage, self._pace = _File(path, session), stage, Pace()

    def __call__(self, step: int, total: int, text: str) -> None:
        self._stage = replace(self._stage, done=step, total=total, rate=self._pace.mark(step), text=text)
        self._file.tell(lambda: [self._stage], at_once=step in (0, total))


class Board:
    """The stages of one session of a search, told by a file; they begin as far as the run is that is gone on with."""

    def __init__(self, path: Path, session: float, stages: Sequence[Stage], watch: Watch) -> None:
        self._file, self._stages, self._watch = _File(path, session), [*stages], watch
        self._latest: Stage | None = None
        self._file.tell(self._told, at_once=True)

    def watch(self, title: str) -> Progress:
        """Begins the stage of a title: it is watched as before, and told of if it is one of these."""
        heard, pace = self._watch(title), Pace()
        place = next((place for place, one in enumerate(self._stages) if one.title == title), None)
        if place is None:
            return heard

        def update(step: int, total: int, text: str) -> None:
            now = replace(self._stages[place], done=step, total=total, rate=pace.mark(step), text=text)
            self._put(place, now, at_once=step in (0, total))
            heard(step, total, text)

        self._put(place, self._stages[place], at_once=True)
        return update

    def _put(self, place: int, now: Stage, *, at_once: bool) -> None:
        self._stages[place] = self._latest = now
        self._file.tell(self._told, at_once=at_once)

    def _told(self) -> Sequence[Stage]:
        return [replace(one, is_under_way=one is self._latest and one.done < one.total) for one in self._stages]
