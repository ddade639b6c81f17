"""What a text may ask for before it is refused: adjustable bounds on size, depth and work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on one text and its elaboration.

    `text` in bytes; `nesting` of brackets and braces; `depth` of block calls; `nodes` of a graph; `items` of a list;
    `steps` of evaluation (statements, expressions and loop turns); `errors` reported in one run.
    """

    text: int = 4_000_000
    nesting: int = 100
    depth: int = 64
    nodes: int = 100_000
    items: int = 100_000
    steps: int = 5_000_000
    errors: int = 50


DEFAULT = Limits()
