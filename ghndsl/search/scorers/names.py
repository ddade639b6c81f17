"""The name of an estimator, or of a vote of several, goes in; the estimator, ready to measure, comes out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.search.scorers.anytime import Anytime
from ghndsl.search.scorers.base import Estimator, Measured, Setting, finite
from ghndsl.search.scorers.early import Early
from ghndsl.search.scorers.generated import Generated, hypernetwork
from ghndsl.search.scorers.grad_norm import GradNorm
from ghndsl.search.scorers.jacob_cov import JacobCov
from ghndsl.search.scorers.macs import MACs
from ghndsl.search.scorers.meco import MeCo
from ghndsl.search.scorers.one_shot import OneShot
from ghndsl.search.scorers.params import Params
from ghndsl.search.scorers.sgd import SGD
from ghndsl.search.scorers.smash import smash
from ghndsl.search.scorers.synflow import Synflow
from ghndsl.search.scorers.tuned import Tuned
from ghndsl.search.scorers.vote import Scorer, again, tally, upper
from ghndsl.training.anytime import Budgets

ESTIMATORS: Mapping[str, Callable[[Setting], Estimator]] = {
    "ghn": Generated.prepare,
    "tuned": Tuned.prepare,
    "one_shot": OneShot.prepare,
    "smash": smash,
    "sgd": SGD.prepare,
    "early": Early.prepare,
    "synflow": Synflow.prepare,
    "jacob_cov": JacobCov.prepare,
    "grad_norm": GradNorm.prepare,
    "meco": MeCo.prepare,
    "params": Params.prepare,
    "macs": MACs.prepare,
    "anytime": Anytime.prepare,
}

BEST = "tuned+meco+synflow>early"
"""How well a candidate learns from generated weights, how little its channels repeat each other and how much signal it
lets through, with equal say; then, in the best quarter, how fast it begins to learn. See `docs/ranking.md`."""

BEST_ELSEWHERE = "tuned+synflow>early"
"""The same where the data is no images, which `meco` looks at."""

NAMES = ("best", *ESTIMATORS)

_USE_GHN = ("ghn", "tuned", "anytime")


def scorer_name(name: str, data: Dataset | None = None) -> str:
    """The estimator, or the vote, that a name means: `best` is the one to be trusted most, for the data where it is
    known. Errors: G605, also for an estimator that cannot look at the data."""
    name = "".join(name.split())
    if name == "best":
        return BEST if data is None or data.images else BEST_ELSEWHERE
    for part, _ in terms(name):
        if part not in ESTIMATORS:
            message = f"there is no scorer `{part}`"
            hint = did_you_mean(part, NAMES) or f"there are {', '.join(NAMES)}, and votes such as `ghn+params`"
            raise CompileError(Diagnostic("G605", message, help=hint))
        if data is not None:
            _check_sight(part, data)
    return name


def _check_sight(part: str, data: Dataset) -> None:
    """Refuses an estimator for data that it cannot look at."""
    wanted = {"meco": "images", "jacob_cov": "inputs of real numbers"}.get(part)
    is_seen = bool(data.images) if part == "meco" else not data.ranges
    if wanted is not None and not is_seen:
        message = f"`{part}` looks at {wanted}, and {data.name} holds others"
        raise CompileError(Diagnostic("G605", message, help=f"`best` means `{BEST_ELSEWHERE}` there"))


def uses_ghn(name: str) -> bool:
    """Whether an estimator or a vote needs a hypernetwork."""
    return any(part in _USE_GHN for part, _ in terms(scorer_name(name)))


def check_given(name: str, budgets: Budgets | None) -> None:
    """Refuses an estimator or a vote that judges between budgets where there are none. Errors: G615."""
    if budgets is None and any(part == "anytime" for part, _ in terms(scorer_name(name))):
        raise CompileError(Diagnostic("G615", "`anytime` needs budgets", help="`--budgets 10M..140M`"))


def prepare(name: str, setting: Setting) -> Scorer:
    """What measures all that the scores of a name are made from, trained where it has to be.

    Errors: G605 when there is none of the name, G407 when the data does not fit the space, G615 without budgets that
    are needed.
    """
    name = scorer_name(name, setting.scale.data)
    check_given(name, setting.budgets)
    parts = dict.fromkeys(part for part, _ in terms(name))
    if not set(parts) <= {"params", "macs"}:
        setting.scale.check_fit()
    if uses_ghn(name):
        # One hypernetwork for all that use one.
        setting = replace(setting, ghn=hypernetwork(setting))
    made = {part: ESTIMATORS[part](setting) for part in parts}
    return Scorer(name, tuple(tuple(made[part] for part in stage) for stage in stages(name)))


def stages(name: str) -> list[tuple[str, ...]]:
    """The estimators that each stage of a name's measures; what two stages count is measured in the first.

    >>> stages("ghn+meco>early+meco")
    [('ghn', 'meco'), ('early',)]
    """
    known: set[str] = set()
    found: list[tuple[str, ...]] = []
    for stage in _parsed(scorer_name(name)):
        found.append(tuple(dict.fromkeys(part for part, _ in stage if part not in known)))
        known |= set(found[-1])
    return found


def wanted(name: str, stage: int, measured: Sequence[Measured]) -> list[int]:
    """The candidates that a stage of a name's measures, by index: all, or those that the stages before put in the best
    quarter."""
    if stage == 0:
        return list(range(len(measured)))
    return upper(scores(">".join(scorer_name(name).split(">")[:stage]), measured))


def scores(name: str, measured: Sequence[Measured]) -> list[float]:
    """The scores of candidates, the higher the better, from what was measured of all of them.

    An estimator's score is what it measures; a vote's is from 0 to 1, among these candidates.
    """
    first, *later = _parsed(scorer_name(name))
    if len(first) == 1 and first[0][1] > 0 and not later:
        return [finite(one[first[0][0]]) for one in measured]
    found = tally(first, measured)
    for stage in later:
        found = again(stage, measured, found)
    return found


def terms(name: str) -> list[tuple[str, float]]:
    """All parts of a vote and their weights.

    >>> terms("ghn+params-0.5*macs")
    [('ghn', 1.0), ('params', 1.0), ('macs', -0.5)]
    """
    return [term for stage in _parsed(name) for term in stage]


def _parsed(name: str) -> list[list[tuple[str, float]]]:
    return [_vote(stage) for stage in name.split(">")]


def _vote(name: str) -> list[tuple[str, float]]:
    found = re.findall(r"([+-]?)(?:(\d+(?:\.\d+)?)\*)?([^+*-]+)", name)
    whole = "".join(f"{sign}{weight}{'*' if weight else ''}{part}" for sign, weight, part in found)
    if whole != name or not found or not all(0 < float(weight or 1) < math.inf for _, weight, _ in found):
        raise CompileError(
            Diagnostic(
                "G605", f"`{name}` is no scorer and no vote", help="a vote reads `ghn+0.5*params` or `ghn>params`"
            )
        )
    return [(part, float(f"{sign}{weight or 1}")) for sign, weight, part in found]
