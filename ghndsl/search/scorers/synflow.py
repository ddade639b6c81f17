"""Synaptic flow: how much signal the weights let through, whatever the data."""

from __future__ import annotations

import math

import torch

from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.search.scorers.first import FirstWeights, outputs
from ghndsl.training.descend import trainable


class Synflow(FirstWeights):
    """log of the sum of |weight x dR/dweight|, R the sum of outputs for an image of ones, all weights made positive and
    normalisation left out (Tanaka et al., NeurIPS 2020; as an estimator Abdelfattah et al., ICLR 2021)."""

    name = "synflow"

    def value(self, graph: Graph, weights: dict[str, torch.Tensor]) -> float:
        """In float64, as products over depth leave the range of float32."""
        positive = {
            path: weight.double().abs() if weight.is_floating_point() else weight for path, weight in weights.items()
        }
        own = trainable(graph, positive)
        ones = torch.ones((1, *self.batch.images.shape[1:]), dtype=torch.float64)
        total = outputs(graph, {**positive, **own}, ones, Mode("eval")).sum()
        if not total.requires_grad:
            return -math.inf
        gradients = torch.autograd.grad(total, list(own.values()), materialize_grads=True)
        flows = [float((g * w.detach()).abs().sum()) for g, w in zip(gradients, own.values(), strict=True)]
        return math.log(max(sum(flows), 1e-300))
