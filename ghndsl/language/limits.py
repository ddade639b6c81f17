"""A kind of work that a text can ask for goes in; how much of it is done before the text is refused comes out."""

from __future__ import annotations

from ghndsl.records import record


@record
class Limits:
    """Bounds on one text and its elaboration.

    `text` in bytes; `words` (names, numbers and signs) of a text; `nesting` of brackets and braces; `syntax`, the depth
    of a syntax tree (each term of a sum is one deeper, each link of a chain is not); `depth` of block calls; `nodes` of
    a graph; `items` of a list, lists in it included; `steps` of evaluation (statements, expressions and loop turns);
    `errors` reported in one run.
    """

    text: int = 4_000_000
    words: int = 250_000
    nesting: int = 100
    syntax: int = 400
    depth: int = 64
    nodes: int = 100_000
    items: int = 100_000
    steps: int = 2_000_000
    errors: int = 50


DEFAULT = Limits()
