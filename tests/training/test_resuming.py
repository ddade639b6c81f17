"""A training that was left goes on as if it had not been, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.ir import Graph
from ghndsl.training import Settings, Trained, save_weights, train

FULL = Settings(epochs=3, augment="shift", crop=1, mirror=True, cutout=2, ema=0.9, auxiliary=0.3, drop_path=0.1)


@pytest.fixture(scope="module")
def few(digits: Dataset) -> Dataset:
    return digits.few(200)


def left(graph: Graph, data: Dataset, settings: Settings, path: Path, after: int, resume: Path | None = None) -> None:
    """Trains, and is interrupted after a pass."""

    def progress(step: int, total: int, text: str) -> None:
        if step == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(graph, data, settings, 0, checkpoint=path, resume=resume, progress=progress)


def same(one: Trained, other: Trained) -> bool:
    paths = one.weights.keys() == other.weights.keys()
    return paths and all(torch.equal(one.weights[path], other.weights[path]) for path in one.weights)


@pytest.mark.parametrize("settings", [replace(FULL, ema=0.0), FULL, Settings(epochs=3, momentum=0.0)])
def test_ends_where_an_undisturbed_run_ends(small: Graph, few: Dataset, tmp_path: Path, settings: Settings) -> None:
    """Dropout, shuffling and augmentation go on as they would have; it may be left again and again, and when done."""
    path = tmp_path / "t.safetensors"
    whole = train(small, few, settings, 0)
    left(small, few, settings, path, 1)
    left(small, few, settings, path, 2, resume=path)
    ended = train(small, few, settings, 0, checkpoint=path, resume=path)
    again = train(small, few, settings, 0, resume=path)
    for found, resumed_at in ((ended, 2), (again, 3)):
        assert same(found, whole)
        assert found.history == whole.history
        assert found.resumed_at == resumed_at


def test_how_far_it_is_is_told_first_of_all(small: Graph, few: Dataset, tmp_path: Path) -> None:
    path, settings, seen = tmp_path / "t.safetensors", Settings(epochs=3), list[int]()
    left(small, few, settings, path, 2)
    train(small, few, settings, 0, resume=path, progress=lambda step, total, text: seen.append(step))
    assert seen == [2, 3]


def test_one_that_diverged_has_ended(small: Graph, few: Dataset, tmp_path: Path) -> None:
    path, settings = tmp_path / "t.safetensors", Settings(epochs=9, lr=1e30, warmup=0, clip=0)
    first = train(small, few, settings, 0, checkpoint=path)
    again = train(small, few, settings, 0, resume=path)
    assert first.diverged
    assert again.diverged
    assert len(first.history) == len(again.history) == again.resumed_at < 9


OTHERWISE: dict[str, tuple[dict[str, object], str]] = {
    "settings": ({"settings": replace(FULL, cutout=3)}, "cutout: 2 then, 3 now"),
    "passes": ({"settings": replace(FULL, epochs=4)}, "epochs: 3 then, 4 now"),
    "seed": ({"seed": 1}, "seed: 0 then, 1 now"),
}


@pytest.fixture(scope="module")
def kept(small: Graph, few: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "t.safetensors"
    left(small, few, FULL, path, 1)
    return path


@pytest.mark.parametrize(("changed", "words"), OTHERWISE.values(), ids=OTHERWISE)
def test_refused_with_the_difference(
    small: Graph, few: Dataset, kept: Path, changed: dict[str, object], words: str
) -> None:
    with pytest.raises(CompileError, match="G602") as caught:
        train(**{"graph": small, "data": few, "settings": FULL, "seed": 0, "resume": kept, **changed})
    assert words in str(caught.value)


def test_refused_on_other_data_and_from_other_weights(small: Graph, few: Dataset, digits: Dataset, kept: Path) -> None:
    with pytest.raises(CompileError, match=r"G602(?s:.*)data: "):
        train(small, digits.few(201), FULL, 0, resume=kept)
    with pytest.raises(CompileError, match=r"G602(?s:.*)first weights: drawn then"):
        train(small, few, FULL, 0, weights=initial_weights(small, 0), resume=kept)


Write = Callable[[Path, Path, Graph], object]


def without(name: str) -> Write:
    def write(path: Path, kept: Path, graph: Graph) -> None:
        tensors = {key: tensor for key, tensor in load_file(kept).items() if key != name}
        save_file(tensors, path, _metadata(kept))

    return write


def _metadata(path: Path) -> dict[str, str]:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return dict(file.metadata())


STRANGE: dict[str, tuple[Write, str]] = {
    "none": (lambda path, kept, graph: None, "no file"),
    "text": (lambda path, kept, graph: path.write_text("hello"), "damaged"),
    "cut short": (lambda path, kept, graph: path.write_bytes(kept.read_bytes()[:-9]), "damaged"),
    "weights": (lambda path, kept, graph: save_weights(path, {"a": torch.zeros(1)}), "no training"),
    "no history": (without("history"), "it lacks 'history'"),
    "no weight": (without("weight.fc.bias"), "it lacks 'weight.fc.bias'"),
}


@pytest.mark.parametrize(("write", "words"), STRANGE.values(), ids=STRANGE)
def test_strange_files_are_refused(
    small: Graph, few: Dataset, kept: Path, tmp_path: Path, write: Write, words: str
) -> None:
    write(tmp_path / "s.safetensors", kept, small)
    with pytest.raises(CompileError, match="G410") as caught:
        train(small, few, FULL, 0, resume=tmp_path / "s.safetensors")
    assert words in str(caught.value)
