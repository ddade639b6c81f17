"""A space goes in, its choices counted; the graphs of its candidates, and all that is asked of these, come out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.space.candidate import Candidate
from ghndsl.space.checking.proof import Proof, Tried
from ghndsl.space.checking.trial import MOST_TRIED, SHARE, Found, Told, build, faults_of
from ghndsl.space.counted import Counted
from ghndsl.space.measures.sieve import Sieve
from ghndsl.space.replaying.replay import Replaying
from ghndsl.space.replaying.script import Scripts
from ghndsl.space.ways.diagram import picks
from ghndsl.space.ways.enumeration import candidates, shard_of

if TYPE_CHECKING:
    from ghndsl.space.distinct import Distinct
    from ghndsl.space.moving.encoding import Encoding
    from ghndsl.space.moving.mover import Mover
    from ghndsl.space.moving.trials import Suggesting, Trial
    from ghndsl.space.ways.walk import Walks

MOST_DRAWS = 3_000
"""Draws for one candidate before a `where` over measures is called too strict."""


@dataclass(frozen=True, eq=False, repr=False)
class Space(Counted):
    """A space of architectures: exact counts and numbers, without a graph being built.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.modules import module_from_text
    >>> text = "space s() { choose k from [1, 3, 5]\\n input x: f32[N, 1, 8, 8]\\n output y = x -> conv(4, k) }"
    >>> module = module_from_text(Source("s.nas", text))
    >>> space = Space(module, module.main(("space",)), {})
    >>> space.size, str(space.candidate(2)), space.number(space.parse("k=5"))
    (3, 'k=5', 2)
    """

    def check(self) -> list[Diagnostic]:
        """What is wrong with the space: all that any candidate's shapes or choices can be, and what is wrong with a few
        candidates that are built, most options among them."""
        try:
            self.check_any()
            if self.feasible == 0 and self._sieve is not None:
                return [self._sieve.refusal()]
        except CompileError as error:
            return list(error.diagnostics)
        return faults_of(self._attempt, self.draws(MOST_TRIED, random.Random(0)), self.limits.steps // SHARE)

    def proof(self, built: int = 0, asked: int = 0) -> Proof:
        """What the plan of a space without faults proves; `built` candidates, of so many `asked` for, were built."""
        assert self._drawn is not None
        tried: dict[str, Tried] = {}
        for path, pick in picks(self._drawn.start):
            if pick.tried is not None:
                tried.setdefault(path, Tried(path, len(pick.tried), pick.domain.size, pick.span))
        is_filtered = self._all is not self._feasible
        return Proof(self.name, self.drawable, is_filtered, tuple(tried.values()), built, asked, self._feasible.doubts)

    @property
    def remarks(self) -> list[Diagnostic]:
        """What `check` tried and did not prove, as notes."""
        return self.proof().remarks()

    def try_out(self, n: int, seed: int, told: Told = lambda _done, _all: None) -> Found:
        """Builds `n` candidates that are drawn uniformly from those that meet every `where`; fewer when almost none do.

        `told` hears of each.
        """
        candidates = self.draws(MOST_DRAWS * n, random.Random(seed))
        return build(self._attempt, candidates, n, MOST_DRAWS, told)

    @property
    def feasible(self) -> int | None:
        """The number of candidates that meet every `where`; None when some are about measures of the built graph, which
        neither follow from the least and the greatest that those can be, nor are candidates few enough to try each.
        Once all were gone through (`enumerate`) it is known."""
        if self._drawn is None:
            return 0
        return self._drawn.total if self._sieve is None else self._sieve.count

    def build(self, candidate: Candidate) -> Graph:
        """The graph of a candidate; refused when it does not meet a `where`."""
        return replace(self._replaying(candidate).graph(), choices=candidate.texts)

    def _replaying(self, candidate: Candidate) -> Replaying:
        made = dict(candidate.texts)
        return Replaying(self.module, self.definition, self.settings, made, self.limits, self._scripts)

    def _attempt(self, candidate: Candidate) -> tuple[Sequence[Diagnostic], int]:
        """The faults met in building a candidate, and the steps that it took."""
        run = self._replaying(candidate)
        try:
            run.graph()
        except CompileError as error:
            return error.diagnostics, run.steps
        return (), run.steps

    @cached_property
    def _scripts(self) -> Scripts:
        return Scripts()

    def draw(self, rng: random.Random) -> Candidate:
        """One candidate, uniformly from those that meet every `where`."""
        if self._sieve is None or self._sieve.verdict.is_met:
            return next(self.draws(1, rng))
        return self._sieve.draw(rng)

    def example(self) -> Candidate | None:
        """A candidate that meets every `where`, the same each time; None where none does or a short look finds none."""
        if self._drawn is None:
            return None
        return next(self.draws(1, random.Random(0))) if self._sieve is None else self._sieve.example

    def meets(self, candidate: Candidate) -> bool:
        """Whether a candidate of the space meets every `where`; it is built only where its choices do not tell.

        >>> from ghndsl.space.load import loads_space
        >>> text = "choose k from [1, 3]\\n input x: f32[N, 1, 8, 8]\\n output y = x -> conv(4, k)\\n where params < 9"
        >>> space = loads_space(f"space s() {{ {text} }}")
        >>> [space.meets(candidate) for candidate in space]
        [True, False]
        """
        if self._drawn is None or not self._is_drawn(candidate):
            return False
        return self._sieve is None or self._sieve.passes(candidate)

    @cached_property
    def _sieve(self) -> Sieve | None:
        """What tests candidates by a `where` over measures, if there is one."""
        kept, costs = self._drawn, self._feasible.costs
        if kept is None or costs is None or not self._feasible.is_measured:
            return None
        return Sieve(self.name, costs, kept.total, self._listed, self.draws, self._unmet)

    def _listed(self) -> Iterator[Candidate]:
        """The candidates that meet every `where` over choices; a method, since a space goes to other processes."""
        kept = self._drawn
        return iter(()) if kept is None else (one for _, one in candidates(kept, kept, range(kept.total), None))

    def _unmet(self, candidate: Candidate) -> tuple[Diagnostic | None, int]:
        """The `where` that a candidate does not meet once it is built, and the steps that this took."""
        faults, steps = self._attempt(candidate)
        if any(fault.code != "G303" for fault in faults):
            raise CompileError(*faults)
        return (faults[0] if faults else None), steps

    def sample(self, n: int, seed: int) -> list[Candidate]:
        """`n` candidates, each drawn uniformly and independently from those that meet every `where`."""
        if n < 0:
            raise ValueError(f"{n} candidates cannot be drawn")
        rng = random.Random(seed)
        if self._sieve is None:
            return list(self.draws(n, rng))
        return [self.draw(rng) for _ in range(n)]

    def neighbors(self, candidate: Candidate) -> Iterator[Candidate]:
        """The candidates that differ from one in one choice, one by one, in the order of their choices.

        That is any other option, one item of several, one edit of a graph. What else differs had to: choices that this
        opened, closed, or left no such option (`moves.py` says what they become). All meet every `where`.

        >>> from ghndsl.space.load import loads_space
        >>> text = "choose k from [1, 3]\\n choose c from [4, 8]\\n input x: f32[N, 1, 8, 8]"
        >>> space = loads_space(f"space s() {{ {text}\\n output y = x -> conv(c, k) }}")
        >>> [str(near) for near in space.neighbors(space.parse("k=1 c=8"))]
        ['k=3 c=8', 'k=1 c=4']
        """
        return self._mover.neighbours(candidate)

    def mutate(self, candidate: Candidate, rng: random.Random) -> Candidate:
        """A candidate with one choice changed to a near option, both by chance; what this opens is drawn."""
        return self._mover.mutated(candidate, rng)

    def cross(self, one: Candidate, other: Candidate, rng: random.Random) -> Candidate:
        """A candidate that takes each choice from one of two, each as likely; what neither makes is drawn."""
        return self._mover.crossed(one, other, rng)

    @cached_property
    def encoding(self) -> Encoding:
        """Its candidates as vectors of one length, for models that learn from them."""
        from ghndsl.space.moving.encoding import Encoding
        from ghndsl.space.ways.walk import Walks

        every = self._mover.walks if self._drawn is self._numbers else Walks(self._numbers)
        return Encoding(self._mover, every, picks(self._numbers.start))

    def suggest(self, trial: Trial) -> Candidate:
        """The candidate that a trial of Optuna suggests, asked choice by choice; it meets every `where` over choices.

        One that does not meet a `where` over measures prunes the trial (`optuna.TrialPruned`).
        """
        candidate = Candidate(self._suggesting.suggested(trial))
        if self._sieve is not None and not self._sieve.passes(candidate):
            from optuna import TrialPruned

            raise TrialPruned(f"the candidate does not meet each `where` of `{self.name}` over measures: {candidate}")
        return candidate

    @cached_property
    def _suggesting(self) -> Suggesting:
        from ghndsl.space.moving.trials import Suggesting

        return Suggesting(self.walks, picks(self.walks.numbering.start))

    @property
    def walks(self) -> Walks:
        """The ways through its choices to candidates that meet every `where` over choices."""
        return self._mover.walks

    @cached_property
    def _mover(self) -> Mover:
        from ghndsl.space.moving.met import Met
        from ghndsl.space.moving.mover import Mover
        from ghndsl.space.ways.walk import Walks

        self.check_any()
        assert self._drawn is not None
        met = None if self._sieve is None or self._sieve.verdict.is_met else Met(self._sieve)
        return Mover(self.name, self.definition.name_span, Walks(self._drawn), self.number, met)

    def enumerate(self, shard: tuple[int, int] = (1, 1)) -> Iterator[tuple[int, Candidate]]:
        """The candidates that meet every `where`, in the order of their numbers, each with its number; made one by one.

        A shard is part (i, n) of n, from (1, n) to (n, n). Shards have no candidate in common and none is in no shard;
        they are as large as one another, to within one, as far as a `where` over measures lets as many pass in each.
        """
        self.check_any()
        assert self._drawn is not None
        part = shard_of(self._drawn.total, shard)
        if self._sieve is None or self._sieve.verdict.is_met:
            return candidates(self._drawn, self._numbers, part, None)
        if len(part) < self._drawn.total:
            return candidates(self._drawn, self._numbers, part, self._sieve.passes)
        return self._sieve.walked(candidates(self._drawn, self._numbers, part, None))

    def check_any(self, *, looking: bool = False) -> None:
        """Refuses a space of which no candidate meets every `where`, as far as that is seen without a look at each.

        With `looking` each is looked at too, where they are few.
        """
        if self._drawn is None:
            raise CompileError(self._none_left())
        if self._sieve is not None and (self._sieve.verdict.is_met is False or (looking and self.feasible == 0)):
            raise CompileError(self._sieve.refusal())

    @cached_property
    def distinct(self) -> Distinct:
        """Its architectures, each once, however many candidates stand for it."""
        from ghndsl.space.distinct import Distinct

        return Distinct(self)

    def _repr_svg_(self) -> str | None:
        """The picture of its choices, which notebooks show."""
        from ghndsl.space.picture import svg

        return svg(self)
