"""A graph goes in; a Graphviz picture of it comes out: blocks folded, each kind shown open beside, and a legend."""

from __future__ import annotations

import graphviz

from ghndsl.emit.outline.folding import fold
from ghndsl.emit.picture.details import details
from ghndsl.emit.picture.flow import Flow, plain
from ghndsl.emit.picture.labels import Labels
from ghndsl.emit.picture.legend import legend
from ghndsl.emit.picture.palette import CHOICE, FAINT, INK, QUIET, Colours
from ghndsl.ir import Graph

_FACE = {"fontname": "Helvetica", "fontcolor": INK}
_GRAPH = {
    **_FACE,
    "bgcolor": "transparent",
    "fontsize": "12",
    "labelloc": "t",
    "nodesep": "0.25",
    "ranksep": "0.3",
    "pad": "0.1",
    "tooltip": " ",
}
_NODE = {
    **_FACE,
    "shape": "box",
    "style": "rounded,filled",
    "fontsize": "12",
    "margin": "0.12,0.05",
    "height": "0.3",
    "penwidth": "1.2",
}
_EDGE = {"color": QUIET, "fontcolor": FAINT, "fontname": "Helvetica", "fontsize": "10", "arrowsize": "0.6"}
_SHEET = {"peripheries": "0", "labelloc": "b", "style": "", "margin": "4", "tooltip": " "}


def to_dot(graph: Graph, depth: int | None = None) -> graphviz.Digraph:
    """The picture, in which blocks nested deeper than `depth` are one box each; without a depth, folded to be legible.

    Inputs are ellipses, outputs octagons, exits dashed hexagons. Edges show the shape, without the batch, where it
    changes; tooltips give the full type and the line of the spec. Without a depth, what a folded block holds is drawn
    beside the picture, once for each kind of block.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType, symbol
    >>> build = GraphBuilder("tiny")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> build.output("y", *build.add(ops.Linear(2), [x], "fc", Scope("arch", "tiny")))
    >>> "linear" in to_dot(build.finish()).source
    True
    """
    labels = Labels(graph)
    dot = graphviz.Digraph(plain(graph.name), graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    dot.attr(label=labels.title())
    seen: set[Colours] = {CHOICE} if graph.choices else set()
    sheet = graphviz.Digraph("cluster_sheet")
    picture = fold(graph, depth)
    main = graphviz.Digraph("cluster_main")
    main.attr(label="", **_SHEET)
    Flow(labels, main, seen).whole(graph, picture)
    sheet.subgraph(main)
    for number, detail in enumerate(details(graph, picture) if depth is None else ()):
        Flow(labels, sheet, seen, f"detail{number}_").part(detail)
    sheet.attr(label=legend(seen, graph.choices), **_SHEET)
    dot.subgraph(sheet)
    return dot
