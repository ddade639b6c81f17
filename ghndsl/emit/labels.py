"""Nodes, folded blocks and types go in; the texts and colours that a picture shows for them come out."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from ghndsl.diagnostics import Span
from ghndsl.emit.folding import Box, Cluster
from ghndsl.ir import Graph, Node, Port, Scope, batch_symbol, per_sample
from ghndsl.ops import Operator, written
from ghndsl.types import Dim, DType, TensorType

QUIET = "#7d8590"
"""The colour of lines and texts outside boxes: legible on white and on black."""

# By the file of the operator's class, its family: the fill, then the border.
PALETTE = {
    "conv": ("#cfe3ff", "#1f5fbf"),
    "conv_transpose": ("#cfe3ff", "#1f5fbf"),
    "linear": ("#d9d7ff", "#4b3fc4"),
    "attention": ("#d9d7ff", "#4b3fc4"),
    "dot_product": ("#d9d7ff", "#4b3fc4"),
    "recurrent": ("#d9d7ff", "#4b3fc4"),
    "cells": ("#d9d7ff", "#4b3fc4"),
    "embedding": ("#d9d7ff", "#4b3fc4"),
    "parameter": ("#d9d7ff", "#4b3fc4"),
    "norm": ("#ffecb8", "#a86a00"),
    "instance_norm": ("#ffecb8", "#a86a00"),
    "activation": ("#cdf3d5", "#1f7a3d"),
    "softmax": ("#cdf3d5", "#1f7a3d"),
    "pool": ("#ffd9ea", "#b0306f"),
    "adaptive": ("#ffd9ea", "#b0306f"),
    "mean": ("#ffd9ea", "#b0306f"),
    "arithmetic": ("#ffd8d0", "#b83a1f"),
    "join": ("#ffd8d0", "#b83a1f"),
    "shape": ("#e3e7ec", "#57606a"),
    "slice": ("#e3e7ec", "#57606a"),
    "pass_through": ("#f3f4f6", "#8a929b"),
    "constant": ("#f3f4f6", "#8a929b"),
    "fill": ("#f3f4f6", "#8a929b"),
}
_OTHER = ("#ffffff", "#57606a")
BLOCK = ("#e9e2f8", "#6b4fb3")
MOTIF = ("#cdeeea", "#1c7a72")


def colours(op: Operator) -> tuple[str, str]:
    """The fill and the border of an operator's family.

    >>> from ghndsl import ops
    >>> colours(ops.Relu()) == colours(ops.Gelu()) != colours(ops.Linear(3))
    True
    """
    return PALETTE.get(type(op).__module__.rpartition(".")[2], _OTHER)


def scope_colours(scope: Scope) -> tuple[str, str]:
    """The fill and the border of a block or a motif."""
    return MOTIF if scope.kind == "motif" else BLOCK


def count(number: int) -> str:
    """A number in three digits.

    >>> count(512), count(25_557_032), count(9_999)
    ('512', '25.6M', '10K')
    """
    value, units = float(number), ["", "K", "M", "G", "T"]
    while round(value) >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g}{units[0]}" if value < 999.5 else f"{value:.0f}{units[0]}"


def sizes(kind: TensorType, batch: str | None) -> str:
    """A shape for one sample, as papers write it.

    >>> from ghndsl.types import symbol
    >>> sizes(TensorType((symbol("N"), 64, 56, 56)), "N")
    '64×56×56'
    """
    shape = kind.shape[1:] if kind.shape and str(kind.shape[0]) == batch else kind.shape
    dtype = "" if kind.dtype is DType.F32 else f"{kind.dtype} "
    return dtype + ("×".join(map(str, shape)) or "scalar")


@dataclass(frozen=True)
class Labels:
    """Writes the labels of one graph; those in angle brackets are Graphviz's HTML."""

    graph: Graph

    def title(self) -> str:
        """The name of the graph and its measures."""
        measures = _measures(self.graph.params, self.graph.macs)
        return _lines(f"<b>{_text(self.graph.name)}</b>", _small(measures))

    def port(self, port: Port) -> str:
        """The name and type of an input, output or exit."""
        name = f"{'exit ' if port.is_exit else ''}<b>{_text(port.name)}</b>"
        return _lines(name, _small(str(port.value.type)))

    def node(self, node: Node, cluster: Cluster) -> str:
        """The operator, its attributes, and, if it has weights, its path and what it costs.

        The path is there, too, where it is all that is left of a block of one node.
        """
        name, bracket, attributes = written(node.op).partition("(")
        alone = node.scope.parent is not None and node.scope not in cluster.scopes
        path = _below(node.path, cluster.scopes) if node.weights or alone else ""
        cost = self._cost([node]) if node.weights else ""
        call = _small(_shortened(bracket + attributes))
        return _lines(_head(name, path), call, _small(cost))

    def box(self, box: Box, cluster: Cluster) -> str:
        """The name of a folded block, how often it is repeated, its paths, its result and its cost."""
        paths = [_below(scope.path, cluster.scopes) for scope in box.scopes]
        result = sizes(box.nodes[-1].results[-1].type, batch_symbol(self.graph))
        head = _head(box.scopes[0].name + _times(box.scopes), _ends(paths))
        return _lines(head, _small(result), _small(self._cost(box.nodes)))

    def cluster(self, cluster: Cluster, around: Cluster) -> str:
        """The names and the path of the blocks a cluster stands for, and how often it is repeated."""
        names = " › ".join(scope.name for scope in cluster.scopes)
        path = _below(cluster.scopes[-1].path, around.scopes)
        return _lines(_head(names + _times(cluster.copies), path))

    def _cost(self, nodes: Sequence[Node]) -> str:
        weights = {node.weight_path(w): w.numel for node in nodes for w in node.weights if w.trainable}
        total: Dim = 0
        for node in nodes:
            total = total + node.op.macs(*node.input_types)
        return _measures(sum(weights.values()), per_sample(self.graph, total))


def tooltip(span: Span | None, *more: str) -> str:
    """The place in the spec and the line there, then whatever else.

    >>> from ghndsl.diagnostics import Source
    >>> print(tooltip(Span(Source("net.arch", "x = a -> relu"), 4, 13), "f32[1]"))
    net.arch:1:5: x = a -> relu
    f32[1]
    """
    place = [] if span is None else [f"{span}: {span.source.line(span.source.position(span.start)[0]).strip()}"]
    return "\n".join([*place, *more])


def _measures(params: int, macs: int | None) -> str:
    parts = [f"{count(params)} params"] if params else []
    return ", ".join([*parts, f"{count(macs)} MACs"] if macs else parts)


def _times(repeated: Sequence[object]) -> str:
    return f" ×{len(repeated)}" if len(repeated) > 1 else ""


def _ends(paths: Sequence[str]) -> str:
    return " – ".join(path for path in dict.fromkeys((paths[0], paths[-1])) if path)


def _head(name: str, path: str) -> str:
    return f"<b>{_text(name)}</b>" + (f"  <i>{_text(path)}</i>" if path else "")


def _below(path: str, scopes: Sequence[Scope]) -> str:
    """The part of a path that its cluster's path does not say already."""
    prefix = scopes[-1].path if scopes else ""
    return path.removeprefix(f"{prefix}.") if prefix else path


def _shortened(text: str, limit: int = 52) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def printable(text: str) -> str:
    """The text with a dot for each control character, which XML and so SVG cannot hold."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text)


def _text(text: str) -> str:
    return html.escape(printable(text))


def _small(text: str) -> str:
    return f'<font point-size="10">{_text(text)}</font>' if text else ""


def _lines(*lines: str) -> str:
    return f"<{'<br/>'.join(filter(None, lines))}>"
