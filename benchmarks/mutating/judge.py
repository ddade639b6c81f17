"""A file goes in; what the language says of it comes out, and whether that is as it must be."""

from __future__ import annotations

import json
import re
import signal
import tempfile
import time
import traceback
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.language import parse
from ghndsl.language.layout.files import format_bytes
from ghndsl.language.modules import decoded
from ghndsl.language.recursion import deep_recursion
from ghndsl.space.check import check_file

SMALL: Mapping[str, int] = {"cells": 1, "width": 4, "size": 8, "layers": 2, "blocks": 1, "depth": 1, "classes": 3}
"""The scale that spaces are planned at, where they have such parameters."""
_PATIENCE = 60
"""Processor seconds after which a text is given up."""


@dataclass(frozen=True)
class Verdict:
    """What became of a file: refused with codes, or accepted when there are none; `failure` is what must not be."""

    codes: tuple[str, ...]
    seconds: float
    failure: str | None = None


class _TooLongError(BaseException):
    """Nothing in between may keep it."""


def judge(data: bytes) -> Verdict:
    """Checks a file as `ghndsl check` does; every fault must have a place inside its text and be told in two ways.

    What can be read must have a layout that says the same and stays.
    """
    path = _folder() / ("file.nas" if re.search(rb"\b(?:space|motif|choose|where)\b", data) else "file.arch")
    path.write_bytes(data)
    settings = {name: value for name, value in SMALL.items() if re.search(rf"\b{name}: int\b".encode(), data)}
    started = time.process_time()
    try:
        with warnings.catch_warnings(), _patience():
            warnings.simplefilter("error")
            found = check_file(str(path), settings)
            failure = next(filter(None, map(_misplaced, found)), None) or _unsettled(data)
    except (Exception, _TooLongError) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return Verdict((), time.process_time() - started, _described(error))
    codes = tuple(fault.code for fault in found if fault.severity == "error")
    return Verdict(codes, time.process_time() - started, failure)


def _misplaced(fault: Diagnostic) -> str | None:
    """What is wrong with a fault itself."""
    json.dumps(fault.to_json())
    if not str(fault).strip() or "\n" in fault.message:
        return f"{fault.code} is not told in one line"
    for span in filter(None, (fault.span, *(mark.span for mark in fault.marks))):
        if not 0 <= span.start <= span.end <= len(span.source.text):
            return f"{fault.code} lies outside of its text"
    return None


def _unsettled(data: bytes) -> str | None:
    """What is wrong with the layout of a text."""
    try:
        after = format_bytes("file", data).after
    except CompileError:
        return None
    before, again = (parse(decoded("file", text)) for text in (data, after))
    with deep_recursion():
        is_same = before == again
    if not is_same:
        return "the layout says something else"
    return None if format_bytes("file", after).after == after else "the layout changes again"


def _described(error: BaseException) -> str:
    """The exception and where it was raised: equal for failures of one cause."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.name}"
    return f"no answer in {_PATIENCE} s" if isinstance(error, _TooLongError) else f"{type(error).__name__} in {place}"


@contextmanager
def _patience() -> Generator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _TooLongError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@cache
def _folder() -> Path:
    """A folder of this process's own."""
    return Path(tempfile.mkdtemp(prefix="mutations-"))
