"""What a search found, as frozen records; the keys of the interface come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TypeAlias, cast

from ghndsl.search.correlation import Estimate
from ghndsl.search.ledger import Entry

Row: TypeAlias = Mapping[str, object]


@dataclass(frozen=True)
class Finalist:
    """A candidate that was trained: its score, how it does with generated weights where that was measured, and how it
    does on validation samples: `accuracy` is the data's metric, the mean over seeds, and `spread` their deviation.

    `place` counts the chosen ones from the best; controls have none.
    """

    number: int
    line: str
    identity: str
    params: int
    macs: int | None
    score: float
    untrained_accuracy: float | None
    untrained_loss: float | None
    accuracy: float
    loss: float
    is_control: bool
    place: int | None = None
    spread: float = 0.0
    seeds: int = 1


@dataclass(frozen=True)
class Outcome:
    """What a search found. `test_accuracy` is the winner's metric on samples that chose nothing; `front` are the
    candidates that no other is better than in all objectives, where there are several; `refusal` says why the winner
    has no ONNX model, if it has none. `seconds` are those of all sessions of the run, those `by_step` of the last.
    `anytime` tells of networks judged between budgets: the curves on test samples of the winner and the controls."""

    winner: Finalist
    test_accuracy: float
    finalists: tuple[Finalist, ...]
    agreement: Mapping[str, Estimate]
    scored: int
    failed: int
    seconds: float
    seconds_by_step: Mapping[str, float]
    run: Path
    metric: str = "accuracy"
    front: tuple[Mapping[str, object], ...] = ()
    refusal: str | None = None
    failed_trainings: int = 0
    anytime: Row | None = None


def finalist(entry: Entry, score: float, accuracies: Sequence[tuple[float, float]], *, is_control: bool) -> Finalist:
    """The record of a trained candidate, from accuracy and loss of each seed."""
    from ghndsl.training import spread

    one = entry.proposal
    mean, deviation = spread([accuracy for accuracy, _ in accuracies])
    loss, _ = spread([loss for _, loss in accuracies])
    return Finalist(
        one.number,
        one.line,
        one.identity or "",
        one.params or 0,
        one.macs,
        score,
        entry.measured.get("untrained_accuracy"),
        entry.measured.get("untrained_loss"),
        mean,
        loss,
        is_control,
        spread=deviation,
        seeds=len(accuracies),
    )


def placed(finalists: Sequence[Finalist]) -> list[Finalist]:
    """The chosen ones, best first, with their places, then the controls."""
    order = sorted(finalists, key=lambda one: (one.is_control, 0 if one.is_control else -one.accuracy, one.loss))
    return [one if one.is_control else replace(one, place=place) for place, one in enumerate(order, start=1)]


def from_json(results: Row, run: Path) -> Outcome:
    """The record that `to_json` gave these keys of. Raises LookupError or TypeError where they are others."""
    finalists = tuple(map(_finalist, cast("list[Row]", results["finalists"])))
    return Outcome(
        finalists[0],
        cast("float", cast("Row", results["best"])["accuracy"]),
        finalists,
        {name: _estimate(cast("Row", results[name])) for name in ("spearman", "kendall", "pearson")},
        cast("int", results["scored"]),
        cast("int", results["failed"]),
        cast("float", results["seconds"]),
        cast("Mapping[str, float]", results["seconds_by_step"]),
        run,
        cast("str", results["metric"]),
        tuple(cast("list[Row]", results.get("front", []))),
        cast("str | None", results.get("refusal")),
        cast("int", results.get("failed_trainings", 0)),
        cast("Row | None", results.get("anytime")),
    )


_Fields: TypeAlias = tuple[
    int, str, str, int, int | None, float, float | None, float | None, float, float, bool, int | None, float, int
]


def _finalist(row: Row) -> Finalist:
    return Finalist(*cast("_Fields", tuple(row[one.name] for one in fields(Finalist))))


def _estimate(row: Row) -> Estimate:
    return Estimate(*cast("tuple[float | None, float | None, float | None]", (row["value"], row["low"], row["high"])))


def to_json(outcome: Outcome) -> dict[str, object]:
    """The keys of the interface, and more."""
    winner = outcome.winner
    best = {"number": winner.number, "line": winner.line, "id": winner.identity, "params": winner.params}
    validation = {"validation_accuracy": winner.accuracy}
    if winner.seeds > 1:
        validation |= {"validation_spread": winner.spread, "seeds": winner.seeds}
    return {
        "best": {**best, "macs": winner.macs, "accuracy": outcome.test_accuracy, **validation},
        "metric": outcome.metric,
        "scored": outcome.scored,
        "failed": outcome.failed,
        "failed_trainings": outcome.failed_trainings,
        "seconds": outcome.seconds,
        "seconds_by_step": outcome.seconds_by_step,
        "run": str(outcome.run),
        "finalists": [asdict(one) for one in outcome.finalists],
        **({"front": outcome.front} if outcome.front else {}),
        **({"anytime": outcome.anytime} if outcome.anytime else {}),
        **({"refusal": outcome.refusal} if outcome.refusal else {}),
        **{name: estimate.to_json() for name, estimate in outcome.agreement.items()},
    }
