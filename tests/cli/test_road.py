"""The command, end to end on real data, as a person would use it.

That a search runs to its end in a process of its own is seen where it is watched, in `tests/search/test_telling.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
import torchvision
from commanding import alone, ask, call

import ghndsl
from ghndsl.search.store import Store

COUNT = 8
SEARCH = ("--candidates", str(COUNT), "--ghn-steps", "10", "--finalists", "2", "--controls", "1", "--epochs", "2")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """One short search on the embedded images."""
    folder = tmp_path_factory.mktemp("road")
    found: dict[str, object] = {**ask(folder, "search", "digits", "--data", "digits", "-o", "run", *SEARCH)}
    return folder, found


def test_search_finds_trains_and_writes(run: tuple[Path, dict[str, object]]) -> None:
    folder, found = run
    assert found["scored"] == COUNT
    best = found["best"]
    assert set(best) >= {"line", "id", "params", "macs", "accuracy"}
    assert best["accuracy"] > 0.3
    assert set(found["spearman"]) == {"value", "low", "high"}
    names = {"best.arch", "best.safetensors", "best.onnx", "best.svg", "results.json", "ghn.safetensors"}
    assert names <= {path.name for path in (folder / "run").iterdir()}
    with Store.read(folder / "run") as store:
        assert len({one.identity for one in store.candidates(state="done")}) == COUNT


def test_the_winner_is_the_same_everywhere(run: tuple[Path, dict[str, object]]) -> None:
    folder, found = run
    graph = ghndsl.load(str(folder / "run" / "best.arch"))
    again = ask(folder, "evaluate", "run:best", "--weights", "run/best.safetensors", "--data", "digits")
    assert again["accuracy"] == pytest.approx(found["best"]["accuracy"])
    assert ask(folder, "show", f"digits@{found['best']['number']}")["params"] == found["best"]["params"]
    session = onnxruntime.InferenceSession(str(folder / "run" / "best.onnx"))
    from ghndsl.training import load_weights

    model = ghndsl.to_torch(graph, load_weights(folder / "run" / "best.safetensors", graph)).eval()
    for batch in (1, 2, 7):
        images = torch.randn(batch, 1, 8, 8, generator=torch.Generator().manual_seed(batch))
        (logits,) = session.run(None, {"image": images.numpy()})
        np.testing.assert_allclose(logits, model(images).detach().numpy(), atol=1e-4)


def test_findings_are_known_by_place(run: tuple[Path, dict[str, object]]) -> None:
    folder, found = run
    first, second = (one for one in found["finalists"] if not one["is_control"])
    assert (first["place"], second["place"]) == (1, 2)
    assert ask(folder, "show", "run:2")["params"] == second["params"]
    assert "G603" in call(folder, "show", "run:3", code=1).stderr


def test_findings_move_to_other_spaces(run: tuple[Path, dict[str, object]]) -> None:
    """And the nearest of one are asked for, by the run alone."""
    folder, found = run
    for word, one in (("run:best", found["best"]), ("run/best.arch", found["best"]), ("run:2", found["finalists"][1])):
        moved = ask(folder, "transfer", word, "--from", "digits", "--to", "digits", "--set", "width=16")
        assert (moved["line"], moved["drawn"], moved["lost"]) == (one["line"], [], []), word
    nowhere = call(folder, "transfer", "run9:best", "--from", "digits", "--to", "digits", code=1)
    assert "G601]: there is no run in run9" in nowhere.stderr
    near = ask(folder, "neighbors", "digits", "run:best", "-n", "1")["candidates"]
    assert near[0]["number"] != found["best"]["number"]


def test_the_same_seed_finds_the_same_with_any_workers(run: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    again = ask(tmp_path, "search", "digits", "--data", "digits", "-o", "run", *SEARCH, "--workers", "2")
    timings = ("seconds", "seconds_by_step", "run")
    first, second = ({key: value for key, value in found.items() if key not in timings} for found in (run[1], again))
    assert first == second


def test_a_finished_run_is_gone_on_with_or_refused(run: tuple[Path, dict[str, object]]) -> None:
    folder, found = run
    assert "G601" in call(folder, "search", "digits", "-o", "run", *SEARCH, code=1).stderr
    assert ask(folder, "search", "digits", "-o", "run", *SEARCH, "--resume") == found
    shown = call(folder, "search", "digits", "-o", "run", *SEARCH, "--resume").stdout
    assert "Trained from scratch, the best accuracy first, controls last (" in shown
    changed = call(folder, "search", "digits", "-o", "run", *SEARCH, "--seed", "1", "--resume", code=1)
    assert "G602" in changed.stderr


def test_runs_are_listed_and_watched(run: tuple[Path, dict[str, object]]) -> None:
    folder, found = run
    (listed,) = ask(folder, "runs")["runs"]
    assert (listed["status"], listed["scored"], listed["candidates"]) == ("done", COUNT, COUNT)
    assert listed["value"] == found["best"]["accuracy"]
    assert ask(folder, "watch", "run") == {**listed, "run": "run"}
    assert found["best"]["line"] in call(folder, "watch", "run").stdout
    assert "done" in call(folder, "runs").stdout
    assert "there is no run" in call(folder, "runs", "run/trained").stdout
    assert "G601" in call(folder, "watch", "elsewhere", code=1).stderr


def test_rungs_objectives_and_algorithms_are_asked_for(run: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    words = ("search", "digits", "-o", "run", "--scorer", "params", "--epochs", "1", "--controls", "0")
    found = ask(
        tmp_path, *words, "--rungs", "12,3,1", "--short-steps", "2", "--algorithm", "nsga2 population=4",
        "--maximize", "score", "--minimize", "macs", "--batch", "4",
    )  # fmt: skip
    assert (found["scored"], len(found["finalists"])) == (12, 1)
    assert {"line", "number", "score", "macs"} == set(found["front"][0])
    for more, code in {
        ("--rungs", "5,6"): "G612",
        ("--minimize", "flops"): "G611",
        ("--algorithm", "evolution", "--minimize", "macs", "--maximize", "score"): "G610",
        ("--engine", "slurm"): "G608",
        ("--engine", "ray", "--workers", "2"): "G608",
    }.items():
        assert code in call(tmp_path, *words, "-o", "other", *more, code=1).stderr
    assert not (tmp_path / "other").exists()
    assert "--candidates" in call(tmp_path, *words, "--rungs", "5,1", "--candidates", "5", code=2).stderr


def test_the_hypernetwork_generates_and_ranks(run: tuple[Path, dict[str, object]]) -> None:
    folder, _ = run
    made = ask(folder, "generate", "digits@17", "--ghn", "run/ghn.safetensors", "-o", "w.safetensors")
    graph = ghndsl.load("digits@17")
    assert (made["weights"], made["params"]) == (len(graph.weights), graph.params)
    assert ask(folder, "evaluate", "digits@17", "--weights", "w.safetensors")["accuracy"] >= 0
    exported = ask(folder, "export", "digits@17", "--ghn", "run/ghn.safetensors", "--onnx", "g.onnx", "--check")
    assert exported["max_difference"] < 1e-4
    (folder / "few.txt").write_text("17\n# a comment\n18\n" + str(ghndsl.load_space("digits").candidate(99)) + "\n")
    ranked = ask(folder, "rank", "digits", "--ghn", "run/ghn.safetensors", "--candidates", "few.txt")["candidates"]
    assert {row["number"] for row in ranked} == {17, 18, 99}
    assert [row["score"] for row in ranked] == sorted((row["score"] for row in ranked), reverse=True)


def test_ranking_against_a_truth(tmp_path: Path) -> None:
    space = ghndsl.load_space("digits")
    numbers = range(0, space.size, space.size // 40)
    rows = [f"{number},{space.build(space.candidate(number)).params}" for number in numbers]
    (tmp_path / "truth.csv").write_text("number,value\n" + "\n".join(rows) + "\n")
    found = ask(tmp_path, "rank", "digits", "--scorer", "params", "--truth", "truth.csv", "-n", "30")
    assert len(found["candidates"]) == 30
    for measure in ("spearman", "kendall", "pearson"):
        assert found[measure]["value"] == pytest.approx(1)
        assert found["params"][measure]["value"] == pytest.approx(1)
    assert ask(tmp_path, "rank", "digits", "--scorer", "macs", "-n", "5")["candidates"][0]["score"] > 0


SCORERS = "ghn tuned one_shot smash sgd early synflow jacob_cov grad_norm meco params macs ghn+0.5*params"


@pytest.mark.parametrize("scorer", ["best", *SCORERS.split()])
def test_every_scorer_ranks(scorer: str, run: tuple[Path, dict[str, object]]) -> None:
    folder, _ = run
    words = ("digits", "--scorer", scorer, "--ghn", "run/ghn.safetensors", "-n", "3", "--steps", "2")
    found = ask(folder, "rank", *words)
    scores = [row["score"] for row in found["candidates"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1
    if scorer == "best":
        assert ask(folder, "rank", *words, "--workers", "2") == found, "the number of workers changes nothing"


def test_train_and_evaluate_one_network(tmp_path: Path) -> None:
    words = ("digits@2000", "--data", "digits")
    trained = ask(tmp_path, "train", *words, "--epochs", "2", "-o", "w.safetensors")
    assert trained["accuracy"] == ask(tmp_path, "evaluate", *words, "--weights", "w.safetensors")["accuracy"]


def test_train_ghn_goes_on(tmp_path: Path) -> None:
    words = ("train-ghn", "digits", "-o", "g.safetensors", "--batch-size", "16", "--meta-batch", "2", "--held-out", "2")
    assert ask(tmp_path, *words, "--steps", "3")["steps"] == 3
    assert ask(tmp_path, *words, "--steps", "5", "--resume")["steps"] == 5


def test_a_space_of_colour_images_from_an_npz(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 3
    images = (rng.integers(0, 80, (120, 16, 16, 3)) + 80 * labels[:, None, None, None]).astype(np.uint8)
    np.savez(tmp_path / "set.npz", x_train=images, y_train=labels, x_test=images[:30], y_test=labels[:30])
    words = ("search", "nasbench201", "--data", "set.npz", "--set", "width=4", "--set", "cells=1", "--set", "size=8")
    brief = ("--candidates", "4", "--ghn-steps", "3", "--finalists", "1", "--controls", "1", "--epochs", "1")
    found = ask(tmp_path, *words, "-o", "run", *brief)
    assert found["scored"] == 4
    assert ghndsl.load(str(tmp_path / "run" / "best.arch")).outputs["logits"].shape[1] == 3


def test_show_render_count_sample_check(tmp_path: Path) -> None:
    shown = ask(tmp_path, "show", "resnet18")
    assert (shown["params"], shown["macs"]) == (11_689_512, 1_814_073_344)
    assert shown["inputs"] == {"image": "f32[N, 3, 224, 224]"}
    assert {"path", "operator", "type", "params", "macs"} <= set(shown["layers"][0])
    assert ask(tmp_path, "show", "nasbench201")["size"] == 15_625
    for name in ("a.svg", "a.png", "a.dot"):
        assert ask(tmp_path, "render", "digits@5", "-o", name) == {"file": name}
        assert (tmp_path / name).stat().st_size > 500
    counted = ask(tmp_path, "count", "digits")
    assert counted["size"] == counted["feasible"] >= 10**6
    drawn = ask(tmp_path, "sample", "digits", "-n", "5", "--seed", "3", "-o", "drawn")["candidates"]
    assert drawn == ask(tmp_path, "sample", "digits", "-n", "5", "--seed", "3")["candidates"]
    for row in drawn:
        assert ghndsl.load(str(tmp_path / "drawn" / f"{row['number']}.arch")).params == row["params"]
        assert ghndsl.load(f"digits@{row['line']}").macs == row["macs"]
    checked = ask(tmp_path, "check", "digits", "nasbench201", "resnet50")
    assert (checked["ok"], checked["diagnostics"]) == (True, [])


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_torchvision_weights_export(name: str, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    module = getattr(torchvision.models, name)().eval()
    save_file(module.state_dict(), tmp_path / "w.safetensors")
    words = ("export", name, "--weights", "w.safetensors", "--onnx", "m.onnx")
    assert ask(tmp_path, *words)["params"] == sum(p.numel() for p in module.parameters())
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"))
    image = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted = module(image).numpy()
    np.testing.assert_allclose(session.run(None, {"image": image.numpy()})[0], wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "resnet19"), "G001"),
        (("check", "missing.arch"), "G001"),
        (("check", "junk.arch"), "G002"),
        (("check", "wrong.arch"), "G204"),
        (("check", "endless.arch"), "G125"),
        (("check", "long.arch"), "G126"),
        (("check", "climbs.arch"), "G112"),
        (("show", "digits@99999999999"), "G304"),
        (("show", "digits@depth=3"), "G304"),
        (("show", "resnet18", "--set", "colour=3"), "G120"),
        (("search", "digits", "--data", "digts", "-o", "new"), "G401"),
        (("search", "digits", "--data", "gone.npz", "-o", "new"), "G402"),
        (("search", "digits", "--data", "junk.npz", "-o", "new"), "G403"),
        (("search", "digits", "--data", "labels.npz", "-o", "new"), "G404"),
        (("search", "digits", "--data", "empty.npz", "-o", "new"), "G405"),
        (("search", "nasbench201", "--data", "digits", "-o", "new"), "G407"),
        (("evaluate", "digits@1", "--weights", "junk.safetensors"), "G410"),
        (("generate", "digits@1", "--ghn", "junk.safetensors", "-o", "new"), "G421"),
        (("train", "digits@1", "--preset", "slow", "-o", "new"), "G411"),
        (("export", "digits@1", "--onnx", "new", "--opset", "3"), "G501"),
        (("render", "digits@1", "-o", "new.jpeg"), "G504"),
        (("rank", "digits", "--ghn", "junk.safetensors"), "G421"),
        (("rank", "digits", "--scorer", "ghn+"), "G605"),
        (("search", "digits", "--scorer", "luck", "-o", "new"), "G605"),
        (("rank", "digits", "--scorer", "luck"), "G605"),
        (("rank", "digits", "--scorer", "params", "--truth", "junk.arch"), "G606"),
        (("rank", "digits", "--candidates", "empty.txt"), "G606"),
        (("rank", "digits", "--scorer", "params", "--truth", "rows.csv"), "G304"),
        (("explain", "G999"), "G005"),
        (("show", "resnet"), "G001"),
        (("check", "empty"), "G001"),
        (("check", "loop.arch"), "G001"),
        (("check", f"{'a' * 300}.arch"), "G001"),
        (("check", "a" * 300), "G001"),
        (("check", "named.arch"), "G112"),
        (("train", "digits", "-o", "new"), "G105"),
        (("show", "small.nas@2"), "G303"),
    ],
)
def test_bad_input_gets_one_clear_error(
    words: tuple[str, ...],
    code: str,
    tmp_path: Path,
) -> None:
    head = "arch a() { input x: f32[N, 4]\n"
    texts = {
        "wrong.arch": head + "output y = add(x -> linear(3), x) }",
        "endless.arch": "block f(x) { return x -> f }\n" + head + "output y = x -> f }",
        "long.arch": head + "for i in range(10 ** 9) { x = x -> relu }\noutput y = x }",
        "climbs.arch": 'use "../other.arch" (B)\n' + head + "output y = x -> B }",
    }
    texts["named.arch"] = f'use "{"a" * 300}.arch" (B)\n{head}output y = x -> B }}'
    texts["small.nas"] = (
        "space s() { input x: f32[N, 4]\nchoose k from 1..9\noutput y = x -> linear(k)\nwhere params < 9 }"
    )
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop.arch").symlink_to("loop.arch")
    texts["empty.txt"] = "# nothing\n\n"
    texts["rows.csv"] = "line,value\n,0.5\n"
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    for name in ("junk.arch", "junk.npz", "junk.safetensors"):
        (tmp_path / name).write_bytes(bytes(range(256)) * 8)
    images = np.zeros((20, 8, 8), np.uint8)
    np.savez(tmp_path / "labels.npz", x_train=images, y_train=np.full(20, -1))
    np.savez(tmp_path / "empty.npz", x_train=images[:0], y_train=np.zeros(0, np.int64))
    before = sorted(tmp_path.iterdir())
    refused = json.loads(call(tmp_path, *words, "--json", code=1).stdout)["diagnostics"]
    assert [fault["code"] for fault in refused] == [code]
    assert f"[{code}]" in call(tmp_path, *words, code=1).stderr
    assert sorted(tmp_path.iterdir()) == before, "something was written"


def test_an_error_is_an_error_in_a_process_too(tmp_path: Path) -> None:
    assert "[G001]" in alone(tmp_path, "show", "resnet19", code=1).stderr


@pytest.mark.parametrize(
    "words", [("count",), ("export", "resnet18"), ("frobnicate",), ("sample", "digits", "-n", "x")]
)
def test_wrong_usage_exits_2(words: tuple[str, ...], tmp_path: Path) -> None:
    call(tmp_path, *words, code=2)


COMMANDS = "check show render export count sample train evaluate train-ghn generate rank search explain"


@pytest.mark.parametrize("command", COMMANDS.split())
def test_help_teaches_by_example(command: str, tmp_path: Path) -> None:
    text = " ".join(call(tmp_path, command, "--help").stdout.replace("│", " ").split())
    assert f"ghndsl {command}" in text.partition("Example")[2]
