"""A space goes in; its choices and what else is said of it are printed, or are facts for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from ghndsl.cli.output import columns, say, table

if TYPE_CHECKING:
    from ghndsl.space import Space
    from ghndsl.space.summary import ChoiceRow, Summary

_HEADS = ("choice", "made in", "is", "options", "place")
"""The columns; where there is no room for all of them, the last goes."""
_LEAST, _MOST = 24, 160
"""How much of an example is printed, however narrow or wide the terminal is."""


def space_facts(space: Space) -> dict[str, object]:
    """What `show SPACE --json` prints."""
    from ghndsl.space.summary import summary

    found = summary(space)
    return {
        "name": space.name,
        "doc": space.doc,
        "size": space.size,
        "feasible": space.feasible,
        "parameters": dict(found.parameters),
        "motifs": list(found.motifs),
        "conditions": [{"test": test, "place": place} for test, place in found.conditions],
        "choices": {path: list(options) for path, options in space.choices.items()},
        "rows": [asdict(row) for row in found.rows],
    }


def print_space(space: Space) -> None:
    """Prints a table of the choices, one row for each `choose`, then conditions, scale, size and an example."""
    from ghndsl.space.summary import amount, summary

    found = summary(space)
    rows = [_cells(row) for row in found.rows]
    shown = len(_HEADS) if _wide(rows) <= columns() else len(_HEADS) - 1
    title = f"{space.name}\n{space.doc}" if space.doc else space.name
    table(title, _HEADS[:shown], [row[:shown] for row in rows], left=_HEADS)
    for line in _lines(found):
        say(line)
    number, noun = len(space.choices), "candidate" if space.size == 1 else "candidates"
    say(f"{amount(space.size, noun)}, {number:,} {'choice' if number == 1 else 'choices'}{_feasible(space)}")
    if found.example:
        say(_shortened("for example ", found.example))


def _wide(rows: Sequence[Sequence[str]]) -> int:
    """How wide a table is."""
    return sum(max(len(line) for cell in cells for line in cell.split("\n")) + 2 for cells in zip(*rows, strict=True))


def _cells(row: ChoiceRow) -> tuple[str, ...]:
    times = f" ×{row.count:,}" if row.count > 1 else ""
    return "\n".join(row.patterns) + times, row.within, row.kind, ", ".join(row.options), row.place


def _lines(found: Summary) -> list[str]:
    lines = [f"motif {name}: chosen once for all its uses" for name in found.motifs]
    lines += [f"where {test}  ({place})" for test, place in found.conditions]
    settings = ", ".join(f"{name} = {value}" for name, value in found.parameters)
    return [*lines, f"scale: {settings}"] if settings else lines


def _feasible(space: Space) -> str:
    """How many candidates meet the conditions, where some do not."""
    from ghndsl.space.summary import amount

    if space.feasible is None:
        return "; whether one meets a `where` over measures is seen when it is built"
    if space.feasible == space.size:
        return ""
    if not space.feasible:
        return "; none meets every `where`"
    verb = "meets" if space.feasible == 1 else "meet"
    return f"; {amount(space.feasible, f'{verb} every `where`')}"


def _shortened(before: str, line: str) -> str:
    """An example in one line of the terminal, its end left out."""
    room = min(_MOST, max(_LEAST, columns() - len(before)))
    return before + (line if len(line) <= room else f"{line[: room - 1]}…")
