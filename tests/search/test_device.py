"""What is done on a GPU is what is done on the processor, but for rounding; on several GPUs too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from commanding import alone, ask
from seeking import SPACE, few_images
from teaming import launched

from ghndsl.search.store import Store

SEARCH = ("search", "few.nas", "--data", "few.npz", "--scorer", "ghn", "--algorithm", "random", "--ghn-steps", "30")
RUNGS = ("--rungs", "12,4,2", "--short-steps", "20", "--controls", "1", "--epochs", "2")
GPUS = torch.cuda.device_count()


def scores(run: Path) -> dict[str, tuple[float, ...]]:
    with Store.read(run) as store:
        return {row.line: row.values for row in store.candidates(state="done") if row.values}


@pytest.mark.skipif(GPUS < 1, reason="needs a GPU")
def test_a_search_on_a_gpu_scores_as_on_the_processor(tmp_path: Path) -> None:
    (tmp_path / "few.nas").write_text(SPACE, encoding="utf-8")
    few_images(tmp_path)
    for device in ("cpu", "cuda"):
        alone(tmp_path, *SEARCH, *RUNGS, "--device", device, "-o", device)
    ours, theirs = scores(tmp_path / "cuda"), scores(tmp_path / "cpu")
    assert len(theirs) == 12
    assert ours.keys() == theirs.keys()
    assert all(values == pytest.approx(theirs[line], abs=0.1) for line, values in ours.items())


@pytest.mark.skipif(GPUS < 2, reason="needs two GPUs")
def test_the_command_learns_on_two_gpus_what_it_does_on_the_processor(tmp_path: Path) -> None:
    words = ["train-ghn", "digits", "--data", "digits", "--steps", "3", "--batch-size", "16", "--meta-batch", "2"]
    single = ask(tmp_path, *words, "--held-out", "2", "-o", "one.safetensors")
    first, second = launched(tmp_path, *words, "--held-out", "2", "-o", "two.safetensors", "--device", "cuda", "--json")
    both = json.loads(first.stdout)
    assert (both["processes"], second.stdout) == (2, "")
    assert both["loss"] == pytest.approx(single["loss"], rel=1e-2)
