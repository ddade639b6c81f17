"""A space's text goes in; its choices, its size, and its candidates by number, line and chance come out, unbuilt."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from operator import index

from ghndsl.dags import Dags, in_words
from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.language import tree
from ghndsl.language.choices import Domain, union
from ghndsl.language.graph_choices import GraphDomain
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.modules import Module
from ghndsl.language.values import Result
from ghndsl.space.candidate import Candidate, read_span, whole
from ghndsl.space.planning.planner import Planned, plan
from ghndsl.space.strange import no_way, superfluous
from ghndsl.space.ways.diagram import Pick, motifs, picks
from ghndsl.space.ways.enumeration import candidates
from ghndsl.space.ways.numbering import Numbering
from ghndsl.space.ways.picking import NoWayError


@dataclass(frozen=True, eq=False)
class Counted:
    """The choices of a space, planned once: exact counts, numbers and lines, and uniform draws as far as choices go."""

    module: Module
    definition: tree.Definition
    settings: Mapping[str, Result]
    limits: Limits = DEFAULT

    def __repr__(self) -> str:
        # Of a space with faults nothing can be counted; whoever looks at it wants to know which one it is.
        try:
            return f"Space({self.name}: {in_words(self.size)} candidates)"
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

    def _none_left(self) -> Diagnostic:
        return self._feasible.unmet.refusal(self.name, self.definition.name_span)

    @cached_property
    def size(self) -> int:
        """The number of candidates, before `where`; exact."""
        return self._numbers.total

    def candidate(self, number: int) -> Candidate:
        """The candidate of a number from 0 to `size` - 1."""
        number = index(number)
        if not 0 <= number < self.size:
            size, asked = in_words(self.size), in_words(number)
            message = f"`{self.name}` has {size} candidates, numbered from 0; there is none of number {asked}"
            raise CompileError(Diagnostic("G304", message))
        return Candidate(self._numbers.way(number)[0])

    def number(self, candidate: Candidate) -> int:
        """The number of a candidate; refused when it is none of this space's."""
        return self._number(dict(candidate.texts), None)

    def _number(self, made: Mapping[str, str], line: Span | None) -> int:
        try:
            number, _ = self._numbers.number(made)
        except NoWayError as missed:
            raise no_way(self, missed, made, line) from None
        known = dict(self._numbers.way(number)[0])
        for path in made:
            if path not in known:
                raise superfluous(self, path, made, line)
        return number

    def parse(self, line: str) -> Candidate:
        """The candidate of a line, its choices in the space's order; refused when it is none of this space's."""
        return self.read(whole(line))

    def read(self, line: Span) -> Candidate:
        """The candidate of a line that stands in a text, such as a file's; it is refused at its place there."""
        return self.candidate(self._number(dict(read_span(line).texts), line))

    def draws(self, n: int, rng: random.Random) -> Iterator[Candidate]:
        """Candidates drawn uniformly from those that meet every `where` over choices."""
        if self._drawn is None:
            raise CompileError(self._none_left())
        total, way = self._drawn.total, self._drawn.way
        return (Candidate(way(rng.randrange(total))[0]) for _ in range(n))

    def _is_drawn(self, candidate: Candidate) -> bool:
        """Whether a candidate meets every `where` over choices."""
        if self._drawn is None or self._drawn is self._numbers:
            return self._drawn is not None
        try:
            self._drawn.number(dict(candidate.texts))
        except NoWayError:
            return False
        return True

    def __iter__(self) -> Iterator[Candidate]:
        """All candidates in the order of their numbers, before `where`."""
        return (one for _, one in candidates(self._numbers, self._numbers, range(self.size), None))

    @property
    def drawable(self) -> int:
        """The number of candidates that meet every `where` over choices, which those over measures may let pass."""
        return 0 if self._drawn is None else self._drawn.total

    @cached_property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """Every choice that some candidate makes: its path, and the options it has."""
        return {path: domain.options for path, domain in self.domains.items()}

    @cached_property
    def motifs(self) -> frozenset[str]:
        """The motifs whose choices some candidate makes."""
        return motifs(self._numbers.start)

    @property
    def asked(self) -> list[tuple[str, Pick]]:
        """Every choice that some candidate makes, by its path; again where it stands elsewhere or has other options."""
        return list(picks(self._numbers.start))

    @property
    def domains(self) -> dict[str, Domain]:
        """Every choice that some candidate makes: what it may be, all options that it has anywhere together."""
        found: dict[str, list[Domain]] = {}
        for path, pick in picks(self._numbers.start):
            found.setdefault(path, []).append(pick.domain)
        return {path: union(domains) for path, domains in found.items()}

    @property
    def ordered_graphs(self) -> dict[str, Dags]:
        """The choices of graphs, by path, whose members are numbered by the order of vertices: some are isomorphic."""
        found = {path: domain.dags for path, domain in self.domains.items() if isinstance(domain, GraphDomain)}
        return {path: dags for path, dags in found.items() if not dags.is_up_to_isomorphism}
