"""A graph goes in; tensors for its weights, away from zeros and ones, come out."""

from __future__ import annotations

from hashlib import blake2b

import torch

from ghndsl.emit.weights import torch_type
from ghndsl.ir import Graph
from ghndsl.ops import Role, Weight


def weights_of(graph: Graph) -> dict[str, torch.Tensor]:
    """Each depends on its path and its shape alone, so that a graph cut down keeps the weights that are left."""
    return {path: weighed(weight, path) for path, weight in graph.weights.items()}


def weighed(weight: Weight, path: str) -> torch.Tensor:
    """The numbers of one weight: variances and scales positive, kernels by their fan-in."""
    kind = torch_type(weight)
    if weight.table is not None:
        return torch.from_numpy(weight.table.numbers()).to(kind)
    seed = int.from_bytes(blake2b(path.encode(), digest_size=7).digest(), "little")
    generator = torch.Generator().manual_seed(seed)
    if not kind.is_floating_point:
        return torch.zeros(weight.shape, dtype=kind)
    values = torch.rand(weight.shape, generator=generator)
    if weight.role in (Role.SCALE, Role.VARIANCE):
        return (values + 0.5).to(kind)
    return ((2 * values - 1) * (3 / max(1, weight.fan_in)) ** 0.5).to(kind)
