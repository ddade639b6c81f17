"""How long exports to ONNX take, and how fast the models run, beside those of `torch.onnx.export`.

    pip install -e '.[bench]'
    python benchmarks/onnx_speed.py [--runs 5] [--rounds 40] [--networks resnet50 ...] [--page docs/onnx.md]

One process, one thread, the ways in turn. Exports are measured in seconds of the processor, of a network that is loaded
and has its weights; models by the clock, each once a round. `--page` replaces the tables between its marks.
"""

from __future__ import annotations

import argparse
import gc
import io
import logging
import os
import platform
import statistics
import textwrap
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx
import onnxruntime
import torch
import torchvision
from exported.page import put

import ghndsl
from ghndsl.emit.onnx import to_onnx

NETWORKS = ("resnet50", "mobilenet_v3_large", "vit_b_16")
IMAGE = (3, 224, 224)
OURS = ("ghndsl", "ghndsl, folded")
THEIRS = ("torch.onnx.export(dynamo=True)", "torch.onnx.export(dynamo=False)")
Made: TypeAlias = "onnx.ModelProto | torch.onnx.ONNXProgram | bytes"
Export: TypeAlias = Callable[[], Made]


@dataclass(frozen=True)
class Pair:
    """A network as torchvision builds it, and the address of ours; both have the same weights."""

    name: str
    module: torch.nn.Module

    def exports(self) -> dict[str, Export]:
        """A model by each way; ours from graphs that nothing was computed of yet."""
        graph, other, state = ghndsl.load(self.name), ghndsl.load(self.name), self.module.state_dict()
        return {
            OURS[0]: lambda: to_onnx(graph, state),
            OURS[1]: lambda: to_onnx(other, state, fold_batch_norm=True),
            THEIRS[0]: lambda: _dynamo(self.module),
            THEIRS[1]: lambda: _script(self.module),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="exports by each way")
    parser.add_argument("--rounds", type=int, default=40, help="runs of each model")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--page", type=Path, help="the page whose tables are replaced")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    loads = [os.getloadavg()[0]]
    rows: list[str] = []
    for name in asked.networks:
        rows += measured(name, asked.runs, asked.rounds)
        loads.append(os.getloadavg()[0])
        print(*rows[-4:], sep="\n", flush=True)
    told = f"{table(rows)}\n\n{circumstances(asked.runs, asked.rounds, loads)}"
    print(told)
    if asked.page is not None:
        put(asked.page, "speed", told)


def measured(name: str, runs: int, rounds: int) -> list[str]:
    """A row for each way."""
    torch.manual_seed(0)
    pair = Pair(name, getattr(torchvision.models, name)(weights=None).eval())
    seconds, models = exported(pair, runs)
    clock = raced(models, np.random.default_rng(0).standard_normal((1, *IMAGE), np.float32), rounds)
    ours, fastest = min(seconds[OURS[1]]), min(statistics.median(clock[way]) for way in THEIRS)
    return [
        f"| {name} | `{way}` | {1e3 * min(seconds[way]):,.0f} | {min(seconds[way]) / ours:.1f} | "
        f"{len(models[way].graph.node)} | {1e3 * statistics.median(clock[way]):.1f} | "
        f"{statistics.median(clock[way]) / fastest:.3f} |"
        for way in (*OURS, *THEIRS)
    ]


def exported(pair: Pair, runs: int) -> tuple[dict[str, list[float]], dict[str, onnx.ModelProto]]:
    """Seconds of the processor of each export, the ways in turn, and the last models."""
    seconds: dict[str, list[float]] = {}
    models: dict[str, onnx.ModelProto] = {}
    for _ in range(runs):
        for way, export in pair.exports().items():
            models.pop(way, None)
            gc.collect()
            start = time.process_time()
            made = export()
            seconds.setdefault(way, []).append(time.process_time() - start)
            models[way] = read(made)
    return seconds, models


def read(made: Made) -> onnx.ModelProto:
    """The model that an export gave."""
    if isinstance(made, bytes):
        return onnx.load_from_string(made)
    return made if isinstance(made, onnx.ModelProto) else made.model_proto


def _dynamo(module: torch.nn.Module) -> torch.onnx.ONNXProgram:
    image = (torch.zeros(2, *IMAGE),)
    program = torch.onnx.export(module, image, dynamo=True, verbose=False, dynamic_shapes=({0: torch.export.Dim("N")},))
    assert program is not None
    return program


def _script(module: torch.nn.Module) -> bytes:
    file = io.BytesIO()
    names = {"input_names": ["x"], "dynamic_axes": {"x": {0: "N"}}}
    torch.onnx.export(module, (torch.zeros(2, *IMAGE),), file, dynamo=False, **names)
    return file.getvalue()


def raced(models: Mapping[str, onnx.ModelProto], image: np.ndarray, rounds: int) -> dict[str, list[float]]:
    """Seconds by the clock of each model's runs, each once a round, in an order that turns."""
    sessions = {way: _session(model) for way, model in models.items()}
    clock: dict[str, list[float]] = {way: [] for way in models}
    ways = list(models)
    for turn in range(rounds + 2):
        for way in (*ways[turn % len(ways) :], *ways[: turn % len(ways)]):
            feeds = {sessions[way].get_inputs()[0].name: image}
            start = time.perf_counter()
            sessions[way].run(None, feeds)
            if turn > 1:
                clock[way].append(time.perf_counter() - start)
    return clock


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def table(rows: list[str]) -> str:
    head = "| network | export | processor, ms | times ours, folded | nodes | a run, ms | of their faster one |"
    return "\n".join([head, "| --- " * 7 + "|", *rows])


def circumstances(runs: int, rounds: int, loads: list[float]) -> str:
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("torch", "torchvision", "onnx", "onnxruntime", "onnxscript")
    )
    told = (
        f"`python benchmarks/onnx_speed.py --runs {runs} --rounds {rounds}`: Python {platform.python_version()}, "
        f"{versions}; {os.cpu_count()} cores, one thread, load {min(loads):.1f} to {max(loads):.1f} with our own. "
        f"Exports: the least of {runs} in turn. Runs: the median of {rounds}, one image, interleaved."
    )
    return textwrap.fill(told, 120, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main()
