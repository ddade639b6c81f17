"""Synaptic flow: how much signal the weights let through, whatever the data."""

from __future__ import annotations

import math

import torch

from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.search.scorers.first import FirstWeights, outputs
from ghndsl.training.descend import trainable


class Synflow(FirstWeights):
    """log of the sum of |weight x dR/dweight|, R the sum of outputs for an image of ones (whole numbers are
    those of the first sample), all weights made positive and
    normalisation left out (Tanaka et al., NeurIPS 2020; as an estimator Abdelfattah et al., ICLR 2021)."""

    name = "synflow"

    def value(self, graph: Graph, weights: dict[str, torch.Tensor]) -> float:
        """In float64, as products over depth leave the range of float32."""
        positive = {
            path: weight.double().abs() if weight.is_floating_point() else weight for path, weight in weights.items()
        }
        own = trainable(graph, positive)
        first = self.batch.first(1).feed(graph)
        ones = {
            name: torch.ones(tensor.shape, dtype=torch.float64) if tensor.is_floating_point() else tensor
            for name, tensor in first.items()
        }
        total = outputs(graph, {**positive, **own}, ones, Mode("eval")).sum()
        if not total.requires_grad:
            return -math.inf
        gradients = torch.autograd.grad(total, list(own.values()), materialize_grads=True)
        flows = [float((g * w.detach()).abs().sum()) for g, w in zip(gradients, own.values(), strict=True)]
        return math.log(max(sum(flows), 1e-300))
