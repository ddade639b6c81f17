"""The name of a shipped network goes in; its graph for small inputs, and such inputs, come out."""

from __future__ import annotations

from collections.abc import Mapping

import torch

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph

SMALLER: tuple[Mapping[str, int], ...] = ({"frames": 8, "size": 32}, {"size": 64}, {"size": 96}, {})
"""Settings that make inputs smaller; a network has the first that it takes."""
SIZES = {"T": 17, "H": 4, "W": 3}
"""What symbolic sizes are, beside the batch."""
_TOKENS = 40
"""Tokens are drawn from the first so many."""


def small(name: str) -> Graph:
    """The network for the smallest inputs that it can be made for; its widths and depths are as they are."""
    for settings in SMALLER[:-1]:
        try:
            return ghndsl.load(name, **settings)
        except CompileError:
            continue
    return ghndsl.load(name, **SMALLER[-1])


def inputs_of(graph: Graph, seed: int = 0, batch: int = 4) -> dict[str, torch.Tensor]:
    """Normal numbers, and small whole ones, by the names of the inputs."""
    generator = torch.Generator().manual_seed(seed)
    made: dict[str, torch.Tensor] = {}
    for name, kind in graph.inputs.items():
        shape = [int(str(size)) for size in kind.substitute({**SIZES, "N": batch}).shape]
        numbers, tokens = torch.randn(shape, generator=generator), torch.randint(1, _TOKENS, shape, generator=generator)
        made[name] = numbers if kind.dtype.is_float else tokens
    return made
