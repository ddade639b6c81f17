"""Hypernetworks on a GPU beside the processor: the same weights, how fast they are made, and how fast one learns.

    python benchmarks/gpu.py [--data cifar.npz] [--steps 200] [--page docs/weights.md]

Needs one GPU that torch can use; says so and ends where there is none. `--page` replaces what stands between the page's
marks. Data is the digits unless an `.npz` of images is given.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch
from exported.page import put

import ghndsl
from ghndsl.data import load
from ghndsl.ghn import GHN, GHNSettings, train_ghn
from ghndsl.ghn.presets import MODELS
from ghndsl.ir import Graph
from ghndsl.search.draw import training_sample
from ghndsl.search.scale import scaled
from ghndsl.training.team import Team

NETWORKS = ("resnet50", "vit_b_16")
ROUNDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="digits", help="images to learn from")
    parser.add_argument("--space", default="digits", help="the space to learn from")
    parser.add_argument("--steps", type=int, default=200, help="steps of training")
    parser.add_argument("--page", type=Path, help="the page whose tables are replaced")
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        print("there is no GPU here, so nothing was measured", file=sys.stderr)
        return
    text = "\n\n".join([_machine(), _generation(), _training(asked.space, asked.data, asked.steps)])
    print(text)
    if asked.page is not None:
        put(asked.page, "gpu", text)


def _machine() -> str:
    name, threads = torch.cuda.get_device_name(), torch.get_num_threads()
    return f"{name} beside {platform.machine()} with {threads} threads; torch {torch.__version__}."


def _generation() -> str:
    """Seconds to make all weights of a network that was read before, and how far those of both devices are apart."""
    lines = ["| model | network | processor, s | GPU, s | largest difference |", "| --- | --- | --- | --- | --- |"]
    for model, config in MODELS.items():
        if model == "ghn1":
            continue
        here, there = GHN(config, seed=0), GHN(config, seed=0).cuda()
        for name in NETWORKS:
            graph = ghndsl.load(name)
            apart = max(
                float((a - b.cpu()).abs().max()) for a, b in zip(_made(here, graph), _made(there, graph), strict=True)
            )
            times = (_seconds(lambda one=one, graph=graph: _made(one, graph)) for one in (here, there))
            lines.append(
                f"| `{model}` | `{name}` | " + " | ".join(f"{value:.3f}" for value in times) + f" | {apart:.1e} |"
            )
    return "\n".join(lines)


def _made(ghn: GHN, graph: Graph) -> list[torch.Tensor]:
    with torch.no_grad():
        return list(ghn(graph).values())


def _seconds(make: Callable[[], object]) -> float:
    make()
    found: list[float] = []
    for _ in range(ROUNDS):
        torch.cuda.synchronize()
        started = time.perf_counter()
        make()
        torch.cuda.synchronize()
        found.append(time.perf_counter() - started)
    return median(found)


def _training(space: str, data: str, steps: int) -> str:
    """Steps a second and the loss at the end; the checkpoint that the GPU wrote is read on the processor."""
    lines = ["| device | precision | steps a second | mean loss of the last 50 steps |", "| --- | --- | --- | --- |"]
    scale = scaled(ghndsl.load_space(space), load(data))
    settings = GHNSettings(steps=steps)
    for device, precision in (("cpu", "f32"), ("cuda", "f32"), ("cuda", "bf16")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ghn.safetensors"
            trained = train_ghn(
                training_sample(scale.cheap, 0),
                scale.data,
                replace(settings, precision=precision),
                config=MODELS["logah"],
                together=Team(device=torch.device(device)),
                checkpoint=path,
            )
            _check_read(path, trained.ghn, scale.cheap.build(scale.cheap.candidate(0)))
        loss = sum(trained.losses[-50:]) / len(trained.losses[-50:])
        lines.append(f"| {device} | {precision} | {steps / trained.seconds:.1f} | {loss:.3f} |")
    return "\n".join(lines)


def _check_read(path: Path, ghn: GHN, graph: Graph) -> None:
    read, wrote = _made(GHN.load(path), graph), _made(ghn, graph)
    for one, other in zip(read, wrote, strict=True):
        torch.testing.assert_close(one, other.cpu(), rtol=1e-3, atol=1e-4)


if __name__ == "__main__":
    main()
