"""A network, or the difference of two, goes in; it is printed for a person, in a table as wide as the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ghndsl.cli.output import cell, columns, say, table

if TYPE_CHECKING:
    from ghndsl.emit.table.difference import Change, Side
    from ghndsl.emit.table.rows import Row
    from ghndsl.ir import Graph

_NARROW = 100
_NUMBERS = ("params", "MACs")


def print_network(graph: Graph, rows: Sequence[Row]) -> None:
    """The rows of a table, then the ports and the totals."""
    number = _number()
    lines = [
        [f"{'  ' * row.depth}{row.path}", _short(row.title), row.type, _params(row, number), number(row.macs)]
        for row in rows
    ]
    head = ("layer", "operator", "type", *_NUMBERS)
    table(f"{graph.name}\n{graph.doc}" if graph.doc else graph.name, head, lines, left=head[:3])
    for word, ports in (("input", graph.inputs), ("output", graph.outputs)):
        for name, kind in ports.items():
            say(f"{word} {name}: {kind}")
    if graph.choices:
        say(f"choices {' '.join(f'{path}={text}' for path, text in graph.choices)}")
    _print_totals(graph)


def _print_totals(graph: Graph) -> None:
    from ghndsl.passes.facts import exits, memory

    for one in exits(graph):
        say(f"exit {one.name}: {one.params:,} params, {cell(one.macs)} MACs to reach it")
    kept = f"{graph.buffers:,} numbers in buffers"
    say(f"{graph.params:,} params, {kept}, {cell(graph.macs)} MACs, {len(graph.nodes):,} nodes")
    found = memory(graph)
    parts = (("inputs", found.inputs), ("values", found.values), ("weights", found.weights), ("in all", found.total))
    say(f"MB for one sample: {', '.join(f'{_megabytes(size)} {word}' for word, size in parts)}")
    say(f"id {graph.id}")


def print_difference(one: Graph, other: Graph, names: tuple[str, str], changes: Sequence[Change]) -> None:
    """What the second network has otherwise, then both side by side under their names."""
    from ghndsl.emit.table.difference import chosen

    lines = [line for change in changes for line in _lines(change, 0)]
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
            ("id", one.id, other.id),
        )
    ]
    table("", ("in all", *names, "by"), sides, left=("in all",))


def _lines(change: Change, depth: int) -> list[list[object]]:
    """A line for a change, of all that are alike together, and those for what is inside one of them."""
    from ghndsl.emit.outline.words import spanned

    outer: list[Change] = []
    while change.times == 1 and len(change.inside) == 1 and change.inside[0].inside:
        outer.append(change)
        change = change.inside[0]
    before, after = change.before, change.after
    number = _number()

    def both(told: Callable[[Side], str]) -> str:
        found = dict.fromkeys(told(side) for side in (before, after) if side)
        return " → ".join(found)

    path = after.path if after else before.path if before else ""
    path = spanned([path, change.last]) if change.last else path
    around = "".join(f"{one.after.name} › " for one in outer if one.after)
    name = around + both(lambda side: _short(side.name)) + (f" ×{change.times}" if change.times > 1 else "")
    sign = {"added": "+", "removed": "-", "changed": "~"}[change.kind]
    numbers = (
        both(lambda side: number(change.times * side.params)),
        both(lambda side: number(side.macs and change.times * side.macs)),
    )
    own: list[object] = [sign, f"{'  ' * depth}{path}", name, both(lambda side: side.type), *numbers]
    return [own, *(line for inner in change.inside for line in _lines(inner, depth + 1))]


def _params(row: Row, number: Callable[[int | None], str]) -> str:
    return "shared" if row.is_shared else number(row.params)


def _by(before: int | str | None, after: int | str | None) -> str:
    """How much more it is, or less.

    >>> _by(100, 150), _by(0, 3), _by("a", "a"), _by(None, 3)
    ('+50.0%', '', '=', '')
    """
    if before is not None and before == after:
        return "="
    if not isinstance(before, int) or not isinstance(after, int) or before == 0:
        return ""
    return f"{after / before - 1:+.1%}"


def _number() -> Callable[[int | None], str]:
    """How numbers are written: in full where there is room, else in three digits."""
    from ghndsl.emit.outline.words import count

    return cell if columns() >= _NARROW else lambda number: "?" if number is None else count(number)


def _short(text: str) -> str:
    """An operator, without all of its attributes where there is no room."""
    from ghndsl.emit.outline.words import shortened

    return text if columns() >= _NARROW else shortened(text, max(12, columns() // 4))


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:,.2f}"
