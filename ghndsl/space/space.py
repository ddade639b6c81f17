"""A space's text goes in; its size, its candidates by number, by chance and by line, and their graphs come out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from ghndsl.dags import in_words
from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.ir import Graph
from ghndsl.language import tree
from ghndsl.language.choices import Domain, joined
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.modules import Module
from ghndsl.language.values import Result
from ghndsl.space.candidate import Candidate, read_line, superfluous, unreadable
from ghndsl.space.diagram import picks
from ghndsl.space.numbering import NoWayError, Numbering
from ghndsl.space.planner import Planned, plan
from ghndsl.space.replay import Pieces, Replaying
from ghndsl.space.trial import MOST_TRIED, SHARE, faults_of

MOST_DRAWS = 3_000
"""Draws for one candidate before a `where` over measures is called too strict."""


@dataclass(frozen=True, eq=False)
class Space:
    """A space of architectures: exact counts and numbers, without a graph being built.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.modules import module_from_text
    >>> text = "space s() { choose k from [1, 3, 5]\\n input x: f32[N, 1, 8, 8]\\n output y = x -> conv(4, k) }"
    >>> module = module_from_text(Source("s.nas", text))
    >>> space = Space(module, module.main(("space",)), {})
    >>> space.size, str(space.candidate(2)), space.number(space.parse("k=5"))
    (3, 'k=5', 2)
    """

    module: Module
    definition: tree.Definition
    settings: Mapping[str, Result]
    limits: Limits = DEFAULT

    def __repr__(self) -> str:
        # Of a space with faults nothing can be counted; whoever looks at it wants to know which one it is.
        try:
            return f"Space({self.name}: {self.size:,} candidates)"
        except CompileError:
            return f"Space({self.name})"

    @property
    def name(self) -> str:
        """The name of the definition."""
        return self.definition.name

    @property
    def doc(self) -> str:
        """What the text says of it in lines that begin with `##`."""
        return self.definition.doc

    @cached_property
    def text_hash(self) -> str:
        """The hash of the space's text and of all that it uses."""
        texts: dict[str, str] = {}

        def add(module: Module) -> None:
            if module.source.name not in texts:
                texts[module.source.name] = module.source.text
                for _, other in module.imported.values():
                    add(other)

        add(self.module)
        return sha256("\0".join(texts.values()).encode()).hexdigest()[:16]

    @cached_property
    def _feasible(self) -> Planned:
        """The candidates that meet every `where` over choices."""
        return plan(self.module, self.definition, self.settings, self.limits, feasible=True)

    @cached_property
    def _all(self) -> Planned:
        """Every candidate, before `where`."""
        if self._feasible.faults:
            raise CompileError(*self._feasible.faults)
        if not self._feasible.is_filtered:
            return self._feasible
        return plan(self.module, self.definition, self.settings, self.limits, feasible=False)

    @cached_property
    def _numbers(self) -> Numbering:
        diagram = self._all.diagram
        assert diagram is not None, "before any `where` there is a candidate"
        return Numbering(diagram)

    @cached_property
    def _drawn(self) -> Numbering | None:
        """The numbering of the candidates that are drawn from; None when there are none."""
        if self._all is self._feasible:
            return self._numbers
        return None if self._feasible.diagram is None else Numbering(self._feasible.diagram)

    def check(self) -> list[Diagnostic]:
        """What is wrong with the space: all that any candidate's shapes or choices can be, and what is wrong with a few
        candidates that are built, most options among them."""
        try:
            if self._drawn is None:
                return [self._none_left()]
        except CompileError as error:
            return list(error.diagnostics)
        return faults_of(self._attempt, self.draws(MOST_TRIED, random.Random(0)), self.limits.steps // SHARE)

    @property
    def remarks(self) -> list[Diagnostic]:
        """What `check` tried and did not prove, as notes."""
        found: dict[str, Diagnostic] = {}
        for path, pick in picks(self._numbers.start):
            if pick.tried is not None and path not in found:
                tried = f"{len(pick.tried):,} of its {in_words(pick.domain.size)} graphs were tried"
                message = f"that all candidates are well-shaped is not proved: of `{path}`, {tried}"
                found[path] = Diagnostic("G308", message, pick.span, severity="note")
        return list(found.values())

    def _none_left(self) -> Diagnostic:
        return Diagnostic("G303", f"no candidate of `{self.name}` meets every `where`", self.definition.name_span)

    @cached_property
    def size(self) -> int:
        """The number of candidates, before `where`; exact."""
        return self._numbers.total

    @cached_property
    def feasible(self) -> int | None:
        """The number of candidates that meet every `where`; None when some are about measures of the built graph."""
        if self._feasible.is_measured:
            return None
        return 0 if self._drawn is None else self._drawn.total

    def candidate(self, number: int) -> Candidate:
        """The candidate of a number from 0 to `size` - 1."""
        if not 0 <= number < self.size:
            message = f"`{self.name}` has {self.size:,} candidates, numbered from 0; there is none of number {number:,}"
            raise CompileError(Diagnostic("G304", message))
        return Candidate(self._numbers.way(number)[0])

    def number(self, candidate: Candidate) -> int:
        """The number of a candidate; refused when it is none of this space's."""
        made = dict(candidate.texts)
        try:
            number, _ = self._numbers.number(made)
        except NoWayError as missed:
            raise CompileError(unreadable(self.name, missed, made, self.choices)) from None
        known = dict(self._numbers.way(number)[0])
        for path in made:
            if path not in known:
                raise CompileError(superfluous(self.name, path, self.choices))
        return number

    def parse(self, line: str) -> Candidate:
        """The candidate of a line, its choices in the space's order; refused when it is none of this space's."""
        return self.candidate(self.number(read_line(line)))

    def build(self, candidate: Candidate) -> Graph:
        """The graph of a candidate; refused when it does not meet a `where`."""
        return replace(self._replaying(candidate).graph(), choices=candidate.texts)

    def _replaying(self, candidate: Candidate) -> Replaying:
        made = dict(candidate.texts)
        return Replaying(self.module, self.definition, self.settings, made, self.limits, self._pieces)

    def _attempt(self, candidate: Candidate) -> tuple[Sequence[Diagnostic], int]:
        """The faults met in building a candidate, and the steps that it took."""
        run = self._replaying(candidate)
        try:
            run.graph()
        except CompileError as error:
            return error.diagnostics, run.steps
        return (), run.steps

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces()

    def draw(self, rng: random.Random) -> Candidate:
        """One candidate, uniformly from those that meet every `where`."""
        for candidate in self.draws(MOST_DRAWS, rng):
            if not self._feasible.is_measured or self._meets(candidate):
                return candidate
        message = f"none of {MOST_DRAWS:,} candidates drawn from `{self.name}` meets its `where` over measures"
        raise CompileError(Diagnostic("G303", message, self.definition.name_span))

    def draws(self, n: int, rng: random.Random) -> Iterator[Candidate]:
        """Candidates drawn uniformly from those that meet every `where` over choices."""
        if self._drawn is None:
            raise CompileError(self._none_left())
        total, way = self._drawn.total, self._drawn.way
        return (Candidate(way(rng.randrange(total))[0]) for _ in range(n))

    def _meets(self, candidate: Candidate) -> bool:
        try:
            self.build(candidate)
        except CompileError as error:
            if any(diagnostic.code != "G303" for diagnostic in error.diagnostics):
                raise
            return False
        return True

    def sample(self, n: int, seed: int) -> list[Candidate]:
        """`n` candidates, each drawn uniformly and independently from those that meet every `where`."""
        rng = random.Random(seed)
        if self._feasible.is_measured:
            return [self.draw(rng) for _ in range(n)]
        return list(self.draws(n, rng))

    def __iter__(self) -> Iterator[Candidate]:
        """All candidates in the order of their numbers, before `where`."""
        return (self.candidate(number) for number in range(self.size))

    @cached_property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """Every choice that some candidate makes: its path, and the options it has."""
        return {path: domain.options for path, domain in self.domains.items()}

    def _repr_svg_(self) -> str | None:
        """The picture of its choices, which notebooks show."""
        from ghndsl.space.picture import svg

        return svg(self)

    @property
    def places(self) -> dict[str, Span | None]:
        """Where in the text every choice stands, the first place of several."""
        return {path: pick.span for path, pick in reversed(list(picks(self._numbers.start)))}

    @property
    def domains(self) -> dict[str, Domain]:
        """Every choice that some candidate makes: what it may be, all options that it has anywhere together."""
        found: dict[str, Domain] = {}
        for path, pick in picks(self._numbers.start):
            found[path] = joined(found.get(path, pick.domain), pick.domain)
        return found
