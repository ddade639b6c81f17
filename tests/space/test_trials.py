"""Optuna's trials suggest candidates: valid ones, under names whose options never change."""

from __future__ import annotations

from collections.abc import Callable

import optuna
import pytest

import ghndsl
from ghndsl.space import Space

MakeSpace = Callable[[str], Space]
optuna.logging.set_verbosity(optuna.logging.WARNING)

# A body, and names of parameters that trials are to have.
BODIES = {
    "options": ("choose a from [relu, gelu]\ny = y -> a", {"a"}),
    "one option is not asked for": ("choose a from [relu]\nchoose b from [relu, gelu]\ny = y -> a -> b", {"b"}),
    "other options under another choice": (
        "choose a from 1..2\nif a == 1 { choose b from [5, 7] } else { choose b from [6, 7] }\ny = y -> conv(b, 1)",
        {"a", "b[5,7]", "b[6,7]"},
    ),
    "a `where`": (
        "choose a from 1..3\nchoose b from 1..3\nwhere a <= b\ny = y -> conv(a * b, 1)",
        {"a", "b", "b[2,3]"},
    ),
    "loops": (
        "choose d from 1..2\nfor i in range(d) { choose k from [1, 3, 5]\ny = y -> conv(4, k, padding=2) }",
        {"d", "0.k", "1.k"},
    ),
    "few ways to take several": ("choose 2 of from range(3)\ny = y -> conv(sum(of), 1)", {"of"}),
    "many ways to take several": (
        "choose 1..3 of from range(9)\ny = y -> conv(sum(of) + 1, 1)",
        {f"of={i}" for i in range(9)},
    ),
    "some of many ways to take several": (
        "choose 1..3 of from range(9)\nwhere 4 in of or 5 in of or 8 in of\ny = y -> conv(sum(of) + 1, 1)",
        {f"of[0,1,2,3,4,5,6,7,8]={i}" for i in range(9)},
    ),
    "graphs of several labels under another choice": (
        "choose a from 1..2\nif a == 1 { choose g from dags(vertices=2..5) { a: relu\nb: gelu }\n"
        "y = y -> walk(g, ends=add) } else { choose g from dags(vertices=3..5) { c: relu\nd: gelu }\n"
        "y = y -> walk(g, ends=add) }",
        {"a"},
    ),
}


def make(space_of: MakeSpace, body: str) -> Space:
    head = "use std.graph (walk)\nspace S() {\ninput x: f32[N, 4, 8, 8]\ny = x\n"
    return space_of(f"{head}{body}\noutput logits = y\n}}\n")


def study(space: Space, sampler: optuna.samplers.BaseSampler, trials: int = 50) -> optuna.Study:
    """A study that has tried candidates of a space, each one valid."""
    found = optuna.create_study(sampler=sampler)

    def objective(trial: optuna.Trial) -> float:
        candidate = space.suggest(trial)
        assert space.meets(candidate)
        trial.set_user_attr("line", str(candidate))
        return space.number(candidate) / space.size

    found.optimize(objective, n_trials=trials)
    return found


@pytest.mark.parametrize("name", BODIES)
def test_trials_suggest_valid_candidates(space_of: MakeSpace, name: str) -> None:
    body, names = BODIES[name]
    space = make(space_of, body)
    tried = study(space, optuna.samplers.RandomSampler(seed=1)).trials
    assert names <= set().union(*(trial.params for trial in tried))
    lines = {trial.user_attrs["line"] for trial in tried}
    assert len(lines) == space.feasible or len(lines) > 25
    if space.feasible == len(lines):
        assert set().union(*(trial.params for trial in tried)) == names


def test_the_same_answers_suggest_the_same_candidate(space_of: MakeSpace) -> None:
    space = make(space_of, BODIES["a `where`"][0])
    for trial in study(space, optuna.samplers.RandomSampler(seed=2), trials=5).trials:
        assert str(space.suggest(optuna.trial.FixedTrial(trial.params))) == trial.user_attrs["line"]


@pytest.mark.parametrize("name", ["nasbench201", "nasbench101"])
def test_studies_of_shipped_spaces(name: str) -> None:
    space = ghndsl.load_space(name)
    for sampler in (optuna.samplers.TPESampler(seed=1), optuna.samplers.RandomSampler(seed=1)):
        tried = study(space, sampler).trials
        assert all(trial.state == optuna.trial.TrialState.COMPLETE for trial in tried)
        assert len({trial.user_attrs["line"] for trial in tried}) > 20


GREAT = 'choose g from dags(vertices=20, edges=19..40, inputs=2, ends="leaves") { conv: conv(4, 1)\nid: identity }'


def test_graphs_of_a_family_that_cannot_be_listed(space_of: MakeSpace) -> None:
    space = make(space_of, f"{GREAT}\ny = [y, y -> relu] -> walk(g) -> conv(4, 1)")
    tried = study(space, optuna.samplers.RandomSampler(seed=1), trials=10).trials
    assert len({trial.user_attrs["line"] for trial in tried}) == 10


def test_what_breaks_a_condition_on_measures_is_pruned() -> None:
    text = (
        "space S() {\ninput x: f32[N, 4, 8, 8]\nchoose c from 1..9\noutput y = x -> conv(c, 1)\nwhere params <= 20\n}"
    )
    space = ghndsl.loads_space(text)
    pruned = 0
    found = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    found.optimize(lambda trial: float(space.number(space.suggest(trial))), n_trials=30)
    for trial in found.trials:
        is_met = trial.params["c"] <= 4
        assert trial.state == (optuna.trial.TrialState.COMPLETE if is_met else optuna.trial.TrialState.PRUNED)
        pruned += not is_met
    assert 0 < pruned < 30
