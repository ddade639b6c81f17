"""The size of the gradient at the start of training."""

from __future__ import annotations

import math

import torch

from ghndsl.ir import Graph
from ghndsl.search.scorers.first import FirstWeights
from ghndsl.training.descend import loss_of, trainable


class GradNorm(FirstWeights):
    """log of the sum of the weights' gradient norms on one batch (Abdelfattah et al., ICLR 2021)."""

    name = "grad_norm"

    def value(self, graph: Graph, weights: dict[str, torch.Tensor]) -> float:
        """With batch statistics."""
        own = trainable(graph, weights)
        loss = loss_of(graph, {**weights, **own}, self.batch)
        if not loss.requires_grad:
            return -math.inf
        gradients = torch.autograd.grad(loss, list(own.values()), materialize_grads=True)
        total = sum(float(gradient.norm()) for gradient in gradients)
        return math.log(max(total, 1e-300))
