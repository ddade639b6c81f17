"""Generated weights go in; weights from which training starts better come out."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ghndsl.ir import Graph
from ghndsl.ops import Role
from ghndsl.training.seeds import generator

_FAINT = 1e-4
"""What a kernel of low rank is given of noise, as a share of its size, so that it has all directions."""


def noisy(graph: Graph, weights: Mapping[str, torch.Tensor], amount: float, seed: int) -> dict[str, torch.Tensor]:
    """Kernels with normal noise added, `amount` times their root mean square, which stays what it was.

    Generated weights are alike where nodes are, and gradients keep equal channels equal; noise parts them (Knyazev et
    al., "Pretraining a neural network before knowing its architecture", arXiv 2207.10049).
    """
    found = dict(weights)
    for path in _kernels(graph):
        weight = weights[path]
        noise = torch.randn(weight.shape, generator=generator(seed, "noise", path)).to(weight)
        found[path] = (weight + amount * weight.square().mean().sqrt() * noise) / (1 + amount**2) ** 0.5
    return found


def orthogonal(graph: Graph, weights: Mapping[str, torch.Tensor], seed: int = 0) -> dict[str, torch.Tensor]:
    """Kernels replaced by the nearest matrices `[out, in * places]` whose rows, or columns where those are fewer, are
    orthogonal and of one length; the root mean square stays (arXiv 2207.10049, section 3).

    Directions that a kernel does not have, as products of thin matrices lack most, are drawn at random by the seed.
    """
    found = dict(weights)
    for path in _kernels(graph):
        weight = weights[path]
        matrix = weight.detach().flatten(1).double()
        if matrix.any():
            noise = torch.randn(matrix.shape, generator=generator(seed, "orthogonal", path)).to(matrix)
            near = _nearest(matrix, noise) if len(matrix) <= matrix.shape[1] else _nearest(matrix.T, noise.T).T
            scale = (matrix.square().mean() / near.square().mean()).sqrt()
            found[path] = (scale * near).reshape(weight.shape).to(weight.dtype)
    return found


def _nearest(wide: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """The orthogonal factor of the polar decomposition of `[n, m]`, n <= m: (A A^T)^-1/2 A. Directions that A lacks are
    those of faint noise."""
    squares, vectors = torch.linalg.eigh(wide @ wide.T)
    if squares[0] < _FAINT**2 * squares[-1]:
        wide = wide + _FAINT * wide.square().mean().sqrt() * noise
        squares, vectors = torch.linalg.eigh(wide @ wide.T)
    factor: torch.Tensor = (vectors * squares.rsqrt()) @ (vectors.T @ wide)
    # One step of Newton and Schulz brings back the digits that squaring cost.
    return 1.5 * factor - 0.5 * (factor @ factor.T) @ factor


def _kernels(graph: Graph) -> list[str]:
    return [path for path, one in graph.weights.items() if one.role is Role.KERNEL and len(one.shape) > 1]
