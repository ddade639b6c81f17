"""Random graphs, exported at random opsets, compute in ONNX Runtime what they compute in torch.

    python benchmarks/onnx_graphs.py [--count 2000] [--seed 0] [--first 0] [--page docs/onnx.md]

Operators, attributes and sizes are drawn from the table of operators. Each failure is shown as text, made small; what
is refused by name is counted.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from random import Random

import torch
from exported.grow import grown
from exported.judge import Verdict, judged
from exported.page import put
from exported.shrink import shrunk

from ghndsl.emit.onnx import OPSETS
from ghndsl.ir import Graph
from ghndsl.language import format_graph
from ghndsl.ops.base import TABLE


@dataclass
class Tally:
    """What was exported, refused and found."""

    operators: Counter[str] = field(default_factory=Counter[str])
    refusals: Counter[str] = field(default_factory=Counter[str])
    opsets: Counter[int] = field(default_factory=Counter[int])
    runs: int = 0
    failures: int = 0

    def take(self, graph: Graph, opset: int, verdict: Verdict) -> None:
        """Counts one graph."""
        self.runs += verdict.runs
        if verdict.failure is not None:
            self.failures += 1
        elif verdict.refusal is not None:
            # What is refused counts, not the sizes.
            self.refusals[re.sub(r"\d+(\.\d+)?", "n", verdict.refusal.partition(", not ")[0])] += 1
        else:
            self.operators.update(node.op.name for node in graph.nodes)
            self.opsets[opset] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first graph")
    parser.add_argument("--page", type=Path, help="the page that shows what was found")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    started, tally = time.process_time(), Tally()
    for number in range(asked.first, asked.first + asked.count):
        graph = grown(asked.seed, number)
        opset, fold = way(asked.seed, number)
        verdict = judged(graph, opset, fold=fold)
        tally.take(graph, opset, verdict)
        if verdict.failure is not None:
            show_failure(number, graph, verdict, opset, fold=fold)
    told = report(tally, asked.count, asked.seed, time.process_time() - started)
    print(told)
    if asked.page is not None:
        put(asked.page, "graphs", f"```text\n{told}\n```")
    sys.exit(1 if tally.failures else 0)


def report(tally: Tally, count: int, seed: int, seconds: float) -> str:
    """What was done, what was found, and how often each operator was in it."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "onnx", "onnxruntime"))
    opsets = ", ".join(f"{opset}: {tally.opsets[opset]}" for opset in OPSETS)
    counts = [f"{name} {often}" for name, often in tally.operators.most_common()]
    lines = [
        f"{count:,} graphs, seed {seed}, {versions}; {1e3 * seconds / count:.0f} ms each",
        f"{tally.operators.total():,} nodes, {len(tally.operators)} of {len(TABLE)} operators, {tally.runs:,} runs",
        f"failures: {tally.failures}",
        f"refused by name: {tally.refusals.total()}",
        *(f"  {often:4} {refusal}" for refusal, often in tally.refusals.most_common()),
        *textwrap.wrap(f"graphs by opset: {opsets}", 116, subsequent_indent="  "),
        f"never: {', '.join(sorted(TABLE.keys() - tally.operators)) or 'none'}",
        *textwrap.wrap(", ".join(counts), 116, initial_indent="nodes by operator: ", subsequent_indent="  "),
    ]
    return "\n".join(lines)


def way(seed: int, number: int) -> tuple[int, bool]:
    """The opset of a graph's export, and whether batch normalisations are folded."""
    chance = Random(f"way {seed} {number}")
    return chance.choice(OPSETS), chance.random() < 0.3


def show_failure(number: int, graph: Graph, verdict: Verdict, opset: int, *, fold: bool) -> None:
    """The failure, and the smallest graph found that fails alike, as text."""
    assert verdict.failure is not None
    kind = verdict.failure.split(":")[0]

    def fails(part: Graph) -> bool:
        found = judged(part, opset, fold=fold).failure
        return found is not None and found.split(":")[0] == kind

    small = shrunk(graph, fails)
    print(f"FAILURE {number} at opset {opset}{', folded' if fold else ''}: {judged(small, opset, fold=fold).failure}")
    try:
        print(format_graph(small), flush=True)
    except ValueError:
        print(*small.nodes, sep="\n", flush=True)


if __name__ == "__main__":
    main()
