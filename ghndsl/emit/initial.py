"""A graph and a seed go in; first weights, drawn as torch's own modules draw theirs, come out."""

from __future__ import annotations

import math
from hashlib import blake2b

import torch

from ghndsl.emit.weights import torch_type
from ghndsl.ir import Graph
from ghndsl.ops import Role, Weight

_FILL = {Role.SCALE: 1.0, Role.VARIANCE: 1.0, Role.SHIFT: 0.0, Role.MEAN: 0.0, Role.COUNT: 0.0}


def initial_weights(graph: Graph, seed: int) -> dict[str, torch.Tensor]:
    """Every weight of the graph by path, on the CPU.

    Kernels and their biases are uniform within 1 / sqrt(fan_in), as `nn.Conv2d` and `nn.Linear` have them; scales and
    variances one; shifts, means and counts zero. Each weight depends on the seed and its own path and shape alone.

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
    if weight.role in _FILL:
        return torch.full(weight.shape, _FILL[weight.role], dtype=torch_type(weight))
    digest = blake2b(f"{seed} {path}".encode(), digest_size=8).digest()
    generator.manual_seed(int.from_bytes(digest, "little", signed=True))
    bound = 1 / math.sqrt(weight.fan_in)
    return torch.empty(weight.shape, dtype=torch_type(weight)).uniform_(-bound, bound, generator=generator)
