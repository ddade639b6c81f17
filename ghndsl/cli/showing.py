"""The command `show`: an address becomes a table of a network's layers, or of a space's choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from ghndsl.cli import options
from ghndsl.cli.networks import Optimized, network, refuse_optimized
from ghndsl.cli.output import cell, emit, say, table

if TYPE_CHECKING:
    from ghndsl.ir import Graph
    from ghndsl.passes.facts import Layer
    from ghndsl.space import Space


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(show)


def show(
    what: options.NetOrSpace,
    optimized: Optimized = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Shows a network's layers, types, params and MACs, or a space's size and choices.

    Examples: `ghndsl show resnet18`, `ghndsl show nasbench201@17 --optimized`, `ghndsl show digits --set width=32`.
    """
    from ghndsl.passes import optimize
    from ghndsl.space.load import find_space, is_space, parse_settings

    if is_space(what):
        refuse_optimized(optimized)
        _show_space(find_space(what, parse_settings(set_ or []), options.limits_of(limit)), as_json=as_json)
        return
    whole = network(what, set_, limit)
    if optimized:
        _show_network(optimize(whole), whole, as_json=as_json)
    else:
        _show_network(whole, None, as_json=as_json)


def _show_network(graph: Graph, before: Graph | None, *, as_json: bool) -> None:
    """A network, and what it was `before` it was optimised."""
    from ghndsl.passes.facts import gone, layers

    rows = layers(graph)
    found = _facts(graph, rows)
    if before is not None:
        found["gone"] = gone(before, graph)

    def printed() -> None:
        _print_network(graph, rows)
        if before is not None:
            taken = ", ".join(f"{name} {count}" for name, count in gone(before, graph).items()) or "nothing"
            say(f"optimized: {len(before.nodes):,} nodes before; gone: {taken}")

    emit(found, as_json=as_json, show=printed)


def _facts(graph: Graph, rows: list[Layer]) -> dict[str, object]:
    from ghndsl.ops import written
    from ghndsl.passes.facts import exits

    return {
        "name": graph.name,
        "params": graph.params,
        "buffers": graph.buffers,
        "macs": graph.macs,
        "nodes": len(graph.nodes),
        "id": graph.id,
        "inputs": {name: str(kind) for name, kind in graph.inputs.items()},
        "outputs": {name: str(kind) for name, kind in graph.outputs.items()},
        "exits": [{"name": one.name, "params": one.params, "macs": one.macs} for one in exits(graph)],
        "layers": [
            {
                "path": row.node.path,
                "operator": written(row.node.op),
                "type": _types(row),
                "params": row.params,
                "macs": row.macs,
                "shared": row.is_shared,
            }
            for row in rows
        ],
    }


def _types(row: Layer) -> str:
    return ", ".join(str(value.type) for value in row.node.results)


def _print_network(graph: Graph, layers: list[Layer]) -> None:
    from ghndsl.ops import Slice, written
    from ghndsl.passes.facts import exits

    rows: list[list[object]] = []
    for row in layers:
        # Signs and indices have no path: they are told by the block that they stand in, and indices as written.
        path = row.node.path or f"in {row.node.scope.path or graph.name}"
        operator = f"x{row.node.op.subscript}" if isinstance(row.node.op, Slice) else written(row.node.op)
        rows.append([path, operator, _types(row), "shared" if row.is_shared else row.params, row.macs])
    columns = ("path", "operator", "type", "params", "macs")
    table(_title(graph.name, graph.doc), columns, rows, left=columns[:3])
    for word, ports in (("input", graph.inputs), ("output", graph.outputs)):
        for name, kind in ports.items():
            say(f"{word} {name}: {kind}")
    for one in exits(graph):
        say(f"exit {one.name}: {one.params:,} params, {cell(one.macs)} MACs to reach it")
    kept = f"{graph.buffers:,} numbers in buffers"
    counts = f"{graph.params:,} params, {kept}, {cell(graph.macs)} MACs, {len(graph.nodes):,} nodes"
    say(f"{counts}\nid {graph.id}")


def _title(name: str, doc: str) -> str:
    """A name, and what its text says of it."""
    return f"{name}\n{doc}" if doc else name


def _show_space(space: Space, *, as_json: bool) -> None:
    choices = {path: list(options) for path, options in space.choices.items()}

    def printed() -> None:
        rows = [(path, ", ".join(options)) for path, options in choices.items()]
        table(_title(space.name, space.doc), ("choice", "options"), rows, left=("choice", "options"))
        say(f"{space.size:,} candidates")

    emit({"name": space.name, "size": space.size, "choices": choices}, as_json=as_json, show=printed)
