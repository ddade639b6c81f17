"""The tree of a text goes in; what no text may say, whatever it means, comes out."""

from __future__ import annotations

from collections.abc import Container, Iterator

from ghndsl.diagnostics import Diagnostic, Mark, Span
from ghndsl.language import tree


def defined_twice(file: tree.File, imported: Container[str]) -> Iterator[Diagnostic]:
    """The definitions of a text, its own and those that it could take from others, that are named as one before."""
    first: dict[str, tuple[Span, bool]] = {}
    taken = [(name.id, name.span, False) for use in file.uses for name in use.names if name.id in imported]
    for name, span, is_own in [*taken, *[(one.name, one.name_span, True) for one in file.definitions]]:
        if name in first:
            before, was_own = first[name]
            how = "defined twice" if was_own else "taken by `use`, and defined here too" if is_own else "taken twice"
            yield Diagnostic("G111", f"`{name}` is {how}", span, (Mark(before, "first here"),))
        first.setdefault(name, (span, is_own))


def twice_named(definition: tree.Definition) -> Iterator[Diagnostic]:
    """The parameters of a definition that are named as one before."""
    first: dict[str, Span] = {}
    for parameter in definition.parameters:
        name = parameter.name_span
        if parameter.name in first:
            marks = (Mark(first[parameter.name], "first here"),)
            yield Diagnostic("G111", f"`{definition.name}` has two parameters named `{parameter.name}`", name, marks)
        first.setdefault(parameter.name, name)
    yield from _named_as_sizes(definition)


def _named_as_sizes(definition: tree.Definition) -> Iterator[Diagnostic]:
    """The parameters of a definition that are named as a size of a tensor before them, which binds that name."""
    sizes: dict[str, Span] = {}
    for parameter in definition.parameters:
        if parameter.name in sizes:
            message = f"`{parameter.name}` is a size in the shape of a tensor before it"
            hint = f"give one of the two another name; to check the size, put `{parameter.name}` before the tensor"
            yield Diagnostic("G111", message, parameter.name_span, (Mark(sizes[parameter.name], "here"),), help=hint)
        if parameter.is_tensor and isinstance(parameter.type, tree.ShapeType):
            for part in tree.walk(parameter.type.sizes):
                if isinstance(part, tree.Name):
                    sizes.setdefault(part.id, part.span)


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
