"""A graph goes in; its picture for a notebook comes out, by what is loaded only then."""

from __future__ import annotations

from ghndsl.ir import Graph


def drawn(graph: Graph) -> str | None:
    """The picture, which whoever loads graphs hands to `ir.shown`: `ir` may not ask those above it."""
    from ghndsl.emit.picture.render import svg

    return svg(graph)
