"""A definition with choices and the flow inside it go in; its frame is in a Graphviz picture then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import graphviz

from ghndsl.diagnostics import Span
from ghndsl.emit.outline.boxes import count, length
from ghndsl.emit.outline.words import escaped, listed, tooltip
from ghndsl.emit.picture.flow import plain
from ghndsl.emit.picture.labels import lines, small
from ghndsl.emit.picture.page import Columns
from ghndsl.emit.picture.palette import BLOCK_FRAME, CHOICE_FRAME, MOTIF, MOTIF_FRAME, REPEAT, Colours
from ghndsl.language import tree
from ghndsl.space.drawing.asked import Chapter
from ghndsl.space.drawing.clusters import Clusters
from ghndsl.space.drawing.common import Flowing
from ghndsl.space.drawing.flow import SpaceFlow
from ghndsl.space.drawing.labels import SpaceLabels

_FRAME = {"peripheries": "1", "labelloc": "t", "margin": "8", "fontsize": "12"}
_KINDS = {"motif": MOTIF_FRAME, "block": BLOCK_FRAME}
_HEADING = 2
"""As how many boxes count the heading of a frame and of a choice."""


@dataclass(eq=False)
class Frames:
    """Draws definitions in columns; `first` is the first box of each, and `links` what leads to them from options."""

    columns: Columns
    seen: set[Colours]
    labels: Callable[[Flowing], SpaceLabels]
    opens: Callable[[tree.Syntax, Chapter], Sequence[Span]]
    first: dict[Span, tuple[str, str]] = field(default_factory=dict[Span, tuple[str, str]])
    links: list[tuple[str, Span]] = field(default_factory=list[tuple[str, Span]])

    def add(self, chapter: Chapter, flowing: Flowing | None, calls: Sequence[str]) -> None:
        """Draws one: its choices, and the flow inside it where that is the same whatever is chosen."""
        number, definition = len(self.first), chapter.definition
        frame = _frame(f"cluster_frame{number}", chapter, calls if flowing is None else ())
        clusters = Clusters(f"{number}_", definition, lambda branch: self.opens(branch, chapter))
        ends, long = clusters.fill(chapter.parts, frame), clusters.length
        self.links += clusters.links
        self.seen.update([CHOICE_FRAME] if ends else [])
        self.seen.update([MOTIF] if definition.kind == "motif" else [])
        if flowing is not None:
            first, last = SpaceFlow(self.labels(flowing), frame, self.seen, f"frame{number}_").inside(flowing, frame)
            if ends is not None:
                frame.edge(ends[1], first, style="invis")
            ends = (ends or (first,))[0], last
            long += length(flowing.cluster) + _HEADING
        if ends is None:
            # Graphviz draws no cluster without a box.
            ends = (f"empty{number}",) * 2
            frame.node(ends[0], "", shape="point", style="invis", width="0", height="0")
        self.first[definition.name_span] = ends[0], f"cluster_frame{number}"
        self.columns.add(ends, long + _HEADING)
        self.columns.dot.subgraph(frame)


def _frame(key: str, chapter: Chapter, calls: Sequence[str]) -> graphviz.Digraph:
    """A frame with its heading, and nothing in it yet."""
    definition = chapter.definition
    frame, paint = graphviz.Digraph(key), _KINDS.get(definition.kind, REPEAT)
    name = f'<font point-size="9">{definition.kind} </font><b>{escaped(definition.name)}</b>'
    frame.attr(label=lines(name, small(_told(chapter)), small(f"calls {listed(calls)}" if calls else "")))
    frame.attr(tooltip=plain(tooltip(definition.name_span)), style="rounded,filled,dashed")
    frame.attr(fillcolor=paint.fill, color=paint.line, **_FRAME)
    return frame


def _told(chapter: Chapter) -> str:
    """How often its choices are made."""
    paths = [path for asked in chapter.asked() for path in asked.paths]
    if chapter.definition.kind == "motif":
        return "chosen once for all its uses"
    if chapter.definition.kind == "space":
        return "chosen once" if paths else ""
    motifs = dict.fromkeys(path.partition(".")[0] for path in paths)
    kinds = [found[0].kind if (found := chapter.module.find(name)) else "" for name in motifs]
    return f"chosen anew at each use{f' in {listed(list(motifs))}' if set(kinds) == {'motif'} else ''}"


def is_worth(flowing: Flowing) -> bool:
    """Whether a flow says more than that there is a choice."""
    return flowing.is_common and count(flowing.cluster) > 1
