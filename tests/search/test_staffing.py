"""Trainings get as many processes as there are cores, unless one of them keeps all cores busy or takes a moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest
import torch
from seeking import PLAN

import ghndsl
from ghndsl.data import Dataset, load
from ghndsl.search import training, workers
from ghndsl.search.crew import Crew
from ghndsl.search.engines import Engine, Here
from ghndsl.search.folder import RunFolder
from ghndsl.search.plan import Plan
from ghndsl.search.scale import scaled
from ghndsl.search.staffing import Staffing
from ghndsl.search.training import Learning
from ghndsl.search.workers import workers_for
from ghndsl.training import Settings, threads
from ghndsl.training.team import Team

Item = TypeVar("Item")
Found = TypeVar("Found")

CORES = 4
SPACE = """
space small(width: int = 4) {{
    input x: f32[N, 1, 8, 8]
    choose kernel from [3, 5]
    y = x -> conv({width}, kernel, padding=kernel // 2) -> relu
    for i in range({depth}) {{ y = y -> relu }}
    output logits = y -> flatten -> linear(10)
}}
"""


@dataclass(frozen=True)
class Noted(Crew):
    """A crew that keeps how many it would start, and starts none."""

    asked: list[int] = field(default_factory=list[int])

    def begin(
        self, task: Callable[[Item], Found], items: int, device: str = "cpu", *, are_long: bool = False
    ) -> Engine[Item, Found]:
        self.asked.append(workers_for(items, self.count, are_long=are_long))
        return Here[Item, Found](task)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load("digits")


@pytest.fixture(autouse=True)
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (threads, workers):
        monkeypatch.setattr(module, "available", lambda: CORES)


def asked(data: Dataset, folder: Path, plan: Plan, width: int, depth: int, rung: str = "full", trained: int = 3) -> int:
    """How many processes are asked for."""
    scale, crew = scaled(ghndsl.loads_space(SPACE.format(width=width, depth=depth)), data), Noted()
    team = Staffing(scale, plan, crew, RunFolder(folder), 0.0)
    candidate = scale.full.draw(random.Random(1))
    (team.short(None) if rung == "short" else team.full([candidate] * trained)).close()
    (count,) = crew.asked
    return count


# The width and the depth, how many candidates and passes; how many processes.
TRAININGS = {
    "small and short, few": (4, 2, 3, 1, 1),
    "small and short, many": (4, 2, 48, 1, 2),
    "many nodes": (4, 400, 3, 50, 3),
    "many nodes, many": (4, 400, 30, 50, CORES),
    "one alone": (4, 400, 1, 50, 1),
    "large": (6_000, 0, 3, 50, 1),
}


@pytest.mark.parametrize(("width", "depth", "trained", "epochs", "count"), TRAININGS.values(), ids=TRAININGS)
def test_trainings_are_done_by_as_many_processes_as_are_worth_it(
    width: int, depth: int, trained: int, epochs: int, count: int, data: Dataset, tmp_path: Path
) -> None:
    plan = replace(PLAN, final=Settings(epochs=epochs, batch_size=64))
    assert asked(data, tmp_path, plan, width, depth, trained=trained) == count


@pytest.mark.parametrize(("steps", "depth", "count"), [(1, 2, 1), (1000, 2, 1), (1000, 40, CORES)])
def test_short_trainings_too(steps: int, depth: int, count: int, data: Dataset, tmp_path: Path) -> None:
    plan = replace(PLAN, short=CORES, short_steps=steps)
    assert asked(data, tmp_path, plan, 4, depth, "short") == count


@pytest.mark.parametrize(("whole", "used"), [(10**9, 1), (1, CORES)])
def test_a_finalist_takes_all_cores_only_where_it_keeps_them_busy(
    whole: int, used: int, data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are beside it; so it is the same whoever trains it."""
    for name, amount in {"_SMALL": 1, "_PIECE": 1, "_WHOLE": whole}.items():
        monkeypatch.setattr(threads, name, amount)
    monkeypatch.setattr(training, "available", lambda: CORES)
    graph = ghndsl.load_space("digits").build(ghndsl.load_space("digits").candidate(0))
    assert threads.worthwhile(graph, 64) == CORES
    found: list[int] = []
    learning = Learning(graph, data, Settings(epochs=1), 0, tmp_path / "kept.safetensors")
    learning(Team(), lambda *_: found.append(torch.get_num_threads()))
    assert found == [used]
