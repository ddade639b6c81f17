"""A job by name and its settings go in; seconds and memory, measured in the process that runs it, come out."""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import torch

import ghndsl
from ghndsl.ghn import GHN, GHNConfig, fit
from ghndsl.ir import Graph
from ghndsl.ops import Mode

Found = dict[str, float]


def peak() -> float:
    """The most memory that this process has held, MB."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024
    whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return whole / 2**20 if sys.platform == "darwin" else whole / 1024


def timed(run: Callable[[], object], runs: int, warm: int = 2) -> Found:
    """The least and the median by the clock, and the least of the processor; what a run gave is let go untimed."""
    clock: list[float] = []
    processor: list[float] = []
    for turn in range(runs + warm):
        start = time.perf_counter(), time.process_time()
        made = run()
        end = time.perf_counter(), time.process_time()
        del made
        if turn >= warm:
            clock.append(end[0] - start[0])
            processor.append(end[1] - start[1])
    return {"least": min(clock), "median": median(clock), "processor": min(processor)}


def hypernetwork(config: Mapping[str, object], graph: Graph, largest: int | None) -> GHN:
    """An untrained one; with `largest`, blocks fitted to the graph."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in config.items()}
    if largest is None:
        return GHN(GHNConfig(**values))  # type: ignore[arg-type]
    # Before there were other decoders than slices, blocks had no bound.
    blocks = fit([graph], largest) if "decoders" in GHNConfig.__dataclass_fields__ else fit([graph])
    return GHN(GHNConfig(blocks, **values))  # type: ignore[arg-type]


def network(name: str, runs: int, config: Mapping[str, object], largest: int | None = None) -> Found:
    """From the name of a shipped network to all its weights, the text parsed each time, and the parts of that."""
    graph = ghndsl.load(name)
    ghn = hypernetwork(config, graph, largest)
    found = {"weights": float(graph.params)}
    with torch.no_grad():
        found |= timed(lambda: ghn(ghndsl.load(name)), runs)
        found["peak"] = peak()
        found["load"] = timed(lambda: ghndsl.load(name), runs)["least"]
        found["encoder"] = found["decoder"] = found["plan"] = float("nan")
        if hasattr(ghn, "decoder") and hasattr(ghn, "encoder") and "decoders" in GHNConfig.__dataclass_fields__:
            from ghndsl.ghn.decoders import decoding
            from ghndsl.ghn.plan import plan

            nodes = plan([graph], ghn.config)
            weights, states = decoding([graph], nodes, ghn.config), ghn.encoder(nodes)
            found["plan"] = timed(lambda: decoding([graph], plan([graph], ghn.config), ghn.config), runs)["least"]
            found["encoder"] = timed(lambda: ghn.encoder(nodes), runs)["least"]
            found["decoder"] = timed(lambda: ghn.decoder(states, weights, 1), runs)["least"]
    return found


def large(shape: str, nodes: int, encoder: str, runs: int) -> Found:
    """All weights of a network of so many nodes, and the memory that this takes beside that of the graph."""
    from paced import texts

    graph = ghndsl.loads(getattr(texts, shape)(nodes), limits=texts.LIMITS)
    ghn = GHN(GHNConfig(encoder=encoder))  # type: ignore[arg-type]
    with torch.no_grad():
        ghn(ghndsl.loads(texts.chain(8)))
        before = peak()
        found = timed(lambda: ghn.many([graph]), runs, warm=0)
    return {**found, "nodes": float(len(graph.nodes)), "peak": peak(), "more": peak() - before}


def wide(channels: int, runs: int) -> Found:
    """The weights of eight convolutions of so many channels."""
    from paced import texts

    graph = ghndsl.loads(texts.wide(channels))
    ghn = GHN(GHNConfig())
    with torch.no_grad():
        found = timed(lambda: ghn.many([graph]), runs)
    return {**found, "weights": float(graph.params), "peak": peak()}


def together(count: int, runs: int) -> Found:
    """The weights of so many candidates of NAS-Bench-201 at once."""
    space = ghndsl.load_space("nasbench201")
    rng = random.Random(0)
    graphs = [space.build(space.draw(rng)) for _ in range(count)]
    ghn = GHN(GHNConfig(fit(graphs)))
    with torch.no_grad():
        found = timed(lambda: ghn.many(graphs), runs)
    return {**found, "each": found["least"] / count, "peak": peak()}


def step(runs: int) -> Found:
    """A step of training on four candidates of NAS-Bench-201 at its cheap scale, 64 images each."""
    from torch.nn import functional

    from ghndsl.emit.run import run

    space = ghndsl.load_space("nasbench201", width=8, cells=1, size=16)
    rng = random.Random(0)
    graphs = [[space.build(space.draw(rng)) for _ in range(4)] for _ in range(8)]
    ghn = GHN(GHNConfig(fit(graph for four in graphs for graph in four)))
    images, labels, turns = torch.randn(64, 3, 16, 16), torch.arange(64) % 10, iter(range(10**9))

    def once() -> None:
        four = graphs[next(turns) % len(graphs)]
        made = ghn.many(four)
        mode = Mode("train", torch.Generator().manual_seed(0))
        outputs = [run(graph, {"image": images}, weights, mode) for graph, weights in zip(four, made, strict=True)]
        torch.stack([functional.cross_entropy(out["logits"], labels) for out in outputs]).mean().backward()
        ghn.zero_grad()

    return {**timed(once, runs), "peak": peak()}


JOBS: Mapping[str, Callable[..., Found]] = {job.__name__: job for job in (network, large, wide, together, step)}


def main() -> None:
    """Runs the job that the command line names and prints what was found, as JSON."""
    asked = json.loads(sys.argv[1])
    torch.set_num_threads(asked.pop("threads"))
    torch.manual_seed(0)
    print(json.dumps(JOBS[asked.pop("job")](**asked)))


if __name__ == "__main__":
    main()
