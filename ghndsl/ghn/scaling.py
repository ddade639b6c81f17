"""A weight goes in; how what a decoder makes, of about unit variance, becomes the weight comes out."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch

from ghndsl.ops import Role, Weight

_SMALL = 0.02
"""The deviation of learned tensors that begin at zero."""
_FAINT = 1e-3
"""First values up to which a learned factor stands for a branch that is to be learned from nothing."""


class Scaling(NamedTuple):
    """`spread`: values times the deviation. `around`: 2 sigmoid(x / 2) times it, so near the deviation itself, as
    scales are near one. `shift`: tanh(x / 5) times it, near zero."""

    how: Literal["spread", "around", "shift"]
    deviation: float


LEARNED = 0.2
"""The least deviation of learned tensors that are not cut from blocks: what is read from them is near unit size then,
and what is multiplied with them too, in a network whose head is its table of words."""


def scaling(name: str, weight: Weight, gain: float = 1.0, least: float = 0.0) -> Scaling:
    """How a weight of a kind is scaled for activations to keep their size, a gain apart.

    Kernels by sqrt(beta / fan_in), with beta 2 before a ReLU, which dense convolutions mostly stand before, and else
    1; scales 2 sigmoid(x / 2), shifts and biases tanh(x / 5) (Knyazev et al., NeurIPS 2021, appendix A). What is
    looked up in tables is of unit size. Learned tensors keep the deviation of their first values, if it is not below
    `least`, or stay near the one number that those are; where that all but switches a branch off, as layer scales of
    1e-6 do until they have been trained, it is one here.
    """
    if weight.role is Role.SCALE:
        return Scaling("around", gain)
    if weight.role in (Role.SHIFT, Role.BIAS):
        return Scaling("shift", gain)
    if weight.role is Role.EMBEDDING:
        return Scaling("spread", gain)
    if weight.role is Role.PARAMETER:
        drawn = weight.drawn
        if drawn.kind == "fill" and drawn.scale:
            return Scaling("around", gain * (drawn.scale if abs(drawn.scale) > _FAINT else 1.0))
        return Scaling("spread", gain * max(drawn.scale or _SMALL, least))
    beta = 2 if halves(name) else 1
    return Scaling("spread", gain * math.sqrt(beta / max(weight.fan_in, 1)))


def halves(name: str) -> bool:
    """Whether kernels of a kind mostly read what a ReLU has halved: those of dense convolutions."""
    return name.startswith("conv") or name == "pointwise"


def scaled(values: torch.Tensor, how: str, deviations: torch.Tensor) -> torch.Tensor:
    """The weights `[targets, ...]` from values of unit variance and the deviation of each `[targets]`."""
    factors = deviations.view(-1, *[1] * (values.ndim - 1))
    if how == "spread":
        return values * factors
    if how == "around":
        return 2 * factors * torch.sigmoid(0.5 * values)
    return torch.tanh(0.2 * values) * factors
