"""The name of a network goes in; how many weights are generated for it, and how large its values are, comes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch

import ghndsl
from ghndsl.ghn import GHN
from ghndsl.ghn.presets import MODELS
from ghndsl.ir import Graph
from weighing.networks import inputs_of, small
from weighing.sizes import sizes

SHOWN = ("ghn", "logah")
"""The hypernetworks of which values are shown, as they begin, fitted to nothing."""


@dataclass(frozen=True)
class Row:
    """`weights` tensors of `numbers` numbers; by hypernetwork the least and the greatest root mean square of a value,
    and the operators that made them. `key` is what it was found of."""

    name: str
    key: str
    weights: int
    numbers: int
    least: dict[str, float]
    greatest: dict[str, float]
    by: dict[str, str]


@torch.no_grad()
def row_of(name: str) -> Row:
    """Generates the weights of a network for small inputs, and runs it once for each hypernetwork."""
    graph = small(name)
    inputs = inputs_of(graph)
    least, greatest, by = dict[str, float](), dict[str, float](), dict[str, str]()
    for model in SHOWN:
        seen = sizes(graph, GHN(MODELS[model], seed=0)(graph), inputs)
        least[model], greatest[model] = min(seen).size, max(seen).size
        by[model] = f"{min(seen).operator}, {max(seen).operator}"
    made = [weight for weight in graph.weights.values() if weight.trainable]
    numbers = sum(weight.numel for weight in made)
    return Row(name, key_of(graph), len(made), numbers, least, greatest, by)


def key_of(graph: Graph) -> str:
    """What a row depends on: the graph, the hypernetworks, the code that makes weights and that measures, and torch."""
    told = [graph.id, _code(), *(MODELS[model].to_json() for model in SHOWN), version("torch")]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


@cache
def _code() -> str:
    made = sorted((Path(ghndsl.__file__).parent / "ghn").rglob("*.py"))
    files = [*made, Path(__file__).with_name("sizes.py"), Path(__file__).with_name("networks.py")]
    return hashlib.sha256(b"\n".join(file.read_bytes() for file in files)).hexdigest()


def read(file: Path) -> dict[str, Row]:
    """The rows of a file by name, the last one of each."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {row.name: row for row in (Row(**json.loads(line)) for line in lines)}


def write(file: Path, rows: Iterable[Row]) -> None:
    """Appends rows to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as end:
        end.writelines(json.dumps(asdict(row)) + "\n" for row in rows)
