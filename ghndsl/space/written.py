"""A number, a line or a file of a candidate goes in; the candidate of the space comes out."""

from __future__ import annotations

import re
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.language.elaborate import elaborate
from ghndsl.language.modules import Module, load_module
from ghndsl.space.candidate import Candidate, read_line
from ghndsl.space.load import candidate_of
from ghndsl.space.space import Space


def candidate_at(space: Space, word: str) -> Candidate:
    """The candidate that a word means: its number, its line, or an `.arch` that `sample` or `enumerate` wrote.

    Refused (G304) when a file is none of theirs, or its network is not that of the candidate it begins with.
    """
    word = word.strip()
    if not word.endswith(".arch") or "=" in word:
        return candidate_of(space, word)
    module = load_module(Path(word), space.limits)
    found = re.match(r"# candidate [0-9]+ of ([^:\n]*): ?([^\n]*)", module.source.text)
    if found is None:
        message = f"`{word}` does not say which candidate of `{space.name}` it is"
        hint = (
            "`ghndsl sample SPACE -o DIR` and `ghndsl enumerate SPACE -o DIR` write files that do, in their first line"
        )
        raise CompileError(Diagnostic("G304", message, Span(module.source, 0, 0), help=hint))
    if found[1] != space.name:
        message = f"`{word}` is a candidate of `{found[1]}`, not of `{space.name}`"
        raise CompileError(Diagnostic("G304", message, Span(module.source, *found.span(1))))
    candidate = space.candidate(space.number(read_line(found[2])))
    if _is_other(module, space, candidate):
        message = f"the network of `{word}` is not that of the candidate that its first line names"
        hint = "it was changed, or written with other settings of the space (`--set`)"
        raise CompileError(Diagnostic("G304", message, Span(module.source, *found.span(2)), help=hint))
    return candidate


def _is_other(module: Module, space: Space, candidate: Candidate) -> bool:
    """Whether the network of a file is another than that of a candidate."""
    graph = elaborate(module, module.main(("arch",)), {}, limits=space.limits)
    return graph.id != space.build(candidate).id
