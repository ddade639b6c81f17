"""A space's text goes in; its size, its candidates by number, by chance and by line, and their graphs come out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.language import tree
from ghndsl.language.elaborate import elaborate
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.modules import Module
from ghndsl.language.values import Result
from ghndsl.space.candidate import Candidate, from_made, read_line, record
from ghndsl.space.plan import Plan
from ghndsl.space.planner import Planner

MOST_DRAWS = 10_000
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

    @property
    def name(self) -> str:
        """The name of the definition."""
        return self.definition.name

    @cached_property
    def _all(self) -> Plan:
        """Every candidate, before `where`."""
        self._check()
        return self._planner(feasible=False).plan()

    @cached_property
    def _planned(self) -> tuple[Planner, Plan]:
        planner = self._planner(feasible=True)
        return planner, planner.plan()

    def _planner(self, *, feasible: bool) -> Planner:
        return Planner(self.module, self.definition, self.settings, feasible=feasible, limits=self.limits)

    def _check(self) -> None:
        planner, _ = self._planned
        if planner.faults:
            raise CompileError(*planner.faults)

    def check(self) -> list[Diagnostic]:
        """What is wrong with the space, in any of its candidates; none of it is left to be found later."""
        try:
            self._check()
        except CompileError as error:
            return list(error.diagnostics)
        if self._filtered.groups:
            return []
        return [Diagnostic("G303", f"no candidate of `{self.name}` meets every `where`", self.definition.name_span)]

    @cached_property
    def _filtered(self) -> Plan:
        """The candidates that meet every `where` over choices."""
        self._check()
        planner, plan = self._planned
        return plan if planner.is_filtered else self._all

    @cached_property
    def size(self) -> int:
        """The number of candidates, before `where`; exact."""
        return self._all.count(0)

    @cached_property
    def feasible(self) -> int | None:
        """The number of candidates that meet every `where`; None when some are about measures of the built graph."""
        if self._planned[0].is_measured:
            return None
        return self._filtered.count(0) if self._filtered.groups else 0

    def candidate(self, number: int) -> Candidate:
        """The candidate of a number from 0 to `size` - 1."""
        if not 0 <= number < self.size:
            message = f"`{self.name}` has {self.size:,} candidates, numbered from 0; there is none of number {number:,}"
            raise CompileError(Diagnostic("G304", message))
        return from_made(self._all.made(0, number))

    def number(self, candidate: Candidate) -> int:
        """The number of a candidate; refused when it is none of this space's."""
        texts = record(candidate)
        found = self._all.number(texts)
        if found is None or len(self.candidate(found[1]).texts) != len(texts):
            raise CompileError(Diagnostic("G304", f"this is no candidate of `{self.name}`: {str(candidate)[:200]}"))
        return found[1]

    def parse(self, line: str) -> Candidate:
        """The candidate of a line, its choices in the space's order; refused when it is none of this space's."""
        return self.candidate(self.number(read_line(line)))

    def build(self, candidate: Candidate) -> Graph:
        """The graph of a candidate; refused when it does not meet a `where`."""
        return elaborate(self.module, self.definition, self.settings, record(candidate), self.limits)

    def draw(self, rng: random.Random) -> Candidate:
        """One candidate, uniformly from those that meet every `where`."""
        if not self._filtered.groups or not self._filtered.count(0):
            message = f"no candidate of `{self.name}` meets every `where`"
            raise CompileError(Diagnostic("G303", message, self.definition.name_span))
        count = self._filtered.count(0)
        for _ in range(MOST_DRAWS):
            candidate = from_made(self._filtered.made(0, rng.randrange(count)))
            if not self._planned[0].is_measured or self._meets(candidate):
                return candidate
        message = f"none of {MOST_DRAWS:,} candidates drawn from `{self.name}` meets its `where` over measures"
        raise CompileError(Diagnostic("G303", message, self.definition.name_span))

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
        return [self.draw(rng) for _ in range(n)]

    def __iter__(self) -> Iterator[Candidate]:
        """All candidates in the order of their numbers, before `where`."""
        return (self.candidate(number) for number in range(self.size))

    @cached_property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """Every choice that some candidate makes: its path, and the options it has."""
        found: dict[str, tuple[str, ...]] = {}
        for path, domain in self._all.choices():
            options = dict.fromkeys((*found.get(path, ()), *domain.options))
            found[path] = tuple(options)
        return found
