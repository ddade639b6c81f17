"""A graph goes in; a Graphviz picture of it comes out: operators by colour, blocks as frames, deep blocks folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import graphviz

from ghndsl.diagnostics import Span
from ghndsl.emit.folding import Box, Cluster, fold
from ghndsl.emit.labels import QUIET, Labels, colours, printable, scope_colours, sizes, tooltip
from ghndsl.ir import Graph, Node, Port, Value, batch_symbol

_GRAPH = {
    "bgcolor": "transparent",
    "fontname": "Helvetica",
    "fontsize": "13",
    "fontcolor": QUIET,
    "labelloc": "t",
    "nodesep": "0.3",
    "ranksep": "0.35",
    "tooltip": " ",
}
_NODE = {
    "shape": "box",
    "style": "rounded,filled",
    "fontname": "Helvetica",
    "fontsize": "12",
    "fontcolor": "#1f2328",
    "margin": "0.14,0.06",
    "height": "0.3",
    "penwidth": "1.2",
}
_EDGE = {"color": QUIET, "fontcolor": QUIET, "fontname": "Helvetica", "fontsize": "10", "arrowsize": "0.6"}
_PORT = {"fillcolor": "#ffffff", "color": QUIET, "style": "filled", "margin": "0.08,0.03"}


def to_dot(graph: Graph, depth: int | None = None) -> graphviz.Digraph:
    """The picture, in which blocks nested deeper than `depth` are one box each; without a depth, as deep as is legible.

    Inputs are ellipses, outputs octagons, exits dashed hexagons. Edges show the shape, without the batch, where it
    changes; tooltips give the full type and the line of the spec.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType, symbol
    >>> build = GraphBuilder("tiny")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> build.output("y", *build.add(ops.Linear(2), [x], "fc", Scope("arch", "tiny")))
    >>> "linear" in to_dot(build.finish()).source
    True
    """
    picture = _Picture(graph)
    for i, port in enumerate(graph.arguments):
        picture.port(f"input{i}", port, "ellipse")
        picture.owners[port.value.id] = f"input{i}"
    picture.draw(fold(graph, depth), picture.dot)
    for i, port in enumerate(graph.results):
        picture.port(f"output{i}", port, "hexagon" if port.is_exit else "octagon")
    picture.connect()
    return picture.dot


@dataclass(eq=False)
class _Picture:
    """The picture while it is drawn: the box of each value, values whose shape is told, and those boxes take."""

    graph: Graph
    owners: dict[int, str] = field(default_factory=dict[int, str])
    told: set[int] = field(default_factory=set[int])
    edges: list[tuple[Value, str]] = field(default_factory=list[tuple[Value, str]])
    _count: int = 0

    def __post_init__(self) -> None:
        self.labels = Labels(self.graph)
        self.dot = graphviz.Digraph(_plain(self.graph.name), graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
        self.dot.attr(label=self.labels.title())

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"

    def port(self, name: str, port: Port, shape: str) -> None:
        """Draws an input, output or exit."""
        style = {**_PORT, "style": "filled,dashed"} if port.is_exit else _PORT
        text = _tip(port.span, f"{port.name}: {port.value.type}")
        self.dot.node(name, self.labels.port(port), shape=shape, tooltip=text, **style)
        if shape != "ellipse":
            self.edges.append((port.value, name))

    def draw(self, cluster: Cluster, dot: graphviz.Digraph) -> None:
        """Draws all that a cluster holds into a (sub)graph."""
        for child in cluster.children:
            if isinstance(child, Box):
                self._box(child, cluster, dot)
                continue
            _, line = scope_colours(child.scopes[-1])
            inner = graphviz.Digraph(self._name("cluster_"))
            inner.attr(label=self.labels.cluster(child, cluster), tooltip=_tip(child.scopes[0].span))
            inner.attr(labeljust="l", style="rounded,filled", fillcolor=f"{line}14", color=line, fontsize="11")
            self.draw(child, inner)
            dot.subgraph(inner)
            for copy in child.copies[1:]:
                self._same(child.copies[0], copy)

    def _same(self, drawn: Sequence[Node], copy: Sequence[Node]) -> None:
        """Lets the boxes of a block's first use stand for those of another."""
        for one, other in zip(drawn, copy, strict=True):
            for here, there in zip(one.results, other.results, strict=True):
                self.owners[there.id] = self.owners[here.id]
                if here.id in self.told:
                    self.told.add(there.id)

    def _box(self, box: Box, cluster: Cluster, dot: graphviz.Digraph) -> None:
        name = self._name("node")
        node, kinds = box.nodes[0], ", ".join(str(value.type) for value in box.nodes[-1].results)
        if box.scopes:
            fill, line = scope_colours(box.scopes[0])
            text = _tip(box.scopes[0].span, kinds)
            dot.node(name, self.labels.box(box, cluster), fillcolor=fill, color=line, peripheries="2", tooltip=text)
        else:
            fill, line = colours(node.op)
            text = _tip(node.span, f"{node.path}: {kinds}")
            dot.node(name, self.labels.node(node, cluster), fillcolor=fill, color=line, tooltip=text)
        made = {value.id: name for inner in box.nodes for value in inner.results}
        self.owners.update(made)
        taken = [value for inner in box.nodes for value in inner.inputs if value.id not in made]
        self.edges += [(value, name) for value in (dict.fromkeys(taken) if box.scopes else taken)]
        same = set(node.input_types)
        self.told.update(made if box.scopes else (v.id for v in node.results if {v.type} == same))

    def connect(self) -> None:
        """Draws the edges, the shape on the first of those that carry a value, unless a box or port tells it."""
        batch = batch_symbol(self.graph)
        self.told.update(port.value.id for port in (*self.graph.arguments, *self.graph.results))
        for value, user in self.edges:
            label = "" if value.id in self.told else f" {sizes(value.type, batch)}"
            self.told.add(value.id)
            kind = str(value.type)
            self.dot.edge(self.owners[value.id], user, label=label, tooltip=kind, labeltooltip=kind)


def _tip(span: Span | None, *more: str) -> str:
    # An empty tooltip would be Graphviz's own, which is the label's HTML.
    return _plain(tooltip(span, *more) or " ")


def _plain(text: str) -> str:
    """A text that Graphviz shows as it is: no escapes, no entities, not HTML."""
    shown: str = graphviz.escape(printable(text).replace("&", "&amp;"))
    return shown
