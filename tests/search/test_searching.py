"""A search finds the same whoever does the work and whatever befalls it, and looks at no architecture twice."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import sys
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from statistics import fmean, stdev

import pytest
import torch
from seeking import PLAN, SPACE, begun, end, end_worker, kept, other, progress, results, seek
from sklearn.datasets import load_digits

import ghndsl
from ghndsl import CompileError
from ghndsl.data import load
from ghndsl.diagnostics import Diagnostic
from ghndsl.ir import Graph
from ghndsl.passes import simplify
from ghndsl.search import ledger, pipeline, training, work
from ghndsl.search.draw import Drawn
from ghndsl.search.engines import Failure, Local
from ghndsl.search.objectives import objectives
from ghndsl.search.outcome import to_json
from ghndsl.search.report import facts, page
from ghndsl.search.scorers.early import Early
from ghndsl.search.state import state_of
from ghndsl.search.store import Asked, Store
from ghndsl.search.store import store as store_module
from ghndsl.training.files import read_tensors
from ghndsl.training.progress import Progress, Watch, silent


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that came to its end by itself."""
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    seek(folder)
    return folder


def test_a_run_keeps_all_that_it_found(undisturbed: Path) -> None:
    found = kept(undisturbed)
    assert found["status"] == "done"
    with Store.read(undisturbed) as store:
        summary, candidates = store.summary(), store.candidates()
    assert (summary.queries, summary.failed, summary.waiting) == (PLAN.candidates, 0, 0)
    assert len({one.identity for one in candidates if one.same_as is None}) == PLAN.candidates
    assert all(one.same_as is not None for one in candidates if one.state == "repeat")
    assert all({"early", "score"} <= {*one.measures} for one in candidates if one.state == "done")
    best = {
        "best.arch",
        "best.safetensors",
        "best.onnx",
        "best.svg",
        "results.json",
        "run.sqlite",
        "splits.safetensors",
    }
    assert best <= {path.name for path in undisturbed.iterdir()}
    assert not [path for path in (undisturbed / "trained").iterdir() if "training" in path.name]


def test_a_run_keeps_which_samples_were_for_what(undisturbed: Path, tmp_path: Path) -> None:
    """With them alone the parts of the data are found again."""
    data = load("digits", None, 0).few(200)
    splits, told = read_tensors(undisturbed / "splits.safetensors", "G403")
    assert told == {"data": "digits", "seed": "0", "test_rows_of": "train"}
    labels = torch.from_numpy(load_digits().target)
    for name, part in (("train", data.train), ("validation", data.validation), ("test", data.test)):
        assert labels[splits[name]].tolist() == part.targets.tolist()
    folder = tmp_path / "run"
    shutil.copytree(undisturbed, folder)
    (folder / "splits.safetensors").unlink()
    (folder / "results.json").unlink()
    seek(folder, resume=True)
    assert (folder / "splits.safetensors").read_bytes() == (undisturbed / "splits.safetensors").read_bytes()


def test_a_finished_run_is_read_and_left_as_it_is(undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "Testing", lambda *_: pytest.fail("test samples are looked at again"))
    before = written(undisturbed)
    found = seek(undisturbed, resume=True)
    assert written(undisturbed) == before
    assert json.loads(json.dumps(to_json(found))) == json.loads((undisturbed / "results.json").read_text())


@pytest.mark.parametrize("text", ["", "{}", None])
def test_results_that_are_lost_are_made_anew(text: str | None, undisturbed: Path, tmp_path: Path) -> None:
    shutil.copytree(undisturbed, tmp_path / "run")
    (tmp_path / "run" / "results.json").unlink()
    if text is not None:
        (tmp_path / "run" / "results.json").write_text(text)
    seek(tmp_path / "run", resume=True)
    assert results(tmp_path / "run") == results(undisturbed)
    now, then = (json.loads((folder / "results.json").read_text()) for folder in (tmp_path / "run", undisturbed))
    assert now["seconds"] > 0.9 * then["seconds"], "those of the first session count"
    assert now["seconds_by_step"].keys() == then["seconds_by_step"].keys()
    assert all(spent > then["seconds_by_step"][step] for step, spent in now["seconds_by_step"].items())


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_is_found_with_any_number_of_workers(workers: int, undisturbed: Path, tmp_path: Path) -> None:
    seek(tmp_path / "run", workers=workers)
    assert kept(tmp_path / "run") == kept(undisturbed)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up as Linux shows them")
def test_a_search_killed_at_ten_random_moments_ends_as_an_undisturbed_one(undisturbed: Path, tmp_path: Path) -> None:
    rng, folder = random.Random(3), tmp_path / "run"
    for turn in range(10):
        process = begun(folder, workers=1 + turn % 2, resume=turn > 0)
        process.join(rng.uniform(0.1, 2))
        end(process)
    seek(folder, resume=True)
    assert kept(folder) == kept(undisturbed)
    assert results(folder) == results(undisturbed)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up as Linux shows them")
def test_workers_killed_at_ten_random_moments_lose_what_was_lost_twice_at_most(tmp_path: Path) -> None:
    """What is lost twice has failed, as it may be at fault itself; draws do not depend on that."""
    plan = other(algorithm="random", options={}, candidates=50)
    seek(tmp_path / "undisturbed", plan=plan)
    rng, folder, turn, seen = random.Random(4), tmp_path / "run", 0, -1
    process = begun(folder, workers=2, plan=plan)
    while process.is_alive():
        process.join(rng.uniform(0.01, 0.3))
        # One that ends before it has its task, again and again, is another matter.
        done = progress(folder)
        if turn < 10 and done > seen >= 0:
            end_worker(process, turn)
            turn += 1
        seen = done
    assert process.exitcode == 0
    assert turn == 10
    rows, wanted = (one["candidates"] for one in (kept(folder), kept(tmp_path / "undisturbed")))
    assert len(rows) == len(wanted)
    for row, other_row in zip(rows, wanted, strict=True):
        assert row == other_row or (row[0], row[2], row[-1].split(":")[0]) == (other_row[0], "failed", "crash")
    assert sum(row == one for row, one in zip(rows, wanted, strict=True)) > len(rows) / 2


BAD = """
space bad() {
    input image: f32[N, 1, 8, 8]
    choose width from 2..9
    choose kind {
        good: image -> conv(width, 3)
        nan: image -> conv(width, 3) -> pow(0.5)
        huge: image -> conv(3000000000 + width, 3) -> conv(1, 1)
    }
    output logits = kind -> adaptive_avg_pool(2) -> flatten -> linear(10)
}
"""


@pytest.mark.parametrize("workers", [None, 1])
def test_what_fails_is_recorded_and_the_others_go_on(workers: int | None, tmp_path: Path) -> None:
    plan = other(algorithm="all", options={}, candidates=24, finalists=16, controls=1)
    found = seek(tmp_path / "run", workers=workers, plan=plan, text=BAD)
    assert (found.scored, found.failed, found.failed_trainings) == (16, 8, 8)
    written = page(facts(tmp_path / "run"))
    assert "memory: " in written
    assert "DivergedError" in written
    assert "kind=good" in found.winner.line
    rows = kept(tmp_path / "run")
    errors = {line.split("=")[-1]: (state, error) for line, _, state, _, _, _, error in rows["candidates"]}
    assert {kind: state for kind, (state, _) in errors.items()} == {
        "good": "done",
        "nan": "done",
        "huge": "failed",
    }
    assert errors["huge"][1].startswith("memory: ")
    assert [state for _, _, _, state, *_ in rows["rungs"]].count("failed") == 8, "the loss of these was no number"
    with Store.read(tmp_path / "run") as store:
        texts = [one.text for one in store.events() if "DivergedError" in one.text]
    assert len(texts) == 8
    assert all("in __call__" in text for text in texts), "with its traceback"


LONG = """
space long() {
    input image: f32[N, 1, 8, 8]
    choose width from 2..9
    choose hidden from [1, 3000]
    where hidden == 1 or width == 4
    x = image -> conv(hidden, 3) -> conv(hidden, 3) -> conv(width, 1)
    output logits = x -> adaptive_avg_pool(2) -> flatten -> linear(10)
}
"""


def test_a_candidate_that_takes_too_long_is_recorded_and_the_others_go_on(tmp_path: Path) -> None:
    """The slow one would take minutes, the others some hundredths of a second."""
    plan = other(algorithm="all", options={}, candidates=9)
    found = seek(tmp_path / "run", workers=1, plan=plan, text=LONG, seconds=5)
    assert (found.scored, found.failed) == (8, 1)
    rows = kept(tmp_path / "run")["candidates"]
    assert [error for line, *_, error in rows if "3000" in line] == ["time: it took longer than 5 s"]
    slow = seek(tmp_path / "run", workers=1, plan=plan, text=LONG, resume=True)
    assert (slow.scored, slow.failed) == (8, 1), "it is not tried again"


@pytest.mark.parametrize(("finalists", "processes"), [(1, 2), (2, 2)])
def test_processes_train_together_where_there_are_more_than_networks(
    finalists: int, processes: int, tmp_path: Path
) -> None:
    plan = other(scorer="tuned", finalists=finalists, controls=0, candidates=6, processes=processes)
    found = seek(tmp_path / "run", plan=plan)
    assert len(found.finalists) == finalists
    rows = kept(tmp_path / "run")
    assert seek(tmp_path / "again", plan=plan).winner == found.winner, "the same processes find the same"
    assert kept(tmp_path / "again") == rows
    with pytest.raises(CompileError, match="G602"):
        seek(tmp_path / "run", plan=other(scorer="tuned", finalists=finalists, controls=0, candidates=6), resume=True)


def test_a_device_that_is_not_there_is_refused_before_the_run(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(CompileError, match="G412"):
        seek(tmp_path / "run", plan=other(device="cuda"))
    assert not (tmp_path / "run").exists()


def test_a_worker_that_has_a_device_trains_by_itself(tmp_path: Path) -> None:
    """It begins no further process, which a worker may not; without a GPU the device is what it misses."""
    if torch.cuda.is_available():
        pytest.skip("there is a GPU: the training would succeed")
    space = ghndsl.loads_space(SPACE)
    full = training.Full(space, load("digits", None, 0).few(200), other(device="cuda"), tmp_path)
    with closing(Local[work.Item, object](work.Work(full=full), 1)) as worked:
        worked.submit(0, work.Item("full", str(space.candidate(0))))
        found = worked.next().value
    assert isinstance(found, Failure)
    assert "G412" in found.message


def test_a_candidate_that_raises_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Early.measure

    def measure(self: Early, drawn: Drawn) -> dict[str, float]:
        if "width=3" in str(drawn.candidate):
            raise ValueError("three is too many\nby far")
        return measured(self, drawn)

    monkeypatch.setattr(Early, "measure", measure)
    # The space holds 72 of them.
    plan = other(algorithm="all", options={}, candidates=100)
    told: list[tuple[int, int, str]] = []
    found = seek(tmp_path / "run", plan=plan, watch=heard(told))
    assert (told[0][:2], told[-1][:2]) == ((1, 100), (72, 72))
    assert state_of(tmp_path / "run").candidates == 72
    with Store.read(tmp_path / "run") as store:
        failed, events = store.candidates(state="failed"), store.events()
    assert found.failed == len(failed) == 18
    assert {one.error for one in failed} == {"error: ValueError: three is too many"}
    assert all("width=3" in one.line for one in failed)
    assert sum("in measure" in one.text for one in events) == len(failed), "with its traceback"


def test_a_later_look_that_raises_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(self: Early, drawn: Drawn) -> dict[str, float]:
        raise ValueError("too late")

    monkeypatch.setattr(Early, "measure", measure)
    seek(tmp_path / "run", plan=other(scorer="synflow>early", algorithm="random", options={}))
    with Store.read(tmp_path / "run") as store:
        texts = [one.text for one in store.events() if one.kind == "failed"]
    assert len(texts) == PLAN.candidates // 4
    assert all("in measure" in text for text in texts)


def test_what_cannot_be_built_no_worker_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = count()

    def simplified(graph: Graph) -> Graph:
        if next(made) == 1:
            raise ValueError("too intricate")
        return simplify(graph)

    monkeypatch.setattr(ledger, "simplify", simplified)
    seek(tmp_path / "run", plan=other(candidates=8, algorithm="random", options={}))
    with Store.read(tmp_path / "run") as store:
        (failed,), done = store.candidates(state="failed"), store.candidates(state="done")
    assert (failed.worker, failed.seconds, failed.error) == (None, None, "error: ValueError: too intricate")
    assert {one.worker for one in done} == {"worker 0"}


def test_where_nothing_is_left_it_is_said_why(tmp_path: Path) -> None:
    lines = BAD.splitlines(keepends=True)
    text = "".join(line for line in lines if not line.strip().startswith(("good", "nan")))
    with pytest.raises(CompileError, match="G613") as refused:
        seek(tmp_path / "run", text=text, plan=other(candidates=4))
    assert any("memory" in note for note in refused.value.diagnostics[0].notes)
    assert kept(tmp_path / "run")["status"] == "failed"


OPEN = SPACE.replace("f32[N, 1, 8, 8]", "f32[N, 1, H, W]")


def test_a_winner_that_has_no_onnx_model_is_kept(tmp_path: Path) -> None:
    found = seek(tmp_path / "run", text=OPEN)
    assert found.refusal is not None
    assert "[G5" in found.refusal
    assert {"best.arch", "best.safetensors", "results.json"} <= {path.name for path in (tmp_path / "run").iterdir()}
    assert kept(tmp_path / "run")["status"] == "done"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"algorithm": "nsga2", "options": {}, "objectives": objectives(["score"], ["macs"])}, "G611"),
        ({"short": 3, "objectives": objectives([], ["params"])}, "G612"),
    ],
)
def test_what_no_candidate_has_is_refused_before_the_run(changes: dict[str, object], code: str, tmp_path: Path) -> None:
    with pytest.raises(CompileError, match=code):
        seek(tmp_path / "run", text=OPEN, plan=other(**changes))
    assert not (tmp_path / "run").exists()


def test_a_vote_is_told_against_a_few_draws(tmp_path: Path) -> None:
    """They count as candidates, the algorithm is told places among them, and the last vote is among all."""
    seek(
        tmp_path / "run",
        plan=other(
            scorer="synflow+meco>early",
            objectives=objectives(["score"], ["macs"]),
            algorithm="nsga2",
            options={"population": 4},
        ),
    )
    with Store.read(tmp_path / "run") as store:
        rows = store.candidates(state="done")
    assert len(rows) == PLAN.candidates
    drawn, told = rows[: PLAN.candidates // 2], rows[PLAN.candidates // 2 :]
    assert {one.values for one in drawn} == {()}
    assert {(len(one.values or ()), one.values[1]) for one in told if one.values} == {
        (2, -float(one.macs or 0)) for one in told
    }
    best = max(rows, key=lambda one: one.measures["score"] or 0)
    assert "early" in best.measures
    assert sum("early" in one.measures for one in rows) == PLAN.candidates // 4


def test_better_ones_are_trained_a_little_first(tmp_path: Path) -> None:
    plan = other(short=6, short_steps=10)
    found = seek(tmp_path / "run", plan=plan)
    rungs = kept(tmp_path / "run")["rungs"]
    losses = {place: loss for place, rung, _, _, accuracy, loss in rungs if rung == "short" and accuracy is None}
    assert len(losses) == plan.short
    with Store.read(tmp_path / "run") as store:
        lines = {one.place: one.line for one in store.candidates()}
    best = sorted(losses, key=lambda place: losses[place])[: plan.finalists]
    assert {one.line for one in found.finalists if not one.is_control} == {lines[place] for place in best}


def test_finalists_are_trained_from_several_seeds(tmp_path: Path) -> None:
    found = seek(tmp_path / "run", plan=other(seeds=3, finalists=1, controls=0))
    rungs = [one for one in kept(tmp_path / "run")["rungs"] if one[1] == "full"]
    accuracies = [accuracy for *_, accuracy, _ in rungs]
    assert (found.winner.seeds, len(rungs)) == (3, 3)
    assert found.winner.accuracy == pytest.approx(fmean(accuracies))
    assert found.winner.spread == pytest.approx(stdev(accuracies))


def test_measured_times_are_objectives(tmp_path: Path) -> None:
    plan = other(
        algorithm="nsga2",
        options={"population": 3},
        candidates=5,
        objectives=objectives(["score"], ["latency", "latency_onnx"]),
    )
    found = seek(tmp_path / "run", plan=plan)
    with Store.read(tmp_path / "run") as store:
        rows = store.candidates(state="done")
    for one in rows:
        assert one.measures["latency"] > 0 < one.measures["latency_onnx"]
        assert one.measures["latency_spread"] >= 0
        assert one.values == (one.measures["early"], -one.measures["latency"], -one.measures["latency_onnx"])
    assert {one["line"] for one in found.front} <= {one.line for one in rows}
    assert seek(tmp_path / "run", plan=plan, resume=True).front == found.front, "times are measured once"


def test_a_full_disk_ends_the_search_with_one_error(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = store_module.open_writing

    def narrow(path: Path) -> sqlite3.Connection:
        connection = opened(path)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        return connection

    watch_for(tmp_path / "run", 5)
    monkeypatch.setattr(store_module, "open_writing", narrow)
    with pytest.raises(CompileError, match="G007"):
        seek(tmp_path / "run", resume=True)
    monkeypatch.undo()
    seek(tmp_path / "run", resume=True)
    assert kept(tmp_path / "run") == kept(undisturbed)


def test_ctrl_c_once_ends_tidily(undisturbed: Path, tmp_path: Path) -> None:
    watch_for(tmp_path / "run", 5)
    assert kept(tmp_path / "run")["status"] == "interrupted"
    with Store.read(tmp_path / "run") as store:
        known = max(one.values[0] for one in store.candidates() if one.values)
    told: list[tuple[int, int, str]] = []
    found = seek(tmp_path / "run", resume=True, watch=heard(told))
    assert kept(tmp_path / "run") == kept(undisturbed)
    assert float(told[0][2].split()[-1]) >= float(f"{known:.4g}"), "what was found before counts"
    with Store.read(tmp_path / "run") as store:
        assert found.seconds > store.run().seconds > 0, "both sessions"


def written(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """The files of a folder, but for what SQLite writes beside a database to read it."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".sqlite-shm", ".sqlite-wal")]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def heard(told: list[tuple[int, int, str]]) -> Watch:
    """Keeps what is said of how scoring goes on."""

    def hear(step: int, total: int, text: str) -> None:
        told.append((step, total, text))

    return lambda title: hear if title == "Scoring candidates" else silent


def watch_for(folder: Path, most: int) -> None:
    """A search that Ctrl-C ends after so many candidates."""

    def watch(title: str) -> Progress:
        def tell(step: int, total: int, text: str) -> None:
            if step == most and title == "Scoring candidates":
                raise KeyboardInterrupt

        return tell

    with pytest.raises(KeyboardInterrupt):
        seek(folder, watch=watch)


def refuse(code: str, *_: object) -> None:
    """In the place of what writes."""
    raise CompileError(Diagnostic(code, "no room"))


def test_what_is_no_fault_of_a_candidate_ends_the_search_and_is_done_again(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full when weights are written, and a helper that is lost."""
    for code in ("G007", "G607"):
        monkeypatch.setattr(training, "save_weights", partial(refuse, code))
        with pytest.raises(CompileError, match=code):
            seek(tmp_path / "run", resume=code == "G607")
        with Store.read(tmp_path / "run") as store:
            assert not [one for one in store.rungs() if one.state == "failed"]
    monkeypatch.undo()
    seek(tmp_path / "run", resume=True)
    assert kept(tmp_path / "run") == kept(undisturbed)


def test_what_is_lost_of_trainings_is_trained_again(undisturbed: Path, tmp_path: Path) -> None:
    """Weights that are gone, and a checkpoint of a training that is damaged."""
    folder = tmp_path / "run"
    shutil.copytree(undisturbed, folder)
    (folder / "results.json").unlink()
    for path in (folder / "trained").glob("*.1.safetensors"):
        path.unlink()
        path.with_suffix(".training.safetensors").write_bytes(b"")
    seek(folder, resume=True)
    assert kept(folder) == kept(undisturbed)
    assert results(folder) == results(undisturbed)


def test_a_second_process_is_refused(undisturbed: Path) -> None:
    with Store.resume(undisturbed, asked_of(undisturbed)), pytest.raises(CompileError, match="G604"):
        seek(undisturbed, resume=True)


def test_another_plan_space_or_data_is_refused_with_the_difference(undisturbed: Path) -> None:
    with pytest.raises(CompileError, match="G602") as refused:
        seek(undisturbed, resume=True, plan=other(seed=1, batch=5), text=SPACE.replace("tanh", "silu"))
    (fault,) = refused.value.diagnostics
    told = "\n".join(fault.notes)
    assert "seed: 0 then, 1 now" in told
    assert "batch: 4 then, 5 now" in told
    assert "silu" in told


def asked_of(folder: Path) -> Asked:
    with Store.read(folder) as store:
        return store.run().asked
