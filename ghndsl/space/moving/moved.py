"""A candidate of one space goes in; a candidate of another that uses motifs of the same names comes out.

The choices of those motifs are the same there. Other choices of the second space are kept where the first has them with
the same option, and drawn where it has not.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from random import Random

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.language.choices import union
from ghndsl.records import record
from ghndsl.space.candidate import Candidate
from ghndsl.space.space import Space
from ghndsl.space.ways.fork import Fork
from ghndsl.space.ways.walk import Texts, Walks

MOST_TRIES = 1_000
"""Draws of other choices for one with which the motifs' choices meet each `where`."""
_MOST_LISTED = 12


@record
class Moved:
    """A candidate of another space: which of its choices were drawn, and which of the motifs' have no place in it."""

    candidate: Candidate
    drawn: tuple[str, ...]
    lost: tuple[str, ...]


def transfer(candidate: Candidate, source: Space, target: Space, seed: int) -> Candidate:
    """The candidate of `target` with the motifs of a candidate of `source`; other choices are kept or drawn.

    Refused (G309) when the spaces share no motif with choices, or when one of these cannot be chosen there.

    >>> from ghndsl.space.load import loads_space
    >>> motif = "motif M(x) { choose k from [1, 3]\\n return x -> conv(4, k, padding=k // 2) }"
    >>> small = loads_space(f"{motif}\\n space s() {{ input x: f32[N, 4, 8, 8]\\n output y = x -> M as a }}")
    >>> deep = loads_space(f"{motif}\\n space d() {{ input x: f32[N, 4, 8, 8]\\n output y = x -> M as a -> M as b }}")
    >>> str(transfer(small.parse("M.k=3"), small, deep, seed=0))
    'M.k=3'
    """
    return moved(candidate, source, target, seed).candidate


def moved(candidate: Candidate, source: Space, target: Space, seed: int) -> Moved:
    """The same, with what was drawn and what was lost."""
    made = dict(source.candidate(source.number(candidate)).texts)
    shared = source.motifs & target.motifs
    if not shared:
        raise CompileError(_nothing_shared(source, target))
    fixed = {path: text for path, text in made.items() if path.partition(".")[0] in shared}
    _check_options(fixed, target)
    return _found(_Moving(target.walks, fixed, made, Random(seed)), target)


def _found(moving: _Moving, target: Space) -> Moved:
    """The first of some draws that meets each `where` and leaves every choice a place, or else meets each `where`."""
    best: Moved | None = None
    for _ in range(MOST_TRIES):
        found = moving.tried()
        if found is not None and (best is None or not found.lost) and target.meets(found.candidate):
            best = found
        if not moving.drawn or (best is not None and not best.lost):
            break
    if best is None:
        raise CompileError(moving.refusal(target))
    return best


class _Moving:
    """Goes the ways of a space with `fixed` choices, with those `made` before where they can be, and draws others."""

    def __init__(self, walks: Walks, fixed: Mapping[str, str], made: Mapping[str, str], rng: Random) -> None:
        self.walks = walks
        self.fixed = fixed
        self.made = made
        self.rng = rng
        self.drawn: list[str] = []
        self.missed = ""

    def tried(self) -> Moved | None:
        """A way with choices drawn anew; None when one that is fixed cannot be beside them."""
        self.drawn = []
        try:
            texts: Texts = self.walks.gone(self._way)
        except _MissedError as missed:
            self.missed = str(missed)
            return None
        paths = {path for path, _ in texts}
        return Moved(Candidate(texts), tuple(self.drawn), tuple([path for path in self.fixed if path not in paths]))

    def _way(self, fork: Fork) -> int:
        text = self.made.get(fork.path)
        way = None if text is None else fork.found(text)
        if way is not None:
            return way
        if fork.path in self.fixed:
            raise _MissedError(fork.path)
        self.drawn.append(fork.path)
        return fork.drawn(self.rng)

    def refusal(self, target: Space) -> Diagnostic:
        """Why no candidate was found."""
        message = f"the motifs' choices do not meet every `where` of `{target.name}`"
        if self.drawn:
            message = f"0 of {MOST_TRIES:,} draws of its other choices meet every `where` of `{target.name}`"
        path = self.missed
        beside = f"`{path}` cannot be {self.fixed[path]} beside the choices before it" if path else None
        return Diagnostic("G303", message, target.definition.name_span, help=beside)


class _MissedError(Exception):
    """A choice that is fixed cannot be what it is beside those made before."""


def _nothing_shared(source: Space, target: Space) -> Diagnostic:
    known = [
        f"those of `{space.name}` are {', '.join(sorted(space.motifs))}" if space.motifs else f"`{space.name}` has none"
        for space in (source, target)
    ]
    message = f"`{source.name}` and `{target.name}` share no motif that makes choices"
    return Diagnostic("G309", message, target.definition.name_span, help="; ".join(known))


def _check_options(fixed: Mapping[str, str], target: Space) -> None:
    """Refuses the first choice that no candidate of a space makes, or that cannot be the same there."""
    asked = target.asked
    for path, text in fixed.items():
        domains = [pick.domain for other, pick in asked if other == path]
        motif = path.partition(".")[0]
        if not domains:
            message = f"the motif `{motif}` makes no choice `{path}` in `{target.name}`"
            known = dict.fromkeys([other for other, _ in asked if other.partition(".")[0] == motif])
            hint = f"there it makes {', '.join(islice(known, _MOST_LISTED))}{', ...' * (len(known) > _MOST_LISTED)}"
            raise CompileError(Diagnostic("G309", message, target.definition.name_span, help=hint))
        if all(domain.find(text) is None for domain in domains):
            message = f"`{path}` cannot be {text[:60]} in `{target.name}`"
            raise CompileError(Diagnostic("G309", message, target.definition.name_span, help=union(domains).hint(text)))
