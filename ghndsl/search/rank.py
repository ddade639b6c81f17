"""A space, an estimator and candidates go in; the candidates, best first, and how right the order is, come out."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.correlation import Estimate, correlations
from ghndsl.search.draw import distinct
from ghndsl.search.scorers import Scorer
from ghndsl.space import Candidate, Space
from ghndsl.space.load import candidate_of
from ghndsl.training.progress import Progress, silent


@dataclass(frozen=True)
class Ranked:
    """A scored candidate; params and MACs are those of the full scale, `truth` what is known of it."""

    number: int
    line: str
    identity: str
    params: int
    macs: int | None
    score: float
    details: dict[str, float]
    truth: float | None = None

    def to_json(self) -> dict[str, object]:
        """The keys of the interface."""
        known = {} if self.truth is None else {"truth": self.truth}
        keys = {"number": self.number, "line": self.line, "id": self.identity, "params": self.params}
        return {**keys, "macs": self.macs, "score": self.score, **self.details, **known}


@dataclass(frozen=True)
class Ranking:
    """Candidates, best first; with a truth, how well the scores follow it, and how well the count of params does."""

    candidates: tuple[Ranked, ...]
    agreement: dict[str, Estimate]
    params_agreement: dict[str, Estimate]


def rank(
    full: Space,
    cheap: Space,
    scorer: Scorer,
    count: int,
    seed: int,
    *,
    chosen: Sequence[Candidate] | None = None,
    truth: dict[str, float] | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Scores `count` distinct candidates drawn from the space (or from those with a truth), or the chosen ones."""
    report = progress or silent
    source = None if chosen is None else iter(chosen)
    if source is None and truth is not None and len(truth) < _FEW:
        source = _shuffled(cheap, truth, seed)
    within = truth if truth is not None and chosen is None else None
    limit = len(chosen) if chosen is not None else count
    found: list[Ranked] = []
    for drawn in islice(distinct(cheap, seed, source, within), limit):
        line = str(drawn.candidate)
        scored = scorer(drawn.graph)
        graph = full.build(drawn.candidate) if full is not cheap else drawn.graph
        known = (truth or {}).get(line)
        number = cheap.number(drawn.candidate)
        details = dict(scored.details)
        found.append(Ranked(number, line, drawn.identity, graph.params, graph.macs, scored.score, details, known))
        report(len(found), limit, f"best {max(one.score for one in found):.3f}")
    found.sort(key=lambda one: (-one.score, one.number))
    known_truth = [one for one in found if one.truth is not None]
    return Ranking(tuple(found), *_agreement(known_truth, seed)) if truth is not None else Ranking(tuple(found), {}, {})


_FEW = 100_000


def _shuffled(space: Space, truth: dict[str, float], seed: int) -> Iterator[Candidate]:
    """The candidates with a truth in a random order: drawing would rarely meet few among many."""
    lines = sorted(truth)
    random.Random(seed).shuffle(lines)
    return (space.parse(line) for line in lines)


def _agreement(found: Sequence[Ranked], seed: int) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    values = [one.truth for one in found if one.truth is not None]
    scores = correlations([one.score for one in found], values, seed)
    return scores, correlations([float(one.params) for one in found], values, seed)


def read_candidates(path: Path, space: Space) -> list[Candidate]:
    """The candidates of a file: a line or a number a row; empty rows and `#` comments are passed over."""
    rows = [row.strip() for row in _text(path).splitlines()]
    return [candidate_of(space, row) for row in rows if row and not row.startswith("#")]


def read_truth(path: Path, space: Space) -> dict[str, float]:
    """The values of candidates by line, from a CSV with the columns `line` or `number`, and `value`."""
    reader = csv.DictReader(_text(path).splitlines())
    columns = reader.fieldnames or []
    key = next((name for name in ("line", "number") if name in columns), None)
    if key is None or "value" not in columns:
        message = f"{path} has no columns `line` or `number`, and `value`"
        raise CompileError(Diagnostic("G606", message))
    truth: dict[str, float] = {}
    for row, fields in enumerate(reader, start=2):
        try:
            value = float(fields["value"])
        except (TypeError, ValueError):
            message = f"{path}, row {row}: `{fields['value']}` is no number"
            raise CompileError(Diagnostic("G606", message)) from None
        truth[str(candidate_of(space, fields[key] or ""))] = value
    if not truth:
        raise CompileError(Diagnostic("G606", f"{path} holds no row"))
    return truth


_LARGEST = 100_000_000
"""Bytes of a file of candidates: a million lines of a large space."""


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise CompileError(Diagnostic("G606", f"{path} holds more than {_LARGEST:,} bytes"))
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CompileError(Diagnostic("G606", f"{path} cannot be read: {reason}")) from None
