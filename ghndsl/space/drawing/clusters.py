"""A definition's choices go in; they are clusters of a Graphviz picture then, one for each, its options inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import graphviz

from ghndsl.diagnostics import Span
from ghndsl.emit.outline.words import escaped, shortened, times, tooltip
from ghndsl.emit.picture.flow import plain
from ghndsl.emit.picture.labels import lines, small
from ghndsl.emit.picture.palette import CHOICE, CHOICE_FRAME, PAPER, QUIET
from ghndsl.language import tree
from ghndsl.language.writer import write_expression
from ghndsl.space.drawing.asked import Asked, Part, Section
from ghndsl.space.drawing.wording import Told, details, kind, options_of, place_of

_ROOM = 56
"""How many characters options take that stand side by side."""
_BETWEEN = 3
_FEW = 3
"""How many wide options stand one below the other at most; more of them are two in a row."""
_WIDTH, _LEAST = 0.085, 0.4
"""Inches that a character takes, on average, and that an option is wide at least."""
_FRAME = {"peripheries": "1", "labelloc": "t", "margin": "6", "fontsize": "12"}
_OPTION = {"fillcolor": PAPER, "color": CHOICE.line, "height": "0.25", "margin": "0.06,0.03", "fontsize": "11"}

Ends = tuple[str, str]
"""The first and the last box of what stands one below the other."""


@dataclass(eq=False)
class Clusters:
    """Draws the choices of one definition into its frame.

    `opens` says which drawn definitions an option leads to, `links` collects pairs of an option's box and such a one;
    `length` is how many boxes stand one below the other.
    """

    prefix: str
    definition: tree.Definition
    opens: Callable[[tree.Syntax], Sequence[Span]]
    links: list[tuple[str, Span]] = field(default_factory=list[tuple[str, Span]])
    length: int = 0
    _count: int = 0

    def fill(self, parts: Sequence[Part], frame: graphviz.Digraph) -> Ends | None:
        """Draws parts one below the other; their ends, if there are any."""
        ends: list[Ends] = []
        for part in parts:
            found = self._part(part, frame)
            if found and ends:
                frame.edge(ends[-1][1], found[0], style="invis")
            ends += [found] if found else []
        return (ends[0][0], ends[-1][1]) if ends else None

    def _part(self, part: Part, frame: graphviz.Digraph) -> Ends | None:
        if isinstance(part, Asked):
            return self._choice(part, frame)
        if isinstance(part, Section):
            return self._section(part, frame)
        name = self._name("where")
        text = lines(f"where {escaped(shortened(write_expression(part.test)))}", paper=True)
        frame.node(name, text, shape="plain", style="", fontsize="11", tooltip=_tip(part.span))
        self.length += 1
        return name, name

    def _section(self, section: Section, frame: graphviz.Digraph) -> Ends | None:
        inner = graphviz.Digraph(self._name("cluster_"))
        inner.attr(label=lines(f"<i>{escaped(shortened(section.heading))}</i>"), tooltip=_tip(section.span))
        inner.attr(style="rounded,dashed", color=QUIET, **_FRAME)
        ends = self.fill(section.parts, inner)
        frame.subgraph(inner)
        return ends

    def _choice(self, asked: Asked, frame: graphviz.Digraph) -> Ends:
        inner = graphviz.Digraph(self._name("cluster_"))
        inner.attr(label=self._heading(asked), tooltip=_tip(asked.node.span), style="rounded,filled", **_FRAME)
        inner.attr(fillcolor=CHOICE_FRAME.fill, color=CHOICE.line)
        shown = options_of(asked)
        wide = max(told.width for told in shown)
        columns = max(1 if len(shown) <= _FEW else 2, _ROOM // (wide + _BETWEEN))
        width = {"width": f"{max(_LEAST, _WIDTH * wide):.2f}"}
        names = [self._option(told, inner, width) for told in shown]
        for place in range(columns, len(names)):
            inner.edge(names[place - columns], names[place], style="invis")
        frame.subgraph(inner)
        self.length += 2 + (len(names) - 1) // columns
        return names[0], names[-1]

    def _heading(self, asked: Asked) -> str:
        """The name of a choice, how many there are, what kind of choice it is, and where they are made."""
        names = asked.node.names
        name, number = ", ".join(one.id for one in names), len(asked.paths)
        what = kind(asked.domains, is_tied=len(names) > 1)
        told = map(small, (*details(asked), place_of(asked, self.definition)))
        return lines(f"<b>{escaped(name)}</b>{times(number)}: {escaped(what)}", *told)

    def _option(self, told: Told, dot: graphviz.Digraph, width: Mapping[str, str]) -> str:
        name, own = self._name("option"), self.definition.name_span
        opened = self.opens(told.branch.value) if told.branch else ()
        again = small(f"{self.definition.name} again") if own in opened else ""
        head = f"<b>{escaped(told.name)}</b>" if told.body else escaped(told.name)
        tip = _tip(told.branch.span) if told.branch else plain(told.name)
        dot.node(name, lines(head, *map(small, told.body), again), tooltip=tip, **_OPTION, **width)
        self.links += [(name, place) for place in opened if place != own]
        return name

    def _name(self, what: str) -> str:
        self._count += 1
        return f"{what}{self.prefix}{self._count}"


def _tip(span: Span) -> str:
    return plain(tooltip(span))
