"""Candidates and a scorer go in; what was measured of each comes out, stage by stage, whoever measured it."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from ghndsl.passes import simplify
from ghndsl.search.draw import Drawn
from ghndsl.search.scorers import Measured, Scorer, Together, stages, wanted
from ghndsl.search.titles import TITLES, again
from ghndsl.search.workers import each, workers_for
from ghndsl.space import Candidate, Space
from ghndsl.training.progress import Watch, unwatched


@dataclass(frozen=True)
class Row:
    """What is measured of a candidate; its identity (of what it computes) and its size at full scale."""

    measured: Measured
    id: str
    params: int
    macs: int | None


@dataclass(frozen=True)
class Measuring:
    """The task of measuring one candidate, as it is sent to a worker."""

    together: Together
    full: Space

    def __call__(self, candidate: Candidate) -> Row:
        """Measures; the same wherever it runs."""
        drawn = Drawn(candidate)
        graph = drawn.at(self.full)
        return Row(self.together.measure(drawn), simplify(graph).id, graph.params, graph.macs)


def measure(
    scorer: Scorer,
    full: Space,
    candidates: Sequence[Candidate],
    known: Mapping[int, Measured] | None = None,
    workers: int | None = 1,
    watch: Watch = unwatched,
) -> Generator[tuple[int, Row]]:
    """Measures candidates by each stage of a scorer, a later one those alone that it asks for.

    Gives a candidate's index, and all that is known of it, whenever something was measured of it: a candidate of two
    stages comes twice. What is `known` by index is not measured again. The same with any number of `workers`; None
    means as many processes as are worth it.
    """
    found = [dict((known or {}).get(index, {})) for index in range(len(candidates))]
    for stage in range(len(scorer.stages)):
        left = unmeasured(scorer.name, stage, found)
        if not left:
            continue
        parts = stages(scorer.name)[stage]
        progress = watch(TITLES["score"] if stage == 0 else again(parts)[1])
        total = len(wanted(scorer.name, stage, found))
        task, processes = Measuring(scorer.stage(stage), full), workers_for(len(left), workers)
        with closing(each(task, [candidates[index] for index in left], processes)) as rows:
            for done, (index, row) in enumerate(zip(left, rows, strict=True), start=total - len(left) + 1):
                found[index] |= row.measured
                progress(done, total, f"by {'+'.join(parts)}" if stage == 0 else "")
                yield index, replace(row, measured=dict(found[index]))


def unmeasured(name: str, stage: int, measured: Sequence[Measured]) -> list[int]:
    """The candidates, by index, of which a stage of a scorer has yet to measure something."""
    parts = stages(name)[stage]
    return [index for index in wanted(name, stage, measured) if not all(part in measured[index] for part in parts)]


def complete(name: str, measured: Sequence[Measured]) -> bool:
    """Whether nothing is left to measure."""
    return not any(unmeasured(name, stage, measured) for stage in range(len(stages(name))))
