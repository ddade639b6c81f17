"""The command `render`, and how commands get the network of an address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ghndsl.cli import options
from ghndsl.cli.output import emit, note

if TYPE_CHECKING:
    from ghndsl.ir import Graph

Optimized: TypeAlias = Annotated[
    bool, typer.Option("--optimized", help="Without parts that do nothing or are computed twice.")
]


Depth: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--depth", min=0, help="Levels of blocks to open; by default, what stays legible.", show_default=False
    ),
]
Expand: TypeAlias = Annotated[bool, typer.Option("--expand", help="Open all blocks, each repeat of them too.")]


_LEGIBLE = 0.5
"""The share of its own size below which texts in a PNG cannot be read."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(render)


def network(net: str, words: list[str] | None, limit: list[str] | None = None) -> Graph:
    """The verified graph of an address, a run's finding included."""
    from ghndsl.ir import verify
    from ghndsl.search.address import find_network
    from ghndsl.space.load import parse_settings

    graph = find_network(net, parse_settings(words or []), options.limits_of(limit))
    verify(graph)
    return graph


def refuse_optimized(optimized: bool) -> None:
    """Refuses `--optimized` of a space."""
    if optimized:
        raise typer.BadParameter("a space is no network, and its candidates are as written", param_hint="--optimized")


def depth_of(depth: int | None, *, expand: bool) -> int | None:
    """The depth that `--depth` and `--expand` ask for."""
    from ghndsl.emit.outline.folding import EVERYTHING

    if depth is not None and expand:
        raise typer.BadParameter("give either --depth or --expand", param_hint="--expand")
    return EVERYTHING if expand else depth


def refuse_depth(depth: int | None) -> None:
    """Refuses `--depth` and `--expand` of a space."""
    if depth is not None:
        raise typer.BadParameter("a space has choices, not blocks to open", param_hint="--depth")


def render(
    what: options.NetOrSpace,
    output: Annotated[Path, typer.Option("-o", "--output", help="`F.svg`, `F.png` or `F.dot`.")],
    depth: Depth = None,
    expand: Expand = False,
    optimized: Optimized = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Draws a network, its blocks folded and each kind of them open beside it, or a space and what it chooses from.

    Examples: `ghndsl render resnet18 -o resnet18.svg`, `ghndsl render digits@17 -o cell.png --depth 3`,
    `ghndsl render nasbench201 -o space.svg`.
    """
    from ghndsl.passes import optimize
    from ghndsl.space.load import find_space, is_space, parse_settings

    if is_space(what):
        from ghndsl.space.picture import render as draw_space

        refuse_optimized(optimized)
        refuse_depth(depth_of(depth, expand=expand))
        draw_space(find_space(what, parse_settings(set_ or []), options.limits_of(limit)), output)
    else:
        from ghndsl.emit.picture.dot import to_dot
        from ghndsl.emit.picture.render import write_picture

        opened, whole = depth_of(depth, expand=expand), network(what, set_, limit)
        graph = optimize(whole) if optimized else whole
        title = what if graph.choices else ""
        _warn_of_size(write_picture(lambda: to_dot(graph, opened, title).source, output))
    emit({"file": str(output)}, as_json=as_json, show=lambda: note(f"wrote {output}"))


def _warn_of_size(share: float) -> None:
    """Says so when a picture is too small to be read."""
    if share < _LEGIBLE:
        note(f"drawn at {max(share, 0.01):.0%} of its size: write an `.svg`, or give a smaller --depth")
