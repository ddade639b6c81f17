"""A network, or the difference of two, goes in; it is printed for a person, in a table as wide as the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ghndsl.cli.fitting import Called, Sheet, merged
from ghndsl.cli.output import cell, columns, say, table

if TYPE_CHECKING:
    from ghndsl.emit.table.difference import Change, Side
    from ghndsl.emit.table.rows import Row
    from ghndsl.ir import Graph

_NUMBERS = ("params", "MACs")
_ROOM = 48
"""The characters for label and operator that are worth more than digits and brackets."""
_SIGNS = ("+", "-", "~")
Times: TypeAlias = "Mapping[str, Mapping[str, tuple[float, float]]]"
"""Milliseconds to reach an exit or output, with their spread, by its name and by engine."""
_ENGINES = {"latency": "PyTorch", "latency_onnx": "ONNX Runtime"}
_Line: TypeAlias = "tuple[str, Called, tuple[str, ...]]"


def print_network(graph: Graph, rows: Sequence[Row], times: Times) -> None:
    """The rows of a table, then the ports, how long they take to reach where that was measured, and the totals."""
    lines = _fitted(lambda style: [_row(row, style) for row in rows])
    head = ("layer", "operator", "type", *_NUMBERS)
    table(f"{graph.name}\n{graph.doc}" if graph.doc else graph.name, head, lines, left=head[:3])
    for word, ports in (("input", graph.inputs), ("output", graph.outputs)):
        for name, kind in ports.items():
            say(f"{word} {name}: {kind}")
    if graph.choices:
        say(f"choices {' '.join(f'{path}={text}' for path, text in graph.choices)}")
    _print_reach(graph, times)
    _print_totals(graph)


def _print_reach(graph: Graph, times: Times) -> None:
    """What it takes to reach each exit, and how long it takes each output."""
    from ghndsl.passes.facts import reach

    for one in [reach(graph, port) for port in graph.results if port.is_exit or times]:
        word = "exit" if one.is_exit else "output"
        took = [
            f"{_ENGINES[by]} {least:.3g} ms ±{spread:.1g}" for by, (least, spread) in times.get(one.name, {}).items()
        ]
        say(f"{word} {one.name}: {', '.join([f'{one.params:,} params', f'{cell(one.macs)} MACs', *took])} to reach it")


def _print_totals(graph: Graph) -> None:
    from ghndsl.passes.facts import memory

    kept = f"{graph.buffers:,} numbers in buffers"
    say(f"{graph.params:,} params, {kept}, {cell(graph.macs)} MACs, {len(graph.nodes):,} nodes")
    found = memory(graph)
    parts = (("inputs", found.inputs), ("values", found.values), ("weights", found.weights), ("in all", found.total))
    say(f"MB for one sample: {', '.join(f'{_megabytes(size)} {word}' for word, size in parts)}")
    say(f"id {graph.id}")


def print_difference(one: Graph, other: Graph, names: tuple[str, str], changes: Sequence[Change]) -> None:
    """What the second network has otherwise, then both side by side under their names."""
    from ghndsl.emit.table.difference import chosen

    signs = [line[2][0] for change in changes for line in _lines(change, 0, _STYLES[0])]
    fit = _fitted(lambda style: [line for change in changes for line in _lines(change, 0, style)])
    lines = [[sign, *words] for sign, words in zip(signs, fit, strict=True)]
    head = ("", "layer", "operator", "type", *_NUMBERS)
    table(" → ".join(names), head, lines, left=head[:4])
    for path, (before, after) in chosen(one, other).items():
        say(f"choice {path}: {before or 'not made'} → {after or 'not made'}")
    if not changes:
        same = one.id == other.id
        say("the same network" if same else "the same layers, wired otherwise or with weights shared otherwise")
    sides: list[list[object]] = [
        [word, before, after, _by(before, after)]
        for word, before, after in (
            ("params", one.params, other.params),
            ("buffers", one.buffers, other.buffers),
            ("MACs", one.macs, other.macs),
            ("nodes", len(one.nodes), len(other.nodes)),
        )
    ]
    table("", ("in all", *names, "by"), sides, left=("in all",))
    say(f"id {one.id}" + (f" → {other.id}" if other.id != one.id else ""))


def _lines(change: Change, depth: int, style: _Style) -> list[_Line]:
    """A line for a change, of all that are alike together, and those for what is inside one of them."""
    from ghndsl.emit.outline.words import spanned, tidy, times

    outer: list[Change] = []
    while change.times == 1 and len(change.inside) == 1 and change.inside[0].inside:
        outer.append(change)
        change = change.inside[0]
    before, after = change.before, change.after

    sides = [side for side in (before, after) if side]

    def both(told: Callable[[Side], str]) -> str:
        return " → ".join(dict.fromkeys(map(told, sides)))

    path = after.path if after else before.path if before else ""
    path = spanned([path, change.last]) if change.last else path
    around = "".join(f"{one.after.name} › " for one in outer if one.after)
    exact = tuple(dict.fromkeys(side.name for side in sides))
    names = tuple(dict.fromkeys(map(tidy, exact)))
    # Two numbers that are the same in six digits are told in all of them.
    name = Called(names if len(names) == len(exact) else exact, times(change.times), around)
    sign = {"added": "+", "removed": "-", "changed": "~"}[change.kind]
    numbers = (
        style.arrows(both(lambda side: style.number(change.times * side.params))),
        style.arrows(both(lambda side: style.number(side.macs and change.times * side.macs))),
    )
    own = f"{'  ' * depth}{path}", name, (sign, style.type(merged(both(lambda side: side.type))), *numbers)
    return [own, *(line for inner in change.inside for line in _lines(inner, depth + 1, style))]


def _row(row: Row, style: _Style) -> _Line:
    from ghndsl.emit.outline.words import tidy, times

    name = Called((tidy(row.name),), times(row.times), "", "" if row.is_equal else ", numbers differ")
    return f"{'  ' * row.depth}{row.path}", name, (style.type(row.type), _params(row, style), style.number(row.macs))


def _params(row: Row, style: _Style) -> str:
    return "shared" if row.is_shared else style.number(row.params)


def _by(before: int | None, after: int | None) -> str:
    """How much more it is, or less.

    >>> _by(100, 150), _by(0, 3), _by(4, 4), _by(None, 3)
    ('+50.0%', '', '=', '')
    """
    if before is not None and before == after:
        return "="
    if before is None or after is None or before == 0:
        return ""
    return f"{after / before - 1:+.1%}"


def _fitted(lines: Callable[[_Style], Sequence[_Line]]) -> list[list[object]]:
    """The cells of lines, label and operator first and no sign, written as fully as there is room for."""
    tried = (Sheet(tuple(lines(style)), _NUMBERS) for style in _STYLES)
    last = Sheet(tuple(lines(_STYLES[-1])), _NUMBERS)
    found = next((one for one in tried if one.width <= columns() or one.spare(columns()) >= _ROOM), last)
    fit = found.fitted(columns())
    return [[*words, *line[2][1 if line[2][0] in _SIGNS else 0 :]] for words, line in zip(fit, found.rows, strict=True)]


def _short(number: int | None) -> str:
    from ghndsl.emit.outline.words import count

    return "?" if number is None else count(number)


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:,.2f}"


def _terse(kind: str) -> str:
    """A type without its brackets.

    >>> _terse("f32[N, 160 → 960, 7, 7]"), _terse("i64[N]")
    ('N×160→960×7×7', 'i64[N]')
    """
    if not kind.startswith("f32[") or kind.count("[") > 1:
        return kind
    return _close(kind.removeprefix("f32[").removesuffix("]").replace(", ", "×"))


def _close(text: str) -> str:
    return text.replace(" → ", "→")


@dataclass(frozen=True)
class _Style:
    """How numbers and types are written."""

    number: Callable[[int | None], str]
    type: Callable[[str], str]
    arrows: Callable[[str], str] = str


_STYLES = (_Style(cell, str), _Style(_short, str), _Style(_short, _terse, _close))
"""From the one that says all to the one that needs least room."""
