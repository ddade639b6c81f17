"""Operands and callees go in; the phrases that statements are made of come out: chains, sums, calls in the making."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from ghndsl.language import tree
from ghndsl.language.expression_writer import expression as written
from ghndsl.language.layout.pieces import width
from ghndsl.language.phrasing.expressions import NOWHERE, name
from ghndsl.records import record

_ARROW = len(" -> ")


@record
class Link:
    """An expression in a chain: its columns, and the value it makes and the item that does, but for a first link."""

    node: tree.Expression
    width: int
    value: int = -1
    at: int = -1


@record
class Phrase:
    """An expression that may go on: the links of a chain, or one link alone.

    `source` is the value whose name stands first, if one does, and `depth` counts the expressions in expressions.
    """

    links: tuple[Link, ...]
    source: int | None
    depth: int = 0

    @cached_property
    def width(self) -> int:
        """Its columns on one line."""
        return sum(link.width + _ARROW for link in self.links) - _ARROW

    @cached_property
    def node(self) -> tree.Expression:
        """The expression."""
        nodes = tuple([link.node for link in self.links])
        return nodes[0] if len(nodes) == 1 else tree.Chain(NOWHERE, nodes)

    @property
    def word(self) -> str:
        """A word that says what it makes: the label of its only part, if it has one."""
        first, only = self.links[0].node, self.links[-1].node
        begins = isinstance(first, tree.Index | tree.Name)
        is_only = len(self.links) == 1 or (len(self.links) == 2 and begins)
        return label_word(only.label) if is_only and isinstance(only, tree.Labelled) else ""

    def then(self, node: tree.Expression, value: int, at: int, operands: Sequence[Phrase] = ()) -> Phrase:
        """The chain that goes on with a link, which has some operands in it and makes a value."""
        link = Link(node, width(written(node)), value, at)
        return Phrase((*self.links, link), self.source, max(self.depth, _depth(operands)))

    def parts(self, most: int) -> Iterator[tuple[Link, ...]]:
        """Its links in as many parts of equal width as it takes for none to have more than so many columns or so."""
        count = -(-self.width // most)
        part: list[Link] = []
        done, ended = 0, 1
        for link in self.links:
            if part and len(part) > 1 and done >= self.width * ended / count:
                yield tuple(part)
                part, ended = [], ended + 1
            part.append(link)
            done += link.width + _ARROW
        yield tuple(part)


def label_word(label: tree.Label) -> str:
    """The last word of a label, but for a first part's number; nothing when it is computed."""
    part, others = label.parts[-1], label.parts[:-1]
    part = others[-1] if part == ("0",) and others else part
    last = part[0] if len(part) == 1 else ""
    return last if isinstance(last, str) and last.isidentifier() and last != "self" else ""


def word(value: int, text: str) -> Phrase:
    """The phrase of a value that has a name."""
    return Phrase((Link(name(text), len(text)),), value)


def joined(node: tree.Expression, operands: Sequence[Phrase]) -> Phrase:
    """The phrase of an expression over others."""
    source = operands[0].source if operands else None
    return Phrase((Link(node, width(written(node))),), source, _depth(operands))


def _depth(operands: Sequence[Phrase]) -> int:
    return max((one.depth + (len(one.links) > 1 or one.depth > 0) for one in operands), default=-1) + 1
