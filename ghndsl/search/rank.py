"""A space, an estimator and candidates go in; the candidates, best first, and how right the order is, come out."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.correlation import Estimate, agreement
from ghndsl.search.draw import Drawn, distinct, identified
from ghndsl.search.measure import Row, measure
from ghndsl.search.scale import Scaled
from ghndsl.search.scorers import Measured, Scorer, scores
from ghndsl.space import Candidate, Space
from ghndsl.space.load import candidate_of
from ghndsl.training.progress import Progress, Watch, silent, unwatched


@dataclass(frozen=True)
class Ranked:
    """A scored candidate; params and MACs are those of the full scale, `truth` what is known of it."""

    number: int
    line: str
    identity: str
    params: int
    macs: int | None
    score: float
    measured: Measured
    truth: float | None = None

    def to_json(self) -> dict[str, object]:
        """The keys of the interface."""
        known = {} if self.truth is None else {"truth": self.truth}
        keys = {"number": self.number, "line": self.line, "id": self.identity, "params": self.params}
        return {**self.measured, **keys, "macs": self.macs, "score": self.score, **known}


@dataclass(frozen=True)
class Ranking:
    """Candidates, best first; with a truth, how well the scores follow it, and how well the count of params does."""

    candidates: tuple[Ranked, ...]
    agreement: dict[str, Estimate]
    params_agreement: dict[str, Estimate]

    def to_json(self) -> dict[str, object]:
        """The keys of the interface, and more."""
        keys: dict[str, object] = {"candidates": [one.to_json() for one in self.candidates]}
        keys |= {measure: estimate.to_json() for measure, estimate in self.agreement.items()}
        by_params = {measure: estimate.to_json() for measure, estimate in self.params_agreement.items()}
        return {**keys, "params": by_params} if by_params else keys


def rank(
    scale: Scaled,
    scorer: Scorer,
    picks: Sequence[Drawn],
    seed: int = 0,
    *,
    truth: Mapping[str, float] | None = None,
    workers: int | None = 1,
    watch: Watch = unwatched,
) -> Ranking:
    """Scores candidates and puts the best first; equal scores by number.

    Scores do not depend on `workers`; None means as many processes as are worth it.
    """
    rows: dict[int, Row] = {}
    candidates = [drawn.candidate for drawn in picks]
    with closing(measure(scorer, scale.full, candidates, workers=workers, watch=watch)) as measured:
        rows.update(measured)
    given = scores(scorer.name, [rows[index].measured for index in range(len(picks))])
    found: list[Ranked] = []
    for index, (drawn, score) in enumerate(zip(picks, given, strict=True)):
        row = rows[index]
        line, number = str(drawn.candidate), scale.full.number(drawn.candidate)
        known = (truth or {}).get(line)
        found.append(Ranked(number, line, row.id, row.params, row.macs, score, row.measured, known))
    found.sort(key=lambda one: (-one.score, one.number))
    return Ranking(tuple(found), *_agreement(found, seed) if truth is not None else ({}, {}))


def pick(
    space: Space,
    count: int,
    seed: int,
    *,
    chosen: Sequence[Candidate] | None = None,
    truth: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> list[Drawn]:
    """`count` distinct architectures drawn from the space (or from those with a truth), or all chosen candidates."""
    few = truth is not None and len(truth) < _FEW
    source = _shuffled(space, truth, seed) if few and truth is not None else None
    picks: Iterator[Drawn] = islice(distinct(space, seed, source, truth), count)
    if chosen is not None:
        count = len(dict.fromkeys(chosen))
        picks = (identified(space, candidate) for candidate in dict.fromkeys(chosen))
    found: list[Drawn] = []
    for drawn in picks:
        found.append(drawn)
        (progress or silent)(len(found), count, "")
    return found


_FEW = 100_000


def _shuffled(space: Space, truth: Mapping[str, float], seed: int) -> Iterator[Candidate]:
    """The candidates with a truth in a random order: drawing would rarely meet few among many."""
    lines = sorted(truth)
    random.Random(seed).shuffle(lines)
    return (space.parse(line) for line in lines)


def _agreement(found: Sequence[Ranked], seed: int) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    known = [(one, one.truth) for one in found if one.truth is not None]
    values, params = [value for _, value in known], [one.params for one, _ in known]
    scores = agreement([one.score for one, _ in known], values, params, seed)
    return scores, agreement([float(count) for count in params], values, params, seed)


def read_candidates(path: Path, space: Space) -> list[Candidate]:
    """The candidates of a file: a line or a number a row; empty rows and `#` comments are passed over."""
    rows = [row.strip() for row in _text(path).splitlines()]
    wanted = [(number, row) for number, row in enumerate(rows, start=1) if row and not row.startswith("#")]
    if not wanted:
        raise CompileError(Diagnostic("G606", f"{path} names no candidate"))
    return [_candidate(space, row, path, number) for number, row in wanted]


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
            if not math.isfinite(value):
                raise ValueError
        except (TypeError, ValueError):
            message = f"{path}, row {row}: `{fields['value']}` is no number"
            raise CompileError(Diagnostic("G606", message)) from None
        truth[str(_candidate(space, fields[key] or "", path, row))] = value
    if not truth:
        raise CompileError(Diagnostic("G606", f"{path} holds no row"))
    return truth


def _candidate(space: Space, text: str, path: Path, row: int) -> Candidate:
    """The candidate of a row; where it is none, the refusal also names the row."""
    try:
        return candidate_of(space, text)
    except CompileError as error:
        place = f"in {path}, row {row}"
        raise CompileError(*(replace(fault, notes=(*fault.notes, place)) for fault in error.diagnostics)) from None


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
