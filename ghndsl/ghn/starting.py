"""Generated weights go in; weights from which training starts better come out."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ghndsl.ir import Graph
from ghndsl.ops import Role
from ghndsl.training.seeds import generator


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


def orthogonal(graph: Graph, weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Kernels replaced by the nearest matrices `[out, in * places]` whose rows, or columns where those are fewer, are
    orthogonal and of one length; the root mean square stays (arXiv 2207.10049, section 3).

    The nearest is the orthogonal factor of the polar decomposition: U V^T of the singular value decomposition.
    """
    found = dict(weights)
    for path in _kernels(graph):
        weight = weights[path]
        matrix = weight.detach().flatten(1).double()
        # Directions that the weight does not have, as products of thin matrices lack most, come out whole as well.
        left, _, right = torch.linalg.svd(matrix, full_matrices=False)
        factor = left @ right
        scale = matrix.square().mean().sqrt() / factor.square().mean().sqrt()
        found[path] = (scale * factor).reshape(weight.shape).to(weight.dtype)
    return found


def _kernels(graph: Graph) -> list[str]:
    return [path for path, one in graph.weights.items() if one.role is Role.KERNEL and len(one.shape) > 1]
