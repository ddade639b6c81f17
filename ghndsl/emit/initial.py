"""A graph and a seed go in; first weights, drawn as torch's own modules draw theirs, come out."""

from __future__ import annotations

from hashlib import blake2b

import torch

from ghndsl.emit.weights import buffer, torch_type
from ghndsl.ir import Graph
from ghndsl.ops import Weight


def initial_weights(graph: Graph, seed: int) -> dict[str, torch.Tensor]:
    """Every weight of the graph by path, on the CPU.

    `Weight.drawn` says how; each depends on the seed and its own path and shape alone.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType
    >>> build = GraphBuilder("net")
    >>> x = build.input("x", TensorType((1, 4)))
    >>> (y,) = build.add(ops.Linear(2), [x], "fc", Scope("arch", "net"))
    >>> build.output("y", y)
    >>> weights = initial_weights(build.finish(), seed=0)
    >>> weights["fc.weight"].shape, bool(weights["fc.weight"].abs().max() <= 0.5)
    (torch.Size([2, 4]), True)
    """
    generator = torch.Generator()
    return {path: _drawn(weight, path, seed, generator) for path, weight in graph.weights.items()}


def _drawn(weight: Weight, path: str, seed: int, generator: torch.Generator) -> torch.Tensor:
    if not weight.trainable:
        return buffer(weight)
    draw = weight.drawn
    if draw.kind == "fill":
        return torch.full(weight.shape, draw.scale, dtype=torch_type(weight))
    digest = blake2b(f"{seed} {path}".encode(), digest_size=8).digest()
    generator.manual_seed(int.from_bytes(digest, "little", signed=True))
    values = torch.empty(weight.shape, dtype=torch_type(weight))
    if draw.kind == "normal":
        values.normal_(std=draw.scale, generator=generator)
    else:
        values.uniform_(-draw.scale, draw.scale, generator=generator)
    if weight.zero_row is not None:
        values[weight.zero_row] = 0
    return values
