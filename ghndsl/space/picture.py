"""A space goes in; a picture of it comes out: its flow, and beside it the blocks that choose, choices as clusters."""

from __future__ import annotations

import os
from pathlib import Path

import graphviz

from ghndsl.dags import in_words
from ghndsl.diagnostics import CompileError, Span
from ghndsl.emit.outline.boxes import length
from ghndsl.emit.picture.labels import titled
from ghndsl.emit.picture.legend import legend
from ghndsl.emit.picture.page import Columns, page, sheet
from ghndsl.emit.picture.palette import CHOICE, Colours
from ghndsl.emit.picture.render import svg_of, write_picture
from ghndsl.language import tree
from ghndsl.space.drawing.asked import Chapter, chapters, reached
from ghndsl.space.drawing.common import Flowing, common
from ghndsl.space.drawing.flow import SpaceFlow
from ghndsl.space.drawing.frames import Frames, is_worth
from ghndsl.space.drawing.labels import SpaceLabels
from ghndsl.space.drawing.sketch import sketches
from ghndsl.space.space import Space

_LEAST = 20
"""How many boxes a column of frames holds at least."""


def render(space: Space, path: str | os.PathLike[str]) -> None:
    """Writes the picture by the suffix of the path. Errors: as of `emit.render.render`."""
    write_picture(lambda: to_dot(space).source, Path(path))


def svg(space: Space) -> str | None:
    """The picture as a notebook shows it; none of a space that is refused, or where nothing can lay it out."""
    try:
        return svg_of(to_dot(space).source)
    except CompileError:
        return None


def to_dot(space: Space) -> graphviz.Digraph:
    """The flow of all candidates with a box for each block that chooses; beside it what these blocks choose from.

    A choice is a cluster, its options boxes in it, and stands in the cluster of the block or motif that makes it.
    Dashed edges lead from an option to the choices that exist under it. The flow inside a block is drawn where it is
    the same whatever is chosen. A few candidates are looked at, no matter how many there are.

    >>> import ghndsl
    >>> "e{1-3}_{0-2}" in to_dot(ghndsl.load_space("nasbench201")).source
    True
    """
    return _Picture(space).page()


class _Picture:
    """A picture while it is drawn."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.chapters = chapters(space)
        self.hidden = frozenset(one.definition.name_span for one in self.chapters[1:])
        self.sketches = sketches(space, self.hidden)
        self.is_compared = len(self.sketches) > 1 or space.size == 1
        self.seen: set[Colours] = set()
        self.own = {
            chapter.definition.name: [name.id for asked in chapter.asked() for name in asked.node.names]
            for chapter in self.chapters
        }

    def page(self) -> graphviz.Digraph:
        """All of it."""
        flowing = common([one.whole for one in self.sketches]) if self.sketches else None
        is_sure = flowing is None or (flowing.is_common and self.is_compared)
        example = "" if is_sure else "; the flow is that of one of them"
        dot = page(self.space.name, titled(self.space.name, told(self.space) + example))
        dot.attr(compound="true")
        whole, main = sheet("sheet"), sheet("main")
        if flowing is not None:
            SpaceFlow(self.labels(flowing), main, self.seen).whole(flowing.graph, flowing.cluster)
        whole.subgraph(main)
        self._beside(whole, max(_LEAST, 2 + length(flowing.cluster)) if flowing else _LEAST)
        whole.attr(label=legend(self.seen, ()))
        dot.subgraph(whole)
        return dot

    def _beside(self, whole: graphviz.Digraph, room: int) -> None:
        """Draws the definitions that choose, in columns, and what leads to them from options."""
        frames = Frames(Columns(whole, room), self.seen, self.labels, self.opens)
        for chapter in self.chapters:
            if any(chapter.parts) or chapter.definition is not self.space.definition:
                frames.add(chapter, self._inside(chapter), self._calls(chapter))
        for name, place in frames.links:
            first, frame = frames.first[place]
            whole.edge(name, first, lhead=frame, style="dashed", color=CHOICE.line, constraint="false")

    def labels(self, flowing: Flowing) -> SpaceLabels:
        """Who writes the labels of a flow."""
        varied, moved, loose = flowing.varied, flowing.moved, flowing.loose
        return SpaceLabels(flowing.graph, varied=varied, moved=moved, loose=loose, own=self.own)

    def opens(self, part: tree.Syntax, chapter: Chapter) -> list[Span]:
        """The drawn definitions that a piece of a definition's text calls, itself or through others."""
        found = reached(part, chapter.module, self.hidden)
        return [one.name_span for one, _ in found if one.name_span in self.hidden]

    def _inside(self, chapter: Chapter) -> Flowing | None:
        """The flow inside a definition, where it is the same for all candidates and uses."""
        place = chapter.definition.name_span
        if not self.is_compared:
            return None
        graphs = [graph for one in self.sketches for graph in one.insides.get(place, ())]
        flowing = common(graphs) if graphs else None
        return flowing if flowing and is_worth(flowing) else None

    def _calls(self, chapter: Chapter) -> list[str]:
        """The names of the drawn definitions that a block or motif calls whatever it chooses."""
        if chapter.definition.kind == "space":
            return []
        body = tree.statements(chapter.definition.body)
        plain = [node for node in body if not isinstance(node, tree.Choose | tree.For | tree.If)]
        places = dict.fromkeys(place for node in plain for place in self.opens(node, chapter))
        names = {one.definition.name_span: one.definition.name for one in self.chapters}
        return [names[place] for place in places]


def told(space: Space) -> str:
    """How many candidates and choices there are."""
    number = len(space.domains)
    candidates = f"{in_words(space.size)} {'candidate' if space.size == 1 else 'candidates'}"
    return f"{candidates}, {number:,} {'choice' if number == 1 else 'choices'}"
