"""A space goes in; a picture of its choices comes out: where each is made, and what can be chosen there."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from pathlib import Path

import graphviz

from ghndsl.emit.labels import BLOCK, MOTIF, QUIET
from ghndsl.emit.render import write_picture
from ghndsl.language.choices import Domain, Options
from ghndsl.language.graph_choices import GraphDomain
from ghndsl.records import record
from ghndsl.space.space import Space

_SHOWN = 12
_FACE = {"fontname": "Helvetica", "fontsize": "12"}


@record
class Row:
    """Choices alike but for numbers in their paths: a pattern such as `e{1-3}_{0-2}.op`, how many, what each may be."""

    pattern: str
    count: int
    domain: Domain


def render(space: Space, path: str | os.PathLike[str]) -> None:
    """Writes the picture by the suffix of the path. Errors: as of `emit.render.render`."""
    write_picture(lambda: to_dot(space).source, Path(path))


def to_dot(space: Space) -> graphviz.Digraph:
    """A tree from the space over its motifs to choices with their options.

    >>> import ghndsl
    >>> "e{1-3}_{0-2}" in to_dot(ghndsl.load_space("nasbench201")).source
    True
    """
    dot = graphviz.Digraph(space.name, graph_attr={"rankdir": "LR", "bgcolor": "transparent", "nodesep": "0.2"})
    dot.attr("edge", color=QUIET, arrowhead="none")
    size = f"{space.size:,} candidates" if space.size < 10**15 else f"{space.size:.3e} candidates"
    _box(dot, "space", size, ("#ffffff", QUIET), space.name)
    motifs = {name for name, one in space.module.definitions.items() if one.kind == "motif"}
    for place, row in enumerate(rows(space)):
        first, _, rest = row.pattern.partition(".")
        parent, name = (first, rest) if rest and first in motifs else ("space", row.pattern)
        if parent != "space":
            _box(dot, parent, "motif", MOTIF)
            dot.edge("space", parent)
        dot.node(f"choice{place}", _choice(name, row), shape="plain", **_FACE)
        dot.edge(parent, f"choice{place}")
    dot.strict = True
    return dot


def rows(space: Space) -> list[Row]:
    """The choices of a space in the order they are made, those alike but for numbers together."""
    alike: dict[tuple[str, Domain], list[list[int]]] = {}
    for path, domain in space.domains.items():
        numbers = [int(found) for found in re.findall(r"\d+", path)]
        alike.setdefault((re.sub(r"\d+", "#", path), domain), []).append(numbers)
    return [Row(_pattern(shape, numbers), len(numbers), domain) for (shape, domain), numbers in alike.items()]


def _pattern(shape: str, numbers: Sequence[Sequence[int]]) -> str:
    """The shape with what stands at each `#`: one number, or the least and the greatest."""
    ranges = iter([(min(column), max(column)) for column in zip(*numbers, strict=True)])

    def fill(_found: re.Match[str]) -> str:
        low, high = next(ranges)
        return str(low) if low == high else f"{{{low}-{high}}}"

    return re.sub("#", fill, shape)


def _box(dot: graphviz.Digraph, key: str, words: str, colours: tuple[str, str], name: str | None = None) -> None:
    """A rounded box with a name, which is the key unless given, over smaller words."""
    label = f'<<B>{html.escape(name or key)}</B><BR/><FONT POINT-SIZE="10">{html.escape(words)}</FONT>>'
    fill, border = colours
    dot.node(key, label, shape="box", style="rounded,filled", fillcolor=fill, color=border, **_FACE)


def _listed(domain: Domain) -> tuple[str, tuple[str, ...]]:
    """What is said beside the name of a choice, and the options below: of graphs, what their vertices can be."""
    if isinstance(domain, GraphDomain):
        return f": a graph of {domain.dags.family}", (*domain.dags.labels, domain.dags.amount)
    if not isinstance(domain, Options) or domain.low is None:
        return "", domain.options
    return f": {domain.low}{'' if domain.low == domain.high else f'-{domain.high}'} of", domain.options


def _choice(name: str, row: Row) -> str:
    """A table: the choice's path and how many there are, then its options."""
    fill, border = BLOCK
    times = f" ×{row.count}" if row.count > 1 else ""
    several, shown = _listed(row.domain)
    lines = [f'<TR><TD BGCOLOR="{fill}"><B>{html.escape(name)}</B>{times}{several}</TD></TR>']
    total = len(shown)
    if total > _SHOWN:
        shown = (*shown[: _SHOWN - 1], f"… {total:,} in all")
    lines += [f'<TR><TD BGCOLOR="#ffffff" ALIGN="LEFT">{html.escape(option)}</TD></TR>' for option in shown]
    frame = f'BORDER="1" COLOR="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3"'
    return f"<<TABLE {frame}>{''.join(lines)}</TABLE>>"
