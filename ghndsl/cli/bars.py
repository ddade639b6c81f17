"""Long steps go in as they go on; bars on a terminal, else a line now and then, come out on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from ghndsl.cli.interrupting import remembered
from ghndsl.cli.output import note

if TYPE_CHECKING:
    from ghndsl.stages import Stage
    from ghndsl.training.progress import Progress

Show: TypeAlias = "Callable[[Sequence[Stage]], None]"
"""Shows how far steps are, in the place of what it showed before."""

_PAUSE = 300.0
"""Seconds from line to line of a step that does not reach another tenth."""


@contextmanager
def steps(unit: str = "") -> Generator[Callable[[str], Progress]]:
    """A bar on standard error for each long step, with how fast it goes and the time left; lines when not a terminal.

    `unit` is what is counted where it is no steps, as `s`.
    """
    found: list[Stage] = []
    with shown(unit) as show, remembered() as check:
        yield lambda title: _begun(title, found, show, check)


def _begun(title: str, found: list[Stage], show: Show, check: Callable[[], None]) -> Progress:
    """What hears how far another of several steps is."""
    from dataclasses import replace

    from ghndsl.stages import Pace, Stage

    pace, place = Pace(), len(found)
    found.append(Stage(str(place), title, is_under_way=True))

    def update(step: int, total: int, text: str) -> None:
        check()
        rate, is_under_way = pace.mark(step), step < total
        found[place] = replace(found[place], done=step, total=total, rate=rate, text=text, is_under_way=is_under_way)
        show(found)

    show(found)
    return update


@contextmanager
def shown(unit: str = "") -> Generator[Show]:
    """What shows steps until the context ends, as often as it is called."""
    if not sys.stderr.isatty():
        yield _Lines(unit)
        return
    from rich.console import Console
    from rich.live import Live

    from ghndsl.cli.drawing import drawn

    console = Console(stderr=True)
    latest: Sequence[Stage] = ()

    def show(stages: Sequence[Stage]) -> None:
        nonlocal latest
        latest = stages

    # Drawn a few times a second, however often it is told of.
    with Live(console=console, get_renderable=lambda: drawn(latest, console.width, unit)):
        yield show


class _Lines:
    """A line for each tenth of a step, and for one that takes long now and then."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._said: dict[str, tuple[int, float]] = {}

    def __call__(self, stages: Sequence[Stage]) -> None:
        for stage in stages:
            # Where nothing is to be done that is known once it is over.
            is_known = bool(stage.done or stage.is_under_way) if stage.total else not stage.is_under_way
            if is_known and self._is_due(stage):
                self._say(stage)

    def _is_due(self, stage: Stage) -> bool:
        tenth, then = self._said.get(stage.name, (-1, 0.0))
        return _tenth(stage) > tenth or (stage.is_under_way and monotonic() - then > _PAUSE)

    def _say(self, stage: Stage) -> None:
        from ghndsl.cli.stage_words import in_words

        self._said[stage.name] = _tenth(stage), monotonic()
        note(in_words(stage, self._unit))


def _tenth(stage: Stage) -> int:
    """How many tenths are done; all only once the last is told of, and not when its parts are."""
    return int(10 * stage.share) if stage.done >= stage.total else min(9, int(10 * stage.share))
