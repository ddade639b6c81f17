"""Long steps and the columns of a terminal go in; a row with a bar for each of them comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ghndsl.cli.stage_words import left, rate
from ghndsl.diagnostics import printable

if TYPE_CHECKING:
    from rich.text import Text

    from ghndsl.stages import Stage

_MOST = 8
"""How many parts of a step are shown."""
_WIDE = 120
"""Columns of a terminal that has room for longer bars, and for words beside them."""
_LEAST = 12
_BARS = range(4, 11)
"""How long a bar is where words leave little room."""


@dataclass(frozen=True)
class _Row:
    """A step, how it is called, what is said of it, and whether it stands out."""

    label: str
    stage: Stage
    words: str
    style: str


def drawn(stages: Sequence[Stage], width: int, unit: str = "") -> Text:
    """A row for each step and each of its parts, none wider than the terminal. What is under way stands out."""
    from rich.text import Text

    is_wide = width >= _WIDE
    rows = [row for stage in stages for row in _rows(stage, is_wide=is_wide)]
    cells = [(_amount(row.stage, unit), rate(row.stage, unit), left(row.stage)) for row in rows]
    sizes = [max(map(len, column)) for column in zip(*cells, strict=True)]
    others, longest = sum(sizes) + len(sizes) + 1, max((len(row.label) for row in rows), default=0)
    bar = 16 if is_wide else max(_BARS[0], min(_BARS[-1], width - others - longest))
    room = max(_LEAST, min(longest, width - others - bar))
    lines: list[Text] = []
    for row, numbers in zip(rows, cells, strict=True):
        line = Text(row.label, row.style)
        line.truncate(room, overflow="ellipsis", pad=True)
        line.append(" ").append_text(_bar(row.stage.share, bar))
        line.append("".join(f" {one:>{size}}" for one, size in zip(numbers, sizes, strict=True)).rstrip(), row.style)
        line.append(f"  {row.words}" if row.words and is_wide else "", "dim")
        lines += [line, *([Text(f"    {row.words}", "dim")] if row.words and not is_wide else [])]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n").join(lines)


def _rows(stage: Stage, *, is_wide: bool) -> Iterator[_Row]:
    """The row of a step, and those of what is in work. Without room beside, words of what is under way are below."""
    more = len(stage.parts) - _MOST
    words = "; ".join([*([stage.text] if stage.text else []), *([f"{more:,} more in work"] if more > 0 else [])])
    label, style = f"{'>' if stage.is_under_way else ' '} {stage.title}", "bold" if stage.is_under_way else ""
    yield _Row(printable(label), stage, printable(words) if is_wide or stage.is_under_way else "", style)
    for part in stage.parts[:_MOST]:
        beside = f"    {part.title}" if is_wide or not part.text else f"    {part.title}: {part.text}"
        yield _Row(printable(beside), part, printable(part.text) if is_wide else "", "")


def _bar(share: float, width: int) -> Text:
    from rich.text import Text

    filled = int(share * width)
    return Text.assemble(
        ("━" * filled, "bar.finished" if share >= 1 else "bar.complete"), ("─" * (width - filled), "dim")
    )


def _amount(stage: Stage, unit: str) -> str:
    """How far a step is, once that is known.

    >>> from ghndsl.stages import Stage
    >>> _amount(Stage("", "", 45, 1900), "s"), _amount(Stage("", ""), "")
    ('45/1,900 s', '')
    """
    return f"{stage.done:,}/{stage.total:,} {unit}".rstrip() if stage.total else ""
