"""A heading goes in; the page of a picture comes out: its fonts, and a sheet that holds the picture and a legend."""

from __future__ import annotations

from collections.abc import Sequence

import graphviz

from ghndsl.emit.picture.flow import plain
from ghndsl.emit.picture.palette import FAINT, INK, QUIET

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


def page(name: str, heading: str) -> graphviz.Digraph:
    """A picture with nothing on it yet."""
    dot = graphviz.Digraph(plain(name), graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    dot.attr(label=heading)
    return dot


def sheet(name: str, label: str = "") -> graphviz.Digraph:
    """A part of a page without a frame, over its label."""
    part = graphviz.Digraph(f"cluster_{name}")
    part.attr(label=label, **_SHEET)
    return part


class Columns:
    """Stacks frames of a known length in columns, each no longer than there is room for."""

    def __init__(self, dot: graphviz.Digraph, room: int) -> None:
        self.dot = dot
        self.room = room
        self._used = 0
        self._above = ""

    def add(self, ends: Sequence[str], length: int) -> None:
        """Puts the frame whose first and last box these are below the one before, or at the head of a new column."""
        if self._above and self._used + length <= self.room:
            self.dot.edge(self._above, ends[0], style="invis")
            self._used += length
        else:
            self._used = length
        self._above = ends[-1]
