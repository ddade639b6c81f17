"""What a command found goes in; it is printed: one JSON object, or tables and lines for a person."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, cast

from ghndsl.diagnostics import printable

if TYPE_CHECKING:
    from rich.console import Console

    from ghndsl.data import Dataset


_UNLIMITED = 1_000_000
"""How wide a line may be where no terminal shows it: whoever reads it wants all of it."""


@cache
def console() -> Console:
    """Where results for a person go."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(soft_wrap=not terminal, highlight=False, width=None if terminal else _UNLIMITED)


def columns() -> int:
    """How many characters a line has."""
    return console().width


def say(text: str) -> None:
    """Prints lines for a person; what would steer the terminal shows as dots, since names and words are of others."""
    console().print(_harmless(text), markup=False)


def _harmless(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def note(text: str) -> None:
    """A remark on standard error; where that can take none, nothing else is the worse for it."""
    with suppress(OSError):
        print(text, file=sys.stderr)


def note_resized(before: Dataset, after: Dataset) -> None:
    """A remark when images are used in another size than they have."""
    pairs = [[data.shapes[name][1:] for data in (before, after)] for name in before.images]
    for old, new in dict.fromkeys((old, new) for old, new in pairs if old != new):
        note(f"images of {'x'.join(map(str, old))} pixels are scaled to {'x'.join(map(str, new))}")


def emit(found: Mapping[str, object], *, as_json: bool, show: Callable[[], None]) -> None:
    """Prints the JSON object, or what `show` prints."""
    if as_json:
        print(json.dumps(_sayable(found), allow_nan=False))
        return
    show()


def _sayable(value: object) -> object:
    """The value with null for each number that JSON has no word for.

    >>> _sayable({"losses": [0.5, float("nan")], "worst": (float("-inf"), 3)})
    {'losses': [0.5, None], 'worst': [None, 3]}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _sayable(one) for name, one in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_sayable(one) for one in cast("Sequence[object]", value)]
    return value


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], left: Sequence[str] = ()) -> None:
    """Prints a table, or its title if it has no rows; columns not in `left` hold numbers; empty ones go."""
    if not rows:
        say(title)
        return
    from rich.table import Table
    from rich.text import Text

    # As text, so that sizes in brackets are not taken for colours.
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    used = [index for index in range(len(columns)) if any(row[index] != "" for row in rows)]
    for column in (columns[index] for index in used):
        drawn.add_column(column, justify="left" if column in left else "right", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(_harmless(cell(row[index]))) for index in used))
    if title:
        say(title)
    console().print(drawn)


def print_page(text: str) -> None:
    """Prints a page of Markdown: laid out and coloured on a terminal, as it is written elsewhere."""
    if not sys.stdout.isatty():
        print(text, end="")
        return
    from rich.markdown import Markdown

    console().print(Markdown(text, code_theme="ansi_dark"))


def cell(value: object) -> str:
    """A value as a table shows it.

    >>> cell(1234567), cell(None), cell("a")
    ('1,234,567', '?', 'a')
    """
    if value is None:
        return "?"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
