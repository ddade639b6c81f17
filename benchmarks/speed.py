"""How long text takes to become a verified graph, warm: every shipped ResNet, read from its file each time.

python benchmarks/speed.py [--runs 20]
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from statistics import median

from ghndsl import resources
from ghndsl.ir import Graph, verify
from ghndsl.language import elaborate, load_module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, {asked.runs} runs, milliseconds: minimum (median)")
    path = resources.specs() / "networks" / "resnet.arch"
    for name in ("resnet18", "resnet50", "resnet152"):
        once(path, name)
        parts = list(zip(*(once(path, name)[1] for _ in range(asked.runs)), strict=True))
        shown = [f"{1e3 * min(times):5.1f} ({1e3 * median(times):5.1f})" for times in parts]
        nodes = len(once(path, name)[0].nodes)
        print(f"{name:10} {nodes:4} nodes: to tree {shown[0]}, to graph {shown[1]}, verify {shown[2]}, all {shown[3]}")


def once(path: Path, name: str) -> tuple[Graph, tuple[float, float, float, float]]:
    """The graph, and the seconds of parsing, elaborating, verifying and of all three."""
    start = time.perf_counter()
    module = load_module(path)
    parsed = time.perf_counter()
    graph = elaborate(module, module.main(("arch",), name))
    made = time.perf_counter()
    verify(graph)
    end = time.perf_counter()
    return graph, (parsed - start, made - parsed, end - made, end - start)


if __name__ == "__main__":
    main()
