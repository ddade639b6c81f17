"""The file that a long training keeps goes in; when it is interrupted, how to go on with it is said."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ghndsl.cli.output import note


@contextmanager
def resumable(kept: Path, *, resume: bool, speaks: bool = True) -> Generator[None]:
    """Says after Ctrl-C how to go on, where something was kept: a new checkpoint, or that from which this went on."""
    before = _stamp(kept)
    try:
        yield
    except KeyboardInterrupt:
        now = _stamp(kept)
        if speaks and now is not None and (resume or now != before):
            note(f"{kept} holds what was done; `--resume` goes on with it")
        raise


def note_new(kept: Path, *, resume: bool) -> None:
    """A remark where there is nothing to go on from."""
    if resume and not kept.is_file():
        note(f"there is no {kept} to go on from: this begins anew")


def _stamp(path: Path) -> tuple[int, int] | None:
    """What differs when a file was written anew; None where none is."""
    if not path.is_file():
        return None
    found = path.stat()
    return found.st_ino, found.st_mtime_ns
