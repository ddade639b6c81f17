"""The name of an estimator goes in; what scores candidates by it, the higher the better, comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.ghn import GHN, score
from ghndsl.ir import Graph


@dataclass(frozen=True)
class Scored:
    """A score, the higher the better, and what else the estimator can tell."""

    score: float
    details: Mapping[str, float] = field(default_factory=dict[str, float])


Scorer: TypeAlias = Callable[[Graph], Scored]
"""Scores a candidate by its graph: the same for the same candidate, whatever was scored before."""


@dataclass(frozen=True)
class GHNScorer:
    """The mean log-likelihood of validation images under generated weights (Zhang et al., ICLR 2019, section 3)."""

    ghn: GHN
    data: Dataset

    def __call__(self, graph: Graph) -> Scored:
        found = score(self.ghn, graph, self.data)
        return Scored(-found.loss, {"accuracy": found.accuracy, "loss": found.loss})


def by_params(graph: Graph) -> Scored:
    """The count of parameters."""
    return Scored(float(graph.params))


def by_macs(graph: Graph) -> Scored:
    """Multiply-accumulates."""
    return Scored(float(graph.macs or 0))


COUNTING: Mapping[str, Callable[[Graph], Scored]] = {"params": by_params, "macs": by_macs}
"""The estimators that need no data."""

NAMES = ("best", "ghn", *COUNTING)


def scorer_name(name: str) -> str:
    """The estimator that a name means: `best` is the one to be trusted most."""
    if name not in NAMES:
        message = f"there is no scorer `{name}`; there are {', '.join(NAMES)}"
        raise CompileError(Diagnostic("G605", message, help=did_you_mean(name, NAMES)))
    return "ghn" if name == "best" else name
