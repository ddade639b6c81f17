"""The command `show`: an address becomes a table of a network's layers, or of a space's choices."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.networks import Depth, Expand, Optimized, depth_of, network, refuse_depth, refuse_optimized
from ghndsl.cli.output import emit, say
from ghndsl.cli.space_words import print_space, space_facts

if TYPE_CHECKING:
    from ghndsl.cli.layers import Times
    from ghndsl.emit.table.difference import Change
    from ghndsl.emit.table.rows import Row
    from ghndsl.ir import Graph


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(show)


def show(
    what: options.NetOrSpace,
    diff: Annotated[
        str | None,
        typer.Option("--diff", metavar="NET", help="Compare with another network.", show_default=False),
    ] = None,
    depth: Depth = None,
    expand: Expand = False,
    optimized: Optimized = False,
    latency: Annotated[
        bool,
        typer.Option("--latency", help="Measure how long a sample takes here to reach each exit and output."),
    ] = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Shows a network's layers, types, params and MACs, or a space's size and choices; `--diff` compares two networks.

    Examples: `ghndsl show resnet18`, `ghndsl show resnet18 --diff resnet34`, `ghndsl show nasbench201@17 --optimized`,
    `ghndsl show msdnet --latency`, `ghndsl show digits --set width=32`.
    """
    from ghndsl.passes import optimize
    from ghndsl.space.load import find_space, is_space, parse_settings

    opened = depth_of(depth, expand=expand)
    if is_space(what):
        refuse_optimized(optimized)
        refuse_depth(opened)
        if diff is not None:
            raise typer.BadParameter("two networks can be compared, not spaces", param_hint="--diff")
        if latency:
            raise typer.BadParameter("it is measured of a network, not of a space", param_hint="--latency")
        space = find_space(what, parse_settings(set_ or []), options.limits_of(limit))
        emit(space_facts(space) if as_json else {}, as_json=as_json, show=lambda: print_space(space))
        return
    whole = network(what, set_, limit)
    graph = optimize(whole) if optimized else whole
    if diff is not None:
        if latency:
            raise typer.BadParameter("it is measured of one network", param_hint="--latency")
        other = network(diff, set_, limit)
        _show_difference(graph, optimize(other) if optimized else other, (what, diff), opened or 0, as_json=as_json)
    else:
        _show_network(graph, whole if optimized else None, opened, timed=latency, as_json=as_json)


def _show_network(graph: Graph, before: Graph | None, depth: int | None, *, timed: bool, as_json: bool) -> None:
    """A network, and what it was `before` it was optimised; `timed`, how long it takes to reach each exit."""
    from ghndsl.cli.layers import print_network
    from ghndsl.emit.table.rows import table as rows_of
    from ghndsl.passes.facts import gone

    rows, (sizes, times) = rows_of(graph, depth), _times(graph) if timed else ({}, {})
    found = _facts(graph, rows, times)
    if timed:
        found["latency_sizes"] = sizes
    if before is not None:
        found["gone"] = gone(before, graph)

    def printed() -> None:
        print_network(graph, rows, times)
        if sizes:
            say(f"measured with {', '.join(f'{name} = {size}' for name, size in sizes.items())}")
        if before is not None:
            taken = ", ".join(f"{name} {count}" for name, count in gone(before, graph).items()) or "nothing"
            say(f"optimized: {len(before.nodes):,} nodes before; gone: {taken}")

    emit(found, as_json=as_json, show=printed)


def _times(graph: Graph) -> tuple[dict[str, int], Times]:
    """Open sizes, and how long a sample of them takes to reach each exit and output, in milliseconds, with spreads."""
    from ghndsl.search.latency import latencies

    sizes, found = latencies(graph)
    times = {name: {engine: (one.milliseconds, one.spread) for engine, one in by.items()} for name, by in found.items()}
    return sizes, times


def _facts(graph: Graph, rows: list[Row], times: Times) -> dict[str, object]:
    from ghndsl.passes.facts import memory, reach

    kept = memory(graph)
    reached = [reach(graph, port) for port in graph.results]
    answers = [{"name": one.name, "params": one.params, "macs": one.macs, **_timed(one.name, times)} for one in reached]
    return {
        "name": graph.name,
        "params": graph.params,
        "buffers": graph.buffers,
        "macs": graph.macs,
        "nodes": len(graph.nodes),
        "id": graph.id,
        "inputs": {name: str(kind) for name, kind in graph.inputs.items()},
        "outputs": {name: str(kind) for name, kind in graph.outputs.items()},
        "exits": [told for told, one in zip(answers, reached, strict=True) if one.is_exit],
        "answers": answers,
        "memory": {"inputs": kept.inputs, "values": kept.values, "weights": kept.weights, "total": kept.total},
        "choices": dict(graph.choices),
        "layers": _layers(graph),
        "rows": [asdict(row) for row in rows],
    }


def _timed(name: str, times: Times) -> dict[str, float]:
    """The times of an exit or output, by the names of objectives."""
    found: dict[str, float] = {}
    for engine, (milliseconds, spread) in times.get(name, {}).items():
        found |= {engine: milliseconds, f"{engine}_spread": spread}
    return found


def _layers(graph: Graph) -> list[dict[str, object]]:
    """Every node, none of them folded."""
    from ghndsl.ops import written
    from ghndsl.passes.facts import layers

    return [
        {
            "path": layer.node.path,
            "operator": written(layer.node.op),
            "type": ", ".join(str(value.type) for value in layer.node.results),
            "params": layer.params,
            "macs": layer.macs,
            "shared": layer.is_shared,
        }
        for layer in layers(graph)
    ]


def _show_difference(one: Graph, other: Graph, names: tuple[str, str], depth: int, *, as_json: bool) -> None:
    from ghndsl.cli.layers import print_difference
    from ghndsl.emit.table.difference import chosen, difference, folded

    changes = difference(one, other, depth)
    found = {
        "names": [one.name, other.name],
        "params": [one.params, other.params],
        "buffers": [one.buffers, other.buffers],
        "macs": [one.macs, other.macs],
        "nodes": [len(one.nodes), len(other.nodes)],
        "id": [one.id, other.id],
        "choices": chosen(one, other),
        "changes": [_told(leaf) for change in changes for leaf in change.leaves()],
    }
    emit(found, as_json=as_json, show=lambda: print_difference(one, other, names, folded(changes)))


def _told(change: Change) -> dict[str, object]:
    """A change as JSON has it: what it is, and both sides, null where there is none."""
    before, after = (side and asdict(side) for side in (change.before, change.after))
    return {"change": change.kind, "before": before, "after": after}
