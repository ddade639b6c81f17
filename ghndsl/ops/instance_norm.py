"""Instance normalisation: images go in; each channel of each sample, over its own places alone, comes out normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ghndsl.ops.base import (
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    Role,
    ShapeError,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import known, small, spatial
from ghndsl.ops.lowering import filled, standardised
from ghndsl.types import DType, TensorType, product


@dataclass(frozen=True)
class InstanceNorm(Operator):
    """Normalises each channel of each sample over its places (arXiv 1607.08022), 1d, 2d or 3d by the rank.

    It learns and keeps nothing unless `affine` or `track_running_stats`.
    """

    name: ClassVar[str] = "instance_norm"
    from_input: ClassVar[str | None] = "num_features"
    torch_name: ClassVar[str] = "nn.InstanceNorm{rank}d"

    eps: float = 1e-5
    momentum: float = 0.1
    affine: bool = False
    track_running_stats: bool = False

    def __post_init__(self) -> None:
        small(self, "eps")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        if product(spatial(self, x)) == 1:
            raise ShapeError(f"`instance_norm` needs more than one place in a channel, not {x}")
        self.weights(x)
        return (x,)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        (x,) = types
        if not (self.affine or self.track_running_stats):
            return ()
        shape = (known(self, x.shape[1], "channels"),)
        learned = (Weight("weight", shape, Role.SCALE, dtype=x.dtype), Weight("bias", shape, Role.SHIFT, dtype=x.dtype))
        kept = (
            Weight("running_mean", shape, Role.MEAN, dtype=x.dtype),
            Weight("running_var", shape, Role.VARIANCE, dtype=x.dtype),
            Weight("num_batches_tracked", (), Role.COUNT, dtype=DType.I64),
        )
        return (*(learned if self.affine else ()), *(kept if self.track_running_stats else ()))

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        return {"num_features": types[0].shape[1], **self.attributes}

    def torch_class(self, *types: TensorType) -> str | None:
        is_known = isinstance(types[0].shape[1], int)
        return super().torch_class(*types) if is_known else None

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        affine = (weights.get("weight"), weights.get("bias"))
        if mode.kind == "eval" and self.track_running_stats:
            mean, variance = weights["running_mean"], weights["running_var"]
            return (functional.instance_norm(x, mean, variance, *affine, use_input_stats=False, eps=self.eps),)
        if mode.statistics is None or not self.track_running_stats:
            return (functional.instance_norm(x, None, None, *affine, eps=self.eps),)
        mean, variance = x.new_zeros(x.shape[1]), x.new_zeros(x.shape[1])
        mode.statistics.update(running_mean=mean, running_var=variance)
        # With a momentum of 1 torch's kernel writes the batch's own statistics into the new tensors.
        return (functional.instance_norm(x, mean, variance, *affine, momentum=1.0, eps=self.eps),)

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
