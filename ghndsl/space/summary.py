"""A space goes in; what a person wants to know of it before using it comes out: choices, conditions, scale, size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghndsl.dags import digits_of, in_words
from ghndsl.diagnostics import CompileError
from ghndsl.language import tree
from ghndsl.language.values import text
from ghndsl.language.writer import write_expression
from ghndsl.records import record
from ghndsl.space.drawing.asked import Asked, Chapter, Section, chapters, reached
from ghndsl.space.drawing.wording import details, kind
from ghndsl.space.rows import patterns
from ghndsl.space.space import Space

_MOST = 24
"""How many options of a choice are told."""
_EXACT = 10**15


@record
class ChoiceRow:
    """A `choose` of the text: the patterns of its choices' paths, how many they are, where it stands, its options."""

    patterns: tuple[str, ...]
    count: int
    within: str
    kind: str
    options: tuple[str, ...]
    place: str


@record
class Summary:
    """A space in words; `example` is the line of a candidate that meets every `where`, if one is found soon."""

    rows: tuple[ChoiceRow, ...]
    motifs: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...]
    example: str | None


def summary(space: Space) -> Summary:
    """What is said of a space.

    >>> import ghndsl
    >>> found = summary(ghndsl.load_space("nasbench201"))
    >>> found.rows[0].patterns, found.rows[0].count, found.rows[0].within, found.motifs
    (('Cell.e{1-3}_{0-2}.op',), 6, 'block Op', ('Cell',))
    """
    found = chapters(space)
    rows = [row for chapter in found for row in _rows(chapter)]
    motifs = [one.definition.name for one in found if one.definition.kind == "motif"]
    return Summary(tuple(rows), tuple(motifs), tuple(_conditions(space)), tuple(_parameters(space)), _example(space))


def amount(size: int, words: str) -> str:
    """A number of candidates: exact where it can be read, else in four digits and how many there are.

    >>> amount(15625, "candidates"), amount(12346 * 10**96, "candidates")
    ('15,625 candidates', '1.235e+100 candidates (101 digits)')
    """
    if size < _EXACT:
        return f"{size:,} {words}"
    return f"{in_words(size)} {words} ({digits_of(size):,} digits)"


def _rows(chapter: Chapter) -> Iterator[ChoiceRow]:
    name = f"{chapter.definition.kind} {chapter.definition.name}"
    for asked, around in _around(chapter.parts, ()):
        node, domain = asked.node, asked.domain
        what = [kind(asked.domains, is_tied=len(node.names) > 1), *details(asked)]
        labels = [branch.label for branch in node.branches or ()]
        options = _told(labels or list(domain.options))
        words = ": ".join([name, ", ".join(around)]) if around else name
        yield ChoiceRow(tuple(patterns(asked.paths)), len(asked.paths), words, ", ".join(what), options, str(node.span))


def _around(parts: Sequence[object], around: tuple[str, ...]) -> Iterator[tuple[Asked, tuple[str, ...]]]:
    """The choices, and the headings of the loops and conditions that they stand in."""
    for part in parts:
        if isinstance(part, Asked):
            yield part, around
        elif isinstance(part, Section):
            yield from _around(part.parts, (*around, part.heading))


def _told(options: Sequence[str]) -> tuple[str, ...]:
    return tuple(options) if len(options) <= _MOST else (*options[: _MOST // 2], "…", options[-1])


def _conditions(space: Space) -> Iterator[tuple[str, str]]:
    """Every `where`, and its place."""
    for definition, _ in reached(space.definition, space.module):
        for node in tree.statements(definition.body):
            if isinstance(node, tree.Where):
                yield write_expression(node.test), str(node.span)


def _parameters(space: Space) -> Iterator[tuple[str, str]]:
    """The names of the space's scale, and what they are."""
    for parameter in space.definition.parameters:
        if parameter.name in space.settings:
            yield parameter.name, text(space.settings[parameter.name])
        elif parameter.default is not None:
            yield parameter.name, write_expression(parameter.default)


def _example(space: Space) -> str | None:
    try:
        found = space.example()
    except CompileError:
        # A candidate that is built may turn out to be ill-formed, which the plan did not show.
        return None
    return None if found is None else str(found)
