"""A space goes in; a picture of its choices comes out: where each is made, and what can be chosen there."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import graphviz

from ghndsl.diagnostics import CompileError
from ghndsl.emit.outline.words import escaped, times, tooltip
from ghndsl.emit.picture.flow import plain
from ghndsl.emit.picture.palette import CHOICE, INK, MOTIF, PAPER, PORT, QUIET, Colours
from ghndsl.emit.picture.render import svg_of, write_picture
from ghndsl.language.choices import Domain, Options
from ghndsl.language.graph_choices import GraphDomain
from ghndsl.space.rows import Row, rows
from ghndsl.space.space import Space

_SHOWN = 12
_ROWS = 40
_WIDE = 48
_FACE = {"fontname": "Helvetica", "fontsize": "12", "fontcolor": INK}


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
    """A tree from the space over its motifs to choices with their options.

    >>> import ghndsl
    >>> "e{1-3}_{0-2}" in to_dot(ghndsl.load_space("nasbench201")).source
    True
    """
    look = {"rankdir": "LR", "bgcolor": "transparent", "nodesep": "0.15", "ranksep": "0.4", "pad": "0.1"}
    dot = graphviz.Digraph(plain(space.name), graph_attr={**look, "tooltip": " "})
    dot.attr("node", **_FACE)
    dot.attr("edge", color=QUIET, arrowhead="none", tooltip=" ")
    found = rows(space)
    _box(dot, "space", _told(space), PORT, space.name)
    motifs = {name for name, one in space.module.definitions.items() if one.kind == "motif"}
    for place, row in enumerate(found[:_ROWS]):
        first, _, rest = row.pattern.partition(".")
        parent, name = (first, rest) if rest and first in motifs else ("space", row.pattern)
        if parent != "space":
            _box(dot, parent, "motif: chosen once for all its uses", MOTIF)
            dot.edge("space", parent)
        tip = plain(tooltip(row.span, row.pattern))
        dot.node(f"choice{place}", _choice(name, row), shape="plain", tooltip=tip)
        dot.edge(parent, f"choice{place}")
    if len(found) > _ROWS:
        _box(dot, "rest", f"and {len(found) - _ROWS:,} kinds of choices more", CHOICE, "…")
        dot.edge("space", "rest")
    dot.strict = True
    return dot


def _told(space: Space) -> str:
    """How many candidates and choices there are."""
    number = len(space.domains)
    size = f"{space.size:,} candidates" if space.size < 10**15 else f"{_power(space.size)} candidates"
    return f"{size}, {number:,} {'choice' if number == 1 else 'choices'}"


def _power(size: int) -> str:
    """A number that may be too large for a float, in four digits.

    >>> _power(123456 * 10**400)
    '1.235e+405'
    """
    power = int(math.log10(size))
    return f"{size * 10**6 // 10**power / 10**6:.3f}e+{power}"


def _box(dot: graphviz.Digraph, key: str, words: str, paint: Colours, name: str | None = None) -> None:
    """A rounded box with a name, which is the key unless given, over smaller words."""
    label = f'<<b>{escaped(name or key)}</b><br/><font point-size="10">{escaped(words)}</font>>'
    look = {"style": "rounded,filled", "fillcolor": paint.fill, "color": paint.line}
    dot.node(key, label, shape="box", tooltip=plain(name or key), **look)


def _listed(domain: Domain) -> tuple[str, tuple[str, ...]]:
    """What is said beside the name of a choice, and the options below: of graphs, what their vertices can be."""
    if isinstance(domain, GraphDomain):
        return f": a graph of {domain.dags.family}", (*domain.dags.labels, domain.dags.amount)
    if not isinstance(domain, Options) or domain.low is None:
        return ": one of", domain.options
    return f": {domain.low}{'' if domain.low == domain.high else f'-{domain.high}'} of", domain.options


def _choice(name: str, row: Row) -> str:
    """A table: the choice's path and how many there are, then its options."""
    several, shown = _listed(row.domain)
    head = f"<b>{escaped(name)}</b>{times(row.count)}{escaped(several)}"
    cells = [f'<tr><td bgcolor="{CHOICE.fill}" align="left">{head}</td></tr>']
    cells += [f'<tr><td bgcolor="{PAPER}" align="left">{escaped(line)}</td></tr>' for line in _lines(shown)]
    frame = f'bgcolor="{PAPER}" border="1" color="{CHOICE.line}" cellborder="0" cellspacing="0" cellpadding="3"'
    return f"<<table {frame}>{''.join(cells)}</table>>"


def _lines(options: Sequence[str]) -> list[str]:
    """The options one below the other, or side by side where they are short, as numbers are.

    >>> _lines(["16", "24", "32"]), _lines(["conv_3x3", "skip"])
    (['16 · 24 · 32'], ['conv_3x3', 'skip'])
    """
    total = len(options)
    shown = list(options) if total <= _SHOWN else [*options[: _SHOWN - 1], f"… {total:,} in all"]
    line = " · ".join(shown)
    return [line] if len(line) <= _WIDE and all(len(option) < 6 for option in options) else shown
