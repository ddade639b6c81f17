"""Candidates of a space go in; they come out as lines, JSON rows and files, built by one process or by several."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import typer

from ghndsl.cli.bars import steps
from ghndsl.diagnostics import printable

if TYPE_CHECKING:
    from ghndsl.space import Candidate, Space
    from ghndsl.space.distinct import Each, Progress
    from ghndsl.space.looking import Architecture, Numbered

Listed: TypeAlias = "Architecture | Numbered"
"""A candidate that was built, or not."""

_WORTH_PROCESSES = 500
"""Candidates to build from which on it is worth the seconds that other processes take to start."""
_WORTH_PROGRESS = 100
"""Candidates to build from which on a person wants to know how long it takes."""


def rows(listed: Iterable[Listed], space: Space, folder: Path | None) -> Iterator[dict[str, object]]:
    """What is known of each candidate, which is written into the folder, if there is one."""
    for one in listed:
        number, candidate = one if isinstance(one, tuple) else (one.number, one.candidate)
        if folder is not None:
            _write(folder, space, number, candidate)
        found: dict[str, object] = {"number": number, "line": str(candidate)}
        if not isinstance(one, tuple):
            found |= {"id": one.id, "params": one.params, "macs": one.macs}
        yield found


def _write(folder: Path, space: Space, number: int, candidate: Candidate) -> None:
    """Writes the text of a candidate, which begins with what it is."""
    from ghndsl.files import write_atomically
    from ghndsl.language import format_graph
    from ghndsl.space.written import heading

    folder.mkdir(parents=True, exist_ok=True)
    text = f"{heading(space, number, candidate)}\n{format_graph(space.build(candidate))}"
    # A number may have more digits than the name of a file.
    name = number if number < 10**100 else sha256(str(candidate).encode()).hexdigest()[:32]
    write_atomically(folder / f"{name}.arch", text.encode())


def show(row: dict[str, object]) -> None:
    """Prints a candidate for a person; not by `rich`, which is slow when lines are many."""
    line = f"{row['number']}  {row['line']}"
    print(line if line.isprintable() else printable(line))


def shard_of(word: str | None) -> tuple[int, int]:
    """The shard that `--shard I/N` means; a wrong one is wrong usage."""
    if word is None:
        return 1, 1
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", word)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        message = f"`{word[:40]}` is no shard; of four they are 1/4, 2/4, 3/4 and 4/4"
        raise typer.BadParameter(message, param_hint="--shard")
    return int(found[1]), int(found[2])


def each_by(workers: int | None, items: int) -> Each:
    """How candidates are built: here, or by as many processes as were asked for or are worth it."""
    if workers == 1 or (workers is None and items < _WORTH_PROCESSES):
        return map
    from ghndsl.search.workers import each, workers_for

    count = workers_for(items, workers)
    return map if count == 1 else partial(each, workers=count)


@contextmanager
def watched(items: int) -> Generator[Progress]:
    """The progress of building candidates, on standard error, where these are many."""
    if items < _WORTH_PROGRESS:
        yield _quiet
        return
    with steps() as begin:
        yield begin("Building candidates")


def _quiet(done: int, total: int, text: str) -> None:
    """The progress that is soon over."""


def within(architectures: Iterable[Architecture], numbers: Iterator[int]) -> Iterator[Architecture]:
    """Those with one of some numbers; both come in ascending order."""
    number = next(numbers, None)
    for architecture in architectures:
        while number is not None and number < architecture.number:
            number = next(numbers, None)
        if number is None:
            return
        if number == architecture.number:
            yield architecture
