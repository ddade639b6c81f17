"""A graph goes in; what a notebook shows of it comes out, by whoever above has said that they draw graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ghndsl.ir.graph import Graph

Drawer: TypeAlias = "Callable[[Graph], str | None]"
_drawers: list[Drawer] = []


def draws(drawer: Drawer) -> None:
    """Makes a function the one that draws graphs."""
    _drawers[:] = [drawer]


def svg(graph: Graph) -> str | None:
    """The picture of a graph, or None, for which notebooks take its text, where nobody draws."""
    return _drawers[0](graph) if _drawers else None
