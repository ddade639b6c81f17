"""Choices that are no candidate of a space go in; why, at which words of their line, and what was meant, come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ghndsl.diagnostics import CompileError, Diagnostic, Span, did_you_mean
from ghndsl.language.choices import Domain
from ghndsl.space.candidate import words_of
from ghndsl.space.ways.numbering import NoWayError

if TYPE_CHECKING:
    from ghndsl.space.counted import Counted

_MOST_SHOWN = 60
_MOST_COMPARED = 120


def no_way(space: Counted, missed: NoWayError, made: Mapping[str, str], line: Span | None) -> CompileError:
    """The refusal of choices on which a way through a space stops: one is missing, strange, or not what it can be."""
    strange = next((path for path in made if path not in space.choices), None)
    if strange is not None:
        return superfluous(space, strange, made, line)
    found = {path for path, pick in space.asked if path in made and pick.domain.find(made[path]) is not None}
    wrong = next((path for path in made if path not in found), missed.path)
    if wrong not in made:
        message = f"the candidate makes no choice `{wrong}`, as `{space.name}` asks here"
        return CompileError(Diagnostic("G304", message, line, help=missed.domain.hint(None)))
    domain = missed.domain if wrong == missed.path else space.domains[wrong]
    message = f"`{wrong}` of `{space.name}` cannot be {made[wrong][:_MOST_SHOWN]}"
    place = _place(line, wrong, is_text=True)
    return CompileError(Diagnostic("G304", message, place, help=_meant(made[wrong], domain)))


def superfluous(space: Counted, path: str, made: Mapping[str, str], line: Span | None) -> CompileError:
    """The refusal of choices of which one, at this path, is not asked for beside the others."""
    place = _place(line, path, is_text=False)
    if path in space.choices:
        message = f"the candidate chooses `{path}`, which `{space.name}` does not ask for beside its other choices"
        return CompileError(Diagnostic("G304", message, place))
    message = f"`{space.name}` has no choice `{path[:_MOST_COMPARED]}`"
    return CompileError(Diagnostic("G304", message, place, help=_likely(path, space.choices) or _home(space, made)))


def _meant(text: str, domain: Domain) -> str | None:
    """What a choice can be, the option that was likely meant first."""
    known = domain.hint(text)
    if "=" in text and "," in text:
        return "choices of a line stand apart by blanks, not by commas"
    likely = did_you_mean(text, domain.options)
    return f"{likely} {known}" if likely and known else likely or known


def _likely(path: str, known: Iterable[str]) -> str | None:
    """The choice that was likely meant: one that is spelled alike, or alike behind its motif or label."""
    if len(path) >= _MOST_COMPARED:
        return None
    whole = did_you_mean(path, known)
    if whole is not None:
        return whole
    tails = {tail for tail in (path, path.partition(".")[2]) if tail}
    alike = [one for one in known if one.partition(".")[2] in tails]
    return f"did you mean `{alike[0]}`?" if len(alike) == 1 else None


def _home(space: Counted, made: Mapping[str, str]) -> str | None:
    """A help line that names the space which these choices are all of: another of the file, or one that ships."""
    from ghndsl.space.load import other_spaces

    # One plain name alone may be that of another space's choice by chance.
    if not any("." in path for path in made) and len(made) == 1:
        return None
    for address, other in other_spaces(space, made):
        try:
            if all(path in other.choices for path in made):
                return f"its choices are those of `{address}`"
        except CompileError:
            continue
    return None


def _place(line: Span | None, path: str, *, is_text: bool) -> Span | None:
    """Where the path of a choice stands in a line, or what is chosen there."""
    for word, place in () if line is None else words_of(line):
        if word.partition("=")[0] == path:
            middle = place.start + len(path)
            return place._replace(start=middle + 1) if is_text else place._replace(end=middle)
    return None
