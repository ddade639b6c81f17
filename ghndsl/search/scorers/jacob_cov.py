"""How differently a network responds to different samples before training."""

from __future__ import annotations

import torch

from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.search.correlation import WORST
from ghndsl.search.scorers.first import FirstWeights, outputs

_SMALL = 1e-5


class JacobCov(FirstWeights):
    """-sum(log(v + k) + 1 / (v + k)) over the eigenvalues v of the correlations between samples of the gradients of
    the outputs with respect to the inputs, which must be real numbers (Mellor et al., "Neural architecture search
    without training", 2020)."""

    name = "jacob_cov"

    def value(self, graph: Graph, weights: dict[str, torch.Tensor]) -> float:
        """With batch statistics."""
        inputs = {name: tensor.detach().clone().requires_grad_() for name, tensor in self.batch.feed(graph).items()}
        total = outputs(graph, weights, inputs, Mode("train")).sum()
        if not total.requires_grad or len(self.batch) < 2:
            return WORST
        gradients = torch.autograd.grad(total, list(inputs.values()), materialize_grads=True)
        together = torch.corrcoef(torch.cat([gradient.flatten(1) for gradient in gradients], 1).double())
        if not bool(together.isfinite().all()):
            return WORST
        values = torch.linalg.eigvalsh(together).clamp(min=0) + _SMALL
        return -float((values.log() + 1 / values).sum())
