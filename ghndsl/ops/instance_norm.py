"""Instance normalisation: images go in; each channel of each sample, over its own places alone, comes out normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import NamedTensors, OnnxContext, OnnxValue, ShapeError
from ghndsl.ops.checks import spatial
from ghndsl.ops.lowering import filled, standardised
from ghndsl.ops.per_channel import PerChannel
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import TensorType, product

if TYPE_CHECKING:
    import torch

    from ghndsl.ops.per_channel import Statistic


@record
class InstanceNorm(PerChannel):
    """Normalises each channel of each sample over its places (arXiv 1607.08022), 1d, 2d or 3d by the rank.

    It learns and keeps nothing unless `affine` or `track_running_stats`.
    """

    name: ClassVar[str] = "instance_norm"
    torch_name: ClassVar[str] = "nn.InstanceNorm{rank}d"

    momentum: float = 0.1
    affine: bool = False
    track_running_stats: bool = False

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        if product(spatial(self, x)) == 1:
            raise ShapeError(f"`instance_norm` needs more than one place in a channel, not {x}")
        self.weights(x)
        return (x,)

    def normal(
        self, x: torch.Tensor, mean: Statistic, variance: Statistic, weights: NamedTensors, *, own: bool
    ) -> torch.Tensor:
        from torch.nn import functional

        affine = (weights.get("weight"), weights.get("bias"))
        return functional.instance_norm(x, mean, variance, *affine, use_input_stats=own, momentum=1.0, eps=self.eps)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"F.instance_norm({inputs[0]}{code.argument('eps', self.eps, 1e-5)})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        channels = x.type.shape[1]
        if not isinstance(channels, int):
            return (standardised(context, x, range(2, x.type.rank), self.eps),)
        scale = weights.get("weight") or filled(context, 1.0, x.type.dtype, channels)
        shift = weights.get("bias") or filled(context, 0.0, x.type.dtype, channels)
        if self.track_running_stats:
            statistics = (weights["running_mean"], weights["running_var"])
            return (context.node("BatchNormalization", x.name, scale, shift, *statistics, epsilon=self.eps),)
        return (context.node("InstanceNormalization", x.name, scale, shift, epsilon=self.eps),)
