"""A number of runs goes in; how time and memory grow with nodes, channels and candidates at once comes out."""

from __future__ import annotations

from typing import TypeAlias

from paced.measure import measured

NODES = (2_500, 5_000, 10_000, 20_000)
CHANNELS = (64, 128, 256, 512, 1024)
TOGETHER = (1, 4, 16, 64)
SHAPES = ("chain", "wired")

Grown: TypeAlias = dict[str, dict[int, dict[str, float]]]
"""For each way to grow, what was found at each size."""


def grown(runs: int) -> Grown:
    """All that is drawn."""
    found: Grown = {
        shape: {size: measured("large", shape=shape, nodes=size, encoder="gru", runs=2) for size in NODES}
        for shape in SHAPES
    }
    found["channels"] = {size: measured("wide", channels=size, runs=runs) for size in CHANNELS}
    found["together"] = {size: measured("together", count=size, runs=runs) for size in TOGETHER}
    return found


def table(found: Grown) -> str:
    """Seconds and memory of large graphs, then of wide networks, then of many candidates."""
    lines = ["| graph | nodes | s | processor, s | memory beside the graph, MB | a node, kB |", "| --- " * 6 + "|"]
    for shape in SHAPES:
        for size, one in found[shape].items():
            lines.append(
                f"| {shape} | {size:,} | {one['least']:.2f} | {one['processor']:.2f} | {one['more']:.0f} | "
                f"{1024 * one['more'] / size:.1f} |"
            )
    lines += ["", "| channels | weights, M | ms | ns a weight | peak, MB |", "| --- " * 5 + "|"]
    for size, one in found["channels"].items():
        lines.append(
            f"| {size} | {one['weights'] / 1e6:.1f} | {1e3 * one['least']:.1f} | "
            f"{1e9 * one['least'] / one['weights']:.1f} | {one['peak']:,.0f} |"
        )
    lines += ["", "| candidates at once | ms | ms a candidate | peak, MB |", "| --- " * 4 + "|"]
    for size, one in found["together"].items():
        lines.append(f"| {size} | {1e3 * one['least']:.1f} | {1e3 * one['each']:.1f} | {one['peak']:,.0f} |")
    return "\n".join(lines)
