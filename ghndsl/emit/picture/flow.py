"""A folded network, or what one block holds, goes in; its boxes, frames and edges are in a Graphviz picture then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import graphviz

from ghndsl.diagnostics import Span
from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.outline.grouping import entering
from ghndsl.emit.outline.words import printable, tooltip
from ghndsl.emit.picture.details import Detail
from ghndsl.emit.picture.labels import Labels, beside
from ghndsl.emit.picture.palette import EXIT, PAPER, PORT, QUIET, REPEAT, Colours, colours, scope_colours
from ghndsl.ir import Graph, Node, Port, Scope, Value

_SHAPES = {"input": "ellipse", "output": "octagon", "exit": "hexagon"}
# What the sheet around them sets otherwise.
_FRAME = {"peripheries": "1", "labelloc": "t", "margin": "8"}
_END = {"shape": "ellipse", "style": "filled", "margin": "0.03,0.01", "height": "0.2", "fontsize": "10"}


@dataclass(eq=False)
class Flow:
    """Boxes and edges while they are drawn: the box of each value, values whose shape is told, and those boxes take."""

    labels: Labels
    dot: graphviz.Digraph
    seen: set[Colours]
    prefix: str = ""
    owners: dict[int, str] = field(default_factory=dict[int, str])
    told: set[int] = field(default_factory=set[int])
    edges: list[tuple[Value, str]] = field(default_factory=list[tuple[Value, str]])
    _count: int = 0

    def whole(self, graph: Graph, picture: Cluster) -> None:
        """Draws a network between its ports."""
        for i, port in enumerate(graph.arguments):
            self.owners[port.value.id] = self._port(f"input{i}", "input", port)
        self._fill(picture, self.dot, picture.scopes)
        for i, port in enumerate(graph.results):
            name = self._port(f"output{i}", "exit" if port.is_exit else "output", port)
            self.edges.append((port.value, name))
        self.told.update(port.value.id for port in (*graph.arguments, *graph.results))
        self._connect()

    def part(self, detail: Detail) -> tuple[str, str]:
        """Draws what a block holds in a frame, between what enters it and what leaves it; its ends."""
        paint = scope_colours(detail.scope, frame=True)
        frame = graphviz.Digraph(self._name("cluster_"))
        frame.attr(label=self.labels.detail(detail), tooltip=_tip(detail.scope.span))
        frame.attr(style="rounded,filled,dashed", fillcolor=paint.fill, color=paint.line, fontsize="12", **_FRAME)
        for value in detail.entering:
            self.owners[value.id] = self._end(frame, value, "in")
        self._fill(detail.content, frame, detail.content.scopes)
        self.edges += [(value, self._end(frame, value, "out")) for value in detail.leaving]
        ends = next(iter(self.owners.values())), self.edges[-1][1]
        self._connect(frame)
        self.dot.subgraph(frame)
        return ends

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self.prefix}{self._count}"

    def _port(self, name: str, kind: str, port: Port) -> str:
        """Draws an input, output or exit."""
        paint = EXIT if port.is_exit else PORT
        self.seen.add(paint)
        style = {"fillcolor": paint.fill, "color": paint.line, "margin": "0.08,0.03"}
        style["style"] = "filled,dashed" if port.is_exit else "filled"
        text = _tip(port.span, f"{port.name}: {port.value.type}")
        self.dot.node(name, self.labels.port(port), shape=_SHAPES[kind], tooltip=text, **style)
        return name

    def _end(self, frame: graphviz.Digraph, value: Value, word: str) -> str:
        """Draws where a value enters or leaves a block that is drawn alone."""
        name = self._name(word)
        self.told.add(value.id)
        shape = self.labels.shape(value.type)
        frame.node(
            name,
            plain(f"{word} {shape}".rstrip()),
            fillcolor=PAPER,
            color=QUIET,
            tooltip=plain(str(value.type)),
            **_END,
        )
        return name

    def _fill(self, cluster: Cluster, dot: graphviz.Digraph, around: Sequence[Scope]) -> None:
        """Draws all that a frame holds into a (sub)graph."""
        for child in cluster.children:
            if isinstance(child, Box):
                self._box(child, dot, around)
                continue
            self._frame(child, dot, around)
            for copy in child.copies[1:]:
                self._same(child.copies[0], copy)

    def _frame(self, cluster: Cluster, dot: graphviz.Digraph, around: Sequence[Scope]) -> None:
        paint = scope_colours(cluster.scopes[-1], frame=True) if cluster.scopes else REPEAT
        motif = next((scope for scope in cluster.scopes if scope.kind == "motif"), None)
        paint = scope_colours(motif, frame=True) if motif else paint
        self._note(cluster, motif)
        inner = graphviz.Digraph(self._name("cluster_"))
        span = cluster.scopes[0].span if cluster.scopes else _place(next(cluster.boxes()).nodes[0], around)
        # The heading is a node, which edges go around; a label they would cross.
        inner.node(self._name("head"), self.labels.frame(cluster, around), shape="plain", style="", fontsize="11")
        inner.attr(label="", tooltip=_tip(span))
        inner.attr(style="rounded,filled", fillcolor=paint.fill, color=paint.line, **_FRAME)
        self._fill(cluster, inner, cluster.scopes or around)
        dot.subgraph(inner)

    def _note(self, cluster: Cluster, motif: Scope | None) -> None:
        """Remembers what the legend has to explain."""
        if motif:
            self.seen.add(scope_colours(motif))
        if cluster.copies:
            self.seen.add(REPEAT)

    def _same(self, drawn: Sequence[Node], copy: Sequence[Node]) -> None:
        """Lets the boxes of a block's first use stand for those of another."""
        for one, other in zip(drawn, copy, strict=True):
            for here, there in zip(one.results, other.results, strict=True):
                self.owners[there.id] = self.owners[here.id]
                if here.id in self.told and here.type == there.type:
                    self.told.add(there.id)

    def _box(self, box: Box, dot: graphviz.Digraph, around: Sequence[Scope]) -> None:
        name = self._name("node")
        node, kinds = box.nodes[0], ", ".join(str(value.type) for value in box.nodes[-1].results)
        paint = scope_colours(box.scopes[0]) if box.scopes else colours(node.op)
        self.seen.update([paint, REPEAT] if box.times > 1 else [paint])
        look = {"fillcolor": paint.fill, "color": paint.line}
        if box.scopes:
            text = _tip(box.scopes[0].span, kinds)
            dot.node(name, self.labels.box(box, around), peripheries="2", tooltip=text, **look)
        else:
            text = _tip(node.span, f"{node.path}: {kinds}")
            dot.node(name, self.labels.node(box, around), tooltip=text, **look)
        self._wire(box, name)

    def _wire(self, box: Box, name: str) -> None:
        """Notes what a box makes and takes; a result like all that is taken needs no words."""
        made = {value.id: name for inner in box.nodes for value in inner.results}
        self.owners.update(made)
        folded = box.scopes or box.times > 1
        taken = entering(box.nodes) if folded else list(box.nodes[0].inputs)
        self.edges += [(value, name) for value in taken]
        same = {value.type for value in taken}
        self.told.update(value.id for inner in box.nodes for value in inner.results if {value.type} == same)

    def _connect(self, dot: graphviz.Digraph | None = None) -> None:
        """Draws the edges, the shape on the first of those that carry a value, unless a box or port tells it."""
        for value, user in self.edges:
            label = "" if value.id in self.told else beside(self.labels.shape(value.type))
            self.told.add(value.id)
            kind = plain(str(value.type))
            (dot or self.dot).edge(self.owners[value.id], user, label=label, tooltip=kind, labeltooltip=kind)


def _place(node: Node, around: Sequence[Scope]) -> Span | None:
    """Where the text of the block around a node has it, or the use of a block that it is in."""
    outer = [scope for scope in node.scope.chain() if scope.parent is not None]
    inner = outer[: outer.index(around[-1])] if around and around[-1] in outer else outer
    return inner[-1].span if inner else node.span


def _tip(span: Span | None, *more: str) -> str:
    # An empty tooltip would be Graphviz's own, which is the label's HTML.
    return plain(tooltip(span, *more) or " ")


def plain(text: str) -> str:
    """A text that Graphviz shows as it is: no escapes, no entities, not HTML."""
    shown: str = graphviz.escape(printable(text).replace("&", "&amp;"))
    return shown
