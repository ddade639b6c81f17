"""How long text takes to become a verified graph, how that grows with the text, and how long `ghndsl check` takes.

    pip install -e '.[bench]'
    python benchmarks/language.py [--runs 7] [--plot docs/images/growth.png]

Seconds are of the processor, the least of all runs, so that other programs count as little as they can.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from large_texts import WAYS

from ghndsl import resources
from ghndsl.diagnostics import Source
from ghndsl.ir import Graph, verify
from ghndsl.language import Limits, Module, elaborate, load_module, module_from_text

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
LIMITS = Limits(text=40_000_000, words=4_000_000, nodes=1_000_000, items=1_000_000, steps=100_000_000)
SMALL = """arch small(classes: int = 10) {
    input image: f32[N, 3, 32, 32]
    x = image -> conv(16, 3, padding=1) as stem -> relu
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(classes) as head
}
"""
APP = """import lark, typer
app = typer.Typer()
@app.command()
def check(file: str, json: bool = False) -> None:
    print(file)
app()
"""
Times = tuple[float, float, float, float]
"""Seconds to a tree, from there to a graph, to verify it, and of all three."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--plot", type=Path, help="where to draw the growth")
    asked = parser.parse_args()
    load, cores = os.getloadavg()[0], os.cpu_count()
    print(f"Python {platform.python_version()}, {cores} cores, load {load:.1f}, least of {asked.runs} runs.\n")
    print_networks(asked.runs)
    grown = print_growth(asked.runs)
    print_start(asked.runs)
    if asked.plot is not None:
        draw(grown, asked.plot)


def timed(read: Callable[[], Module], name: str | None = None, limits: Limits = LIMITS) -> tuple[Graph, Times]:
    """The graph, and what it took."""
    start = time.process_time()
    module = read()
    parsed = time.process_time()
    graph = elaborate(module, module.main(("arch",), name), limits=limits)
    made = time.process_time()
    verify(graph)
    end = time.process_time()
    return graph, (parsed - start, made - parsed, end - made, end - start)


def least(runs: int, once: Callable[[], Times]) -> Times:
    """The least of each time."""
    first, tree, verified, whole = (min(times) for times in zip(*(once() for _ in range(runs)), strict=True))
    return first, tree, verified, whole


def print_networks(runs: int) -> None:
    """The shipped ResNets, read from their file each time."""
    path = resources.specs() / "networks" / "resnet.arch"
    print("| network | nodes | to a tree, ms | to a graph | verified | all |\n| --- | --- | --- | --- | --- | --- |")
    for name in ("resnet18", "resnet50", "resnet152"):
        nodes = len(timed(lambda: load_module(path), name)[0].nodes)
        times = least(runs, lambda name=name: timed(lambda: load_module(path), name)[1])
        print(f"| {name} | {nodes} | {' | '.join(f'{1e3 * seconds:.1f}' for seconds in times)} |")


def print_growth(runs: int) -> dict[str, dict[int, Times]]:
    """The large texts, at several sizes."""
    print("\n| text | nodes | to a tree, s | to a graph | verified | all | a node, us |\n" + "| --- " * 7 + "|")
    found: dict[str, dict[int, Times]] = {}
    for write in WAYS:
        for size in SIZES:
            source = Source("large.arch", write(size))
            # The largest take as long as many runs of the others.
            repeated = max(2, runs // (1 + size // 20_000))
            nodes = len(timed(lambda source=source: module_from_text(source, limits=LIMITS))[0].nodes)
            times = least(repeated, lambda s=source: timed(lambda: module_from_text(s, limits=LIMITS))[1])
            found.setdefault(write.__name__, {})[nodes] = times
            shown = " | ".join(f"{seconds:.3f}" for seconds in times)
            print(f"| {write.__name__} | {nodes:,} | {shown} | {1e6 * times[3] / nodes:.0f} |", flush=True)
    return found


def print_start(runs: int) -> None:
    """What a command takes from its start to its end, beside what it cannot do without."""
    with tempfile.TemporaryDirectory() as folder:
        small, app = Path(folder) / "small.arch", Path(folder) / "app.py"
        small.write_text(SMALL, encoding="utf-8")
        app.write_text(APP, encoding="utf-8")
        commands = {
            "`python -c pass`": ["-c", "pass"],
            "`python -c 'import typer, lark'`": ["-c", "import typer, lark"],
            "a program by typer that prints its argument": [str(app), str(small)],
            "`ghndsl check small.arch`": ["-c", "from ghndsl.cli import main; main()", "check", str(small)],
        }
        seconds = {name: min(_spent(words) for _ in range(2 * runs)) for name, words in commands.items()}
    whole = seconds["`ghndsl check small.arch`"]
    print("\n| command | ms | `check` takes as long |\n| --- | --- | --- |")
    for name, one in seconds.items():
        print(f"| {name} | {1e3 * one:.0f} | {whole / one:.2f} times |")


def _spent(words: list[str]) -> float:
    """Seconds of the processor in a process of its own, compiled files kept."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def draw(grown: Mapping[str, Mapping[int, Times]], path: Path) -> None:
    """Seconds over nodes, both on scales of tens; a straight line of slope one is linear growth."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4))
    for name, times in grown.items():
        axes.plot(list(times), [seconds[3] for seconds in times.values()], marker="o", markersize=3, label=name)
    low, high = SIZES[0], SIZES[-1]
    axes.plot((low, high), (low * 5e-5, high * 5e-5), color="grey", linestyle=":", label="50 us a node")
    axes.set(xscale="log", yscale="log", xlabel="nodes", ylabel="seconds from text to a verified graph")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
