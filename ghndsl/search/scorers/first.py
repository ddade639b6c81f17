"""What estimators before training share: first weights, a batch of samples, one pass there and back."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch

from ghndsl.data import Dataset, Split, main_output
from ghndsl.emit.run import run
from ghndsl.emit.weights import buffer, torch_type
from ghndsl.ir import Graph
from ghndsl.ops import Mode, Results, Role
from ghndsl.search.draw import Drawn
from ghndsl.search.scorers.base import Estimator, Setting, finite
from ghndsl.space import Space
from ghndsl.training.seeds import generator
from ghndsl.training.threads import threads


@dataclass
class FirstWeights(Estimator):
    """An estimator that looks at a candidate with first weights, at the scale that keeps all of its nodes."""

    space: Space
    batch: Split
    seed: int
    images: ClassVar[int] = 64

    @classmethod
    def prepare(cls, setting: Setting) -> FirstWeights:
        """Ready at once; the samples are the first of the training part."""
        return cls(setting.scale.deep, batch_of(setting.scale.deep_data, cls.images), setting.seed)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """The one number, under the name."""
        graph = drawn.at(self.space)
        with threads(1):
            return {self.name: finite(self.value(graph, first_weights(graph, self.seed)))}

    @abstractmethod
    def value(self, graph: Graph, weights: dict[str, torch.Tensor]) -> float:
        """The number for a candidate with its first weights."""


def batch_of(data: Dataset, count: int) -> Split:
    """The samples that candidates are looked at with."""
    # Copies: a part of a tensor is sent to another process with the whole of it.
    return data.train.first(count).mapped(torch.clone)


def first_weights(graph: Graph, seed: int) -> dict[str, torch.Tensor]:
    """Kernels normal with variance 2 / fan_in (He et al., ICCV 2015), scales one, shifts and biases zero.

    Tables and learned tensors are normal with the deviation that torch gives them, if any.
    """
    found: dict[str, torch.Tensor] = {}
    for path, weight in graph.weights.items():
        if weight.role in (Role.KERNEL, Role.EMBEDDING, Role.PARAMETER):
            noise = torch.randn(weight.shape, generator=generator(seed, "first", path))
            deviation = math.sqrt(2 / weight.fan_in) if weight.role is Role.KERNEL else abs(weight.drawn.scale)
            found[path] = noise * deviation
        elif not weight.trainable:
            found[path] = buffer(weight)
        else:
            value = 1 if weight.role is Role.SCALE else 0
            found[path] = torch.full(weight.shape, value, dtype=torch_type(weight))
    return found


def outputs(
    graph: Graph,
    weights: dict[str, torch.Tensor],
    inputs: Mapping[str, torch.Tensor],
    mode: Mode,
    see: Callable[[Results], None] | None = None,
) -> torch.Tensor:
    """The main output for inputs by the network's names."""
    return run(graph, inputs, weights, mode, see)[main_output(graph).name]
