"""A graph goes in; a Graphviz picture of it comes out: blocks folded, each kind shown open beside, and a legend."""

from __future__ import annotations

import graphviz

from ghndsl.emit.outline.boxes import length
from ghndsl.emit.outline.folding import fold
from ghndsl.emit.picture.details import Details, details
from ghndsl.emit.picture.flow import Flow
from ghndsl.emit.picture.labels import Labels
from ghndsl.emit.picture.legend import legend
from ghndsl.emit.picture.page import Columns, page, sheet
from ghndsl.emit.picture.palette import CHOICE, Colours
from ghndsl.ir import Graph

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
    dot = page(graph.name, labels.title(title))
    seen: set[Colours] = {CHOICE} if graph.choices else set()
    whole, main = sheet("sheet"), sheet("main")
    Flow(labels, main, seen).whole(graph, picture)
    whole.subgraph(main)
    columns = Columns(whole, length(picture) + len(beside.drawn[:1]))
    for number, detail in enumerate(beside.drawn):
        columns.add(Flow(labels, whole, seen, f"detail{number}_").part(detail), length(detail.content) + _ENDS)
    whole.attr(label=legend(seen, graph.choices, beside.missing))
    dot.subgraph(whole)
    return dot
