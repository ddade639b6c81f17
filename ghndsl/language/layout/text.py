"""A text goes in; the same text in the canonical layout comes out, its comments kept."""

from __future__ import annotations

from ghndsl.diagnostics import CompileError, Diagnostic, Source
from ghndsl.language import tree
from ghndsl.language.layout.pieces import Page, Word
from ghndsl.language.layout.printer import printed
from ghndsl.language.layout.remarks import Lead, OutOfStepError, comments_of, read_leads
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.parse import parse
from ghndsl.language.recursion import deep_recursion
from ghndsl.language.writer import page


def format_text(text: str) -> str:
    """The text in the canonical layout. Raises `CompileError` when it cannot be read.

    >>> print(format_text("arch a( ){ # small\\n input x:f32[N,4]\\n output y=x->relu}"), end="")
    arch a() {  # small
        input x: f32[N, 4]
        output y = x -> relu
    }
    """
    return format_source(Source("text", text))


def format_source(source: Source, limits: Limits = DEFAULT) -> str:
    """The text of a source in the canonical layout.

    Law, checked: what is written is read as an equal tree, with the same documentation and the same comments in the
    same order; a text of which that does not hold is refused (G008). Errors: those of `parse`.
    """
    file = parse(source, limits)
    with deep_recursion():
        try:
            made, leads = _remarked(source, file)
            text = printed(made, leads)
            is_same = _says(Source(source.name, text), file, comments_of(leads), limits)
        except OutOfStepError:
            is_same, text = False, source.text
    if not is_same:
        message = f"a new layout would change what {source.name} says, so it stays as it is"
        raise CompileError(Diagnostic("G008", message))
    return text


def _remarked(source: Source, file: tree.File) -> tuple[Page, dict[Word, Lead]]:
    # Definitions stay in the order they have in the text, in which comments refer to each other.
    made = page(sorted((*file.uses, *file.definitions), key=lambda item: item.span.start))
    return made, read_leads(source.text, made.words())


def _says(written: Source, file: tree.File, comments: list[str], limits: Limits) -> bool:
    """Whether a text is read as that tree, documentation included, with those comments."""
    try:
        again = parse(written, limits)
    except CompileError:
        return False
    documented = [definition.doc for definition in again.definitions]
    is_same = again == file and documented == [definition.doc for definition in file.definitions]
    return is_same and comments_of(_remarked(written, again)[1]) == comments
