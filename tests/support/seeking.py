"""A folder and what to do differently go in; a search that takes a second runs there, in this process or another."""

from __future__ import annotations

import json
import os
import select
import signal
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

import ghndsl
from ghndsl.data import load
from ghndsl.ghn import GHNSettings
from ghndsl.search.crew import Crew
from ghndsl.search.outcome import Outcome
from ghndsl.search.pipeline import search
from ghndsl.search.plan import Plan
from ghndsl.search.store import Store, is_run
from ghndsl.training import Settings
from ghndsl.training.progress import Watch, unwatched

_PATIENCE = 30

SPACE = """
space few() {
    input image: f32[N, 1, 8, 8]
    choose size from [1, 3]
    choose width from 1..4
    choose act from [relu, gelu, tanh]
    x = image -> conv(width, size, padding=size // 2) -> act
    choose more {
        no: x
        yes: x -> conv(width, 1) -> act
        twice: x -> conv(width, 3, padding=1) -> conv(width, 1) -> act
    }
    output logits = more -> adaptive_avg_pool(2) -> flatten -> linear(10)
}
"""

PLAN = Plan(
    candidates=20,
    finalists=2,
    controls=1,
    scorer="early",
    ghn=GHNSettings(steps=2),
    final=Settings(epochs=2, batch_size=64),
    algorithm="evolution",
    options={"population": 4, "sample": 2},
    batch=4,
)


def few_images(folder: Path, *, colours: int = 1) -> str:
    """Writes few images of digits into a folder; the file's name."""
    digits = load_digits()
    images = (digits.images[:200] * 15.9).astype(np.uint8)[..., None].repeat(colours, -1)
    np.savez(folder / "few.npz", x_train=images, y_train=digits.target[:200])
    return "few.npz"


def seek(
    folder: Path,
    *,
    workers: int | None = None,
    resume: bool = False,
    text: str = SPACE,
    watch: Watch = unwatched,
    plan: Plan = PLAN,
    seconds: float | None = None,
    engine: str = "local",
) -> Outcome:
    """A search on the embedded images, few of them; without `workers` in this process, where nothing ends a candidate
    that takes more than `seconds`, or on another engine."""
    data = load("digits", None, 0).few(200)
    return search(
        ghndsl.loads_space(text),
        data,
        folder,
        plan,
        watch,
        resume=resume,
        crew=Crew(workers or (1 if engine == "local" else None), engine, isolated=workers is not None, seconds=seconds),
    )


def other(**changes: object) -> Plan:
    """The plan with some changes."""
    return replace(PLAN, **changes)  # type: ignore[arg-type]


def begun(folder: Path, *, workers: int | None = None, resume: bool = False, plan: Plan = PLAN) -> BaseProcess:
    """The same in a process of its own, which can be killed."""
    told = {"workers": workers, "resume": resume, "plan": plan}
    process = get_context("forkserver").Process(target=seek, args=(folder,), kwargs=told)
    process.start()
    return process


def progress(folder: Path) -> int:
    """How many candidates and trainings are done; -1 before there is a run."""
    if not is_run(folder):
        return -1
    with Store.read(folder) as store:
        return store.summary().queries + len(store.rungs())


def workers_of(process: BaseProcess) -> list[int]:
    """The other processes of the one that starts all of them, as Linux shows them."""
    parents = {
        pid: _parent(pid) for pid in (int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())
    }
    server = parents.get(process.pid or 0)
    return sorted(pid for pid, parent in parents.items() if parent == server and pid != process.pid)


def _parent(pid: int) -> int | None:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def end(process: BaseProcess) -> None:
    """Kills a process; fails if one that works for it lives on."""
    with ExitStack() as undo:
        ends: list[int] = []
        for pid in workers_of(process):
            with suppress(ProcessLookupError):
                ends.append(os.pidfd_open(pid))
                undo.callback(os.close, ends[-1])
        process.kill()
        process.join()
        for one in ends:
            assert select.select([one], [], [], _PATIENCE)[0], "a worker outlives the search"


def end_worker(process: BaseProcess, number: int) -> None:
    """Kills one of those that work for a process, if there is one."""
    workers = workers_of(process)
    if workers:
        with suppress(ProcessLookupError):
            os.kill(workers[number % len(workers)], signal.SIGKILL)


def results(folder: Path) -> dict[str, object]:
    """The results without times and places."""
    found: dict[str, object] = json.loads((folder / "results.json").read_text())
    return {name: value for name, value in found.items() if name not in ("seconds", "seconds_by_step", "run")}


def kept(folder: Path) -> Mapping[str, object]:
    """All that a run found, without what differs from time to time: times, who did it, and how often."""
    with Store.read(folder) as store:
        candidates = [
            (one.line, one.identity, one.state, one.same_as, one.values, one.measures, one.error)
            for one in store.candidates()
        ]
        rungs = [(one.candidate, one.rung, one.seed, one.state, one.accuracy, one.loss) for one in store.rungs()]
        return {"status": store.run().status, "candidates": candidates, "rungs": sorted(rungs)}
