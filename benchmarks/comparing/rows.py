"""A name goes in; one row of the page about the zoo, with all that was compared of the network, comes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from torch import nn

import ghndsl
from comparing.catalogue import PAIRS, Pair
from comparing.chance import draw
from comparing.exported import onnx_outputs, source_outputs
from comparing.likeness import (
    TOLERANCE,
    Outputs,
    furthest,
    inputs_of,
    likeness,
    macs_faults,
    macs_of,
    params_faults,
)
from comparing.names import buffer_faults, chance_faults
from comparing.theirs import published_gmacs
from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph

LIBRARIES = ("torch", "torchvision", "onnxruntime")


@dataclass(frozen=True)
class Row:
    """What was found of a network; differences are relative, `published` is in GMACs, `faults` say what is not equal.

    `key` is what it was found of: the graph's id and the versions of the libraries.
    """

    name: str
    key: str
    params: int
    macs: int | None
    published: float | None
    difference: float
    onnx: float
    source: float
    faults: tuple[str, ...]


def row_of(name: str) -> Row:
    """Compares a network with the one it should be, and what is exported of it with that."""
    pair, graph = PAIRS[name], ghndsl.load(name)
    runs = [inputs_of(graph, sizes, seed) for seed, sizes in enumerate(pair.sizes)]
    theirs = pair.build()
    faults = text_faults(pair, graph, theirs)
    draw(theirs, runs[0])
    found = likeness(graph, theirs, runs)
    faults += found.faults
    onnx = source = float("inf")
    if found.wanted:
        weights = theirs.state_dict()
        # The largest networks fit into memory twice, not three times.
        del theirs
        onnx = _exported("ONNX Runtime", lambda: onnx_outputs(graph, weights, runs), found.wanted, faults)
        source = _exported("the Python file", lambda: source_outputs(graph, weights, runs), found.wanted, faults)
    published, macs = published_of(pair, graph), macs_of(graph, pair.counted or list(graph.outputs))
    return Row(name, key_of(graph), graph.params, macs, published, found.difference, onnx, source, tuple(faults))


def _exported(where: str, run: Callable[[], Sequence[Outputs]], wanted: Sequence[Outputs], faults: list[str]) -> float:
    """The largest difference of what is exported; what is wrong with it is added to the faults."""
    try:
        outputs = run()
    except CompileError as error:
        faults.append(f"{where}: {error.diagnostics[0].message}")
        return float("inf")
    worst = max(map(furthest, outputs, wanted))
    if not worst < TOLERANCE:
        faults.append(f"results of {where} differ by {worst:.1e}")
    return worst


def text_faults(pair: Pair, graph: Graph, theirs: nn.Module) -> list[str]:
    """What is not equal in a network that was just built and that nothing has run yet."""
    faults = [*buffer_faults(graph, theirs), *params_faults(graph, theirs)]
    if pair.counted:
        faults += chance_faults(graph, theirs)
        faults += macs_faults(macs_of(graph, pair.counted), published_of(pair, graph))
    return faults


def published_of(pair: Pair, graph: Graph) -> float | None:
    """The work that is published of a network for images of its size, in GMACs."""
    size = next(iter(graph.inputs.values())).shape[-1]
    return published_gmacs(pair.name, size) if pair.counted and isinstance(size, int) else None


def key_of(graph: Graph) -> str:
    """What a row depends on.

    >>> key_of(ghndsl.load("resnet18")).split()[1].partition("-")[0]
    'torch'
    """
    return " ".join([graph.id, *(f"{library}-{version(library)}" for library in LIBRARIES)])


def read(file: Path) -> dict[str, Row]:
    """The rows of a file by name, the last one of each."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    rows = [Row(**json.loads(line)) for line in lines]
    return {row.name: replace(row, faults=tuple(row.faults)) for row in rows}


def write(file: Path, rows: Iterable[Row]) -> None:
    """Appends rows to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as end:
        for row in rows:
            end.write(json.dumps(asdict(row)) + "\n")
