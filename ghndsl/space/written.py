"""A number, a line or a file of a candidate goes in; the candidate of the space comes out.

The file of a candidate begins with comments by which it is known again: which candidate of which space it is, and the
settings of the space.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic, Span, did_you_mean
from ghndsl.language.elaborate import elaborate
from ghndsl.language.modules import Module, load_module
from ghndsl.language.values import Result, text
from ghndsl.passes import dead
from ghndsl.records import record
from ghndsl.space.candidate import Candidate
from ghndsl.space.load import candidate_of, parse_settings
from ghndsl.space.space import Space

_FIRST = re.compile(r"# candidate [0-9]+ of ([^:\n]*): ?([^\n]*)")
_SET = re.compile(r"\n# (--set ([^\n=]*)=[^\n]*)")


def heading(space: Space, number: int, candidate: Candidate) -> str:
    """The comments that the file of a candidate begins with.

    >>> from ghndsl.space.load import loads_space
    >>> body = "choose k from [1, 3]\\n input x: f32[N, 1, 8, 8]\\n output y = x -> conv(c, k)"
    >>> space = loads_space(f"space few(c: int = 4) {{ {body} }}", c=8)
    >>> print(heading(space, 1, space.candidate(1)))
    # candidate 1 of few: k=3
    # --set c=8
    """
    comments = [f"candidate {number} of {space.name}: {candidate}", *_words(space.settings)]
    return "\n".join([f"# {comment}" for comment in comments])


def candidate_at(space: Space, word: str) -> Candidate:
    """The candidate that a word means: its number, its line, or an `.arch` that `sample`, `enumerate` or `search`
    wrote.

    Refused (G304) when a file is none of theirs, or its network is not that of the candidate it begins with.
    """
    found = _written(space, word.strip())
    return candidate_of(space, word) if found is None else found.candidate(space)


def candidate_at_home(space: Space, word: str) -> tuple[Space, Candidate]:
    """The same, with its space, which has the settings that a file was written with, whatever those of `space` are."""
    found = _written(space, word.strip())
    if found is None:
        return space, candidate_of(space, word)
    home = space if found.settings == space.settings else replace(space, settings=found.settings)
    return home, found.candidate(home)


@record
class _Written:
    """The file of a candidate: its text, the candidate's line in it, and the settings of the space."""

    module: Module
    line: Span
    settings: Mapping[str, Result]

    def candidate(self, space: Space) -> Candidate:
        """The candidate of the line, when the network is what the space makes of it."""
        found = space.read(self.line)
        graph = elaborate(self.module, self.module.main(("arch",)), {}, limits=space.limits)
        built = space.build(found)
        # A search writes its findings without what they do not use.
        if graph.id not in (built.id, dead(built).id):
            name = self.module.source.name
            message = f"the network of `{name}` is not that of the candidate that its first line names"
            raise CompileError(Diagnostic("G304", message, self.line, help=self._hint(space)))
        return found

    def _hint(self, space: Space) -> str:
        if self.settings == space.settings:
            return (
                "the file, the space or its settings were changed; the line alone, in quotes, names the candidate too"
            )
        given = f"`{' '.join(_words(self.settings))}`" if self.settings else "no `--set`"
        return f"it was written with {given}; give the same, or the line alone, in quotes"


def _words(settings: Mapping[str, Result]) -> list[str]:
    """Settings as the command line takes them."""
    return [f"--set {name}={text(value)}" for name, value in settings.items()]


def _written(space: Space, word: str) -> _Written | None:
    """What the file that a word names says of itself; None when the word names no file."""
    if not word.endswith(".arch") or "=" in word:
        return None
    module = load_module(Path(word), space.limits)
    found = _FIRST.match(module.source.text)
    if found is None:
        message = f"`{word}` does not say which candidate of `{space.name}` it is"
        hint = "`ghndsl sample SPACE -o DIR`, `ghndsl enumerate SPACE -o DIR` and `ghndsl search` write files that do"
        raise CompileError(Diagnostic("G304", message, Span(module.source, 0, 0), help=hint))
    if found[1] != space.name:
        message = f"`{word}` is a candidate of `{found[1]}`, not of `{space.name}`"
        raise CompileError(Diagnostic("G304", message, Span(module.source, *found.span(1))))
    return _Written(module, Span(module.source, *found.span(2)), _settings(space, module, found.end()))


def _settings(space: Space, module: Module, start: int) -> dict[str, Result]:
    """The settings that stand below the first line."""
    known = [parameter.name for parameter in space.definition.parameters]
    settings: dict[str, Result] = {}
    while found := _SET.match(module.source.text, start):
        start, name, place = found.end(), found[2].strip(), Span(module.source, *found.span(1))
        if name not in known:
            message = f"`{space.name}` has no parameter `{name}`"
            raise CompileError(Diagnostic("G304", message, place, help=did_you_mean(name, known)))
        try:
            settings |= parse_settings([found[1].removeprefix("--set")])
        except CompileError as error:
            raise CompileError(*[replace(fault, span=place) for fault in error.diagnostics]) from None
    return settings
