"""The tree of a text goes in; what no text may say, whatever it means, comes out."""

from __future__ import annotations

from collections.abc import Iterator

from ghndsl.diagnostics import Diagnostic, Mark, Span
from ghndsl.language import tree


def twice_named(definition: tree.Definition) -> Iterator[Diagnostic]:
    """The parameters of a definition that are named as one before."""
    first: dict[str, Span] = {}
    for parameter in definition.parameters:
        name = parameter.name_span
        if parameter.name in first:
            marks = (Mark(first[parameter.name], "first here"),)
            yield Diagnostic("G111", f"`{definition.name}` has two parameters named `{parameter.name}`", name, marks)
        first.setdefault(parameter.name, name)


def space_words(file: tree.File) -> list[Diagnostic]:
    """The refusal of an `.arch` that uses words of a space: one for the file, at the first of them."""
    spans = sorted((span for definition in file.definitions for span in _words_in(definition)), key=lambda s: s.start)
    if not spans:
        return []
    word = spans[0].text.split()[0]
    fault = Diagnostic("G104", f"`{word}` belongs in a `.nas` file", spans[0], help="name the file `.nas`")
    return [fault.also_at(spans[1:])]


def _words_in(definition: tree.Definition) -> Iterator[Span]:
    """The places of a space's words in a definition."""
    source = definition.span.source
    if definition.kind in ("space", "motif"):
        yield Span(source, definition.span.start, definition.name_span.end)
    for node in tree.statements(definition.body):
        if isinstance(node, tree.Choose | tree.Where):
            word = "choose" if isinstance(node, tree.Choose) else "where"
            yield Span(source, node.span.start, node.span.start + len(word))
