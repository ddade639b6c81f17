"""A graph goes in; a Graphviz picture of it comes out: blocks folded, each kind shown open beside, and a legend."""

from __future__ import annotations

import graphviz

from ghndsl.emit.outline.boxes import length
from ghndsl.emit.outline.folding import fold
from ghndsl.emit.picture.details import Details, details
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

_ENDS = 3
"""As how many boxes count the ends and the heading of a detail."""


def to_dot(graph: Graph, depth: int | None = None, title: str = "") -> graphviz.Digraph:
    """The picture, in which blocks nested deeper than `depth` are one box each; without a depth, folded to be legible.

    Inputs are ellipses, outputs octagons, exits dashed hexagons. Edges show the shape, without the batch, where it
    changes; tooltips give the full type and the line of the spec. Without a depth, what a folded block holds is drawn
    beside the picture, once for each kind of block. The title is the graph's name where none is given.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType, symbol
    >>> build = GraphBuilder("tiny")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> build.output("y", *build.add(ops.Linear(2), [x], "fc", Scope("arch", "tiny")))
    >>> "linear" in to_dot(build.finish()).source
    True
    """
    picture = fold(graph, depth)
    beside = details(graph, picture) if depth is None else Details()
    labels = Labels(graph, beside)
    dot = graphviz.Digraph(plain(graph.name), graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    dot.attr(label=labels.title(title))
    seen: set[Colours] = {CHOICE} if graph.choices else set()
    sheet = graphviz.Digraph("cluster_sheet")
    main = graphviz.Digraph("cluster_main")
    main.attr(label="", **_SHEET)
    Flow(labels, main, seen).whole(graph, picture)
    sheet.subgraph(main)
    _stack(labels, sheet, seen, length(picture) + len(beside.drawn[:1]))
    sheet.attr(label=legend(seen, graph.choices, beside.missing), **_SHEET)
    dot.subgraph(sheet)
    return dot


def _stack(labels: Labels, sheet: graphviz.Digraph, seen: set[Colours], room: int) -> None:
    """Draws the details in columns, each about as long as the picture beside them."""
    used, above = 0, ""
    for number, detail in enumerate(labels.details.drawn):
        first, last = Flow(labels, sheet, seen, f"detail{number}_").part(detail)
        own = length(detail.content) + _ENDS
        if above and used + own <= room:
            sheet.edge(above, first, style="invis")
            used += own
        else:
            used = own
        above = last
