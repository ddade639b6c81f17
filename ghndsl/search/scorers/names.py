"""The name of an estimator, or of a vote of several, goes in; the estimator, ready to measure, comes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.search.scorers.base import Estimator, Setting
from ghndsl.search.scorers.counting import MACs, Params
from ghndsl.search.scorers.generated import Generated, hypernetwork
from ghndsl.search.scorers.grad_norm import GradNorm
from ghndsl.search.scorers.jacob_cov import JacobCov
from ghndsl.search.scorers.meco import MeCo
from ghndsl.search.scorers.one_shot import OneShot
from ghndsl.search.scorers.sgd import SGD
from ghndsl.search.scorers.synflow import Synflow
from ghndsl.search.scorers.tuned import Tuned
from ghndsl.search.scorers.vote import Vote

ESTIMATORS: Mapping[str, Callable[[Setting], Estimator]] = {
    "ghn": Generated.graph,
    "tuned": Tuned.prepare,
    "one_shot": OneShot.prepare,
    "smash": Generated.smash,
    "sgd": SGD.prepare,
    "synflow": Synflow.prepare,
    "jacob_cov": JacobCov.prepare,
    "grad_norm": GradNorm.prepare,
    "meco": MeCo.prepare,
    "params": Params.prepare,
    "macs": MACs.prepare,
}

BEST = "tuned+meco+synflow-0.2*grad_norm"
"""The vote that ranks NAS-Bench-201 best of those tried: see `docs/ranking.md`."""

NAMES = ("best", *ESTIMATORS)

_USE_GHN = ("ghn", "tuned")


def scorer_name(name: str) -> str:
    """The estimator, or the vote, that a name means: `best` is the one to be trusted most. Errors: G605."""
    if name == "best":
        return BEST
    for part, _ in terms(name):
        if part not in ESTIMATORS:
            message = f"there is no scorer `{part}`"
            hint = did_you_mean(part, NAMES) or f"there are {', '.join(NAMES)}, and votes such as `ghn+params`"
            raise CompileError(Diagnostic("G605", message, help=hint))
    return name


def prepare(name: str, setting: Setting) -> Estimator:
    """The estimator of a name, trained where it has to be. Errors: G605 when there is none."""
    parts = terms(scorer_name(name))
    if any(part in _USE_GHN for part, _ in parts):
        # One hypernetwork for all that use one.
        setting = replace(setting, ghn=hypernetwork(setting))
    made = [(ESTIMATORS[part](setting), weight) for part, weight in parts]
    return made[0][0] if len(made) == 1 else Vote(name, tuple(made))


def terms(name: str) -> list[tuple[str, float]]:
    """The parts of a vote and their weights.

    >>> terms("ghn+params-0.5*macs")
    [('ghn', 1.0), ('params', 1.0), ('macs', -0.5)]
    """
    found = re.findall(r"([+-]?)(?:(\d+(?:\.\d+)?)\*)?([^+*-]+)", name)
    if "".join(f"{sign}{weight}{'*' if weight else ''}{part}" for sign, weight, part in found) != name or not found:
        raise CompileError(
            Diagnostic("G605", f"`{name}` is no scorer and no vote", help="a vote reads `ghn+0.5*params`")
        )
    return [(part, float(f"{sign}{weight or 1}")) for sign, weight, part in found]
