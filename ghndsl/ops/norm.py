"""Normalisation: a tensor goes in; its elements less their mean, over their deviation, scaled and shifted, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import (
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    ShapeError,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import at_least, divided, floats, known, small
from ghndsl.ops.last_dimensions import LastDimensions
from ghndsl.ops.lowering import filled, reshaped, standardised
from ghndsl.ops.per_channel import PerChannel, scale_and_shift
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import TensorType, product, show_shape

if TYPE_CHECKING:
    import torch

    from ghndsl.ops.per_channel import Statistic


@record
class BatchNorm(PerChannel):
    """Normalises each channel over the batch and all places (arXiv 1502.03167), 1d, 2d or 3d by the rank.

    With `track_running_stats` evaluation uses the statistics kept in training.
    """

    name: ClassVar[str] = "batch_norm"
    torch_name: ClassVar[str] = "nn.BatchNorm{rank}d"

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        if x.rank not in (2, 3, 4, 5):
            raise ShapeError(f"`batch_norm` needs a batch, channels and up to three more, not {show_shape(x.shape)}")
        self.weights(x)
        return (x,)

    def normal(
        self, x: torch.Tensor, mean: Statistic, variance: Statistic, weights: NamedTensors, *, own: bool
    ) -> torch.Tensor:
        from torch.nn import functional

        affine = (weights.get("weight"), weights.get("bias"))
        return functional.batch_norm(x, mean, variance, *affine, training=own, momentum=1.0, eps=self.eps)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        return f"F.batch_norm({inputs[0]}, None, None, training=True{code.argument('eps', self.eps, 1e-5)})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        channels = x.type.shape[1]
        if self.track_running_stats and isinstance(channels, int):
            scale = weights.get("weight") or filled(context, 1.0, x.type.dtype, channels)
            shift = weights.get("bias") or filled(context, 0.0, x.type.dtype, channels)
            statistics = (weights["running_mean"], weights["running_var"])
            return (context.node("BatchNormalization", x.name, scale, shift, *statistics, epsilon=self.eps),)
        axes = [axis for axis in range(x.type.rank) if axis != 1]
        y = standardised(context, x, axes, self.eps)
        return (_per_channel(context, y, x.type, weights),)


@record
class LayerNorm(LastDimensions):
    """Normalises each sample over its last `dims` dimensions (arXiv 1607.06450).

    Their sizes, torch's `normalized_shape`, are known from the input and so are not written.
    """

    name: ClassVar[str] = "layer_norm"
    torch_name: ClassVar[str] = "nn.LayerNorm"

    eps: float = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        if not self.elementwise_affine:
            return ()
        return scale_and_shift(self.known_sizes(types[0]), types[0].dtype)[: 2 if self.bias else 1]

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        (x,) = inputs
        shape = list(x.shape[-self.dims :])
        return (functional.layer_norm(x, shape, weights.get("weight"), weights.get("bias"), self.eps),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if weights:
            return (context.node("LayerNormalization", x.name, *weights.values(), axis=-self.dims, epsilon=self.eps),)
        return (standardised(context, x, range(x.type.rank - self.dims, x.type.rank), self.eps),)


@record
class GroupNorm(Operator):
    """Normalises each sample's channels in `num_groups` groups of neighbours (arXiv 1803.08494)."""

    name: ClassVar[str] = "group_norm"
    from_input: ClassVar[str | None] = "num_channels"
    torch_name: ClassVar[str] = "nn.GroupNorm"

    num_groups: int
    eps: float = 1e-5
    affine: bool = True

    def __post_init__(self) -> None:
        at_least(self, 1, "num_groups")
        small(self, "eps")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        floats(self, x)
        if x.rank < 2:
            raise ShapeError(f"`group_norm` needs a batch and channels, not {show_shape(x.shape)}")
        channels = divided(self, x.shape[1], "num_groups")
        if channels == self.num_groups and product(x.shape[2:]) == 1:
            raise ShapeError(f"`group_norm` needs more than one number in a group, not {x} in {self.num_groups} groups")
        return (x,)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        (x,) = types
        return scale_and_shift((known(self, x.shape[1], "channels"),), x.dtype) if self.affine else ()

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        return {"num_groups": self.num_groups, "num_channels": types[0].shape[1], **self.attributes}

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        affine = (weights.get("weight"), weights.get("bias"))
        return (functional.group_norm(inputs[0], self.num_groups, *affine, self.eps),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        groups = code.value("num_groups", self.num_groups)
        return f"F.group_norm({inputs[0]}, {groups}{code.argument('eps', self.eps, 1e-5)})"

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        grouped = (x.type.shape[0], self.num_groups, x.type.numel // (x.type.shape[0] * self.num_groups))
        groups = OnnxValue(
            context.node("Reshape", x.name, context.ints(0, self.num_groups, -1)), x.type.with_shape(*grouped)
        )
        normal = OnnxValue(standardised(context, groups, [2], self.eps), groups.type)
        return (_per_channel(context, reshaped(context, normal, x.type.shape), x.type, weights),)


def _per_channel(context: OnnxContext, x: str, kind: TensorType, weights: Mapping[str, str]) -> str:
    """x times the weight plus the bias of each channel, where there are any."""
    for op_type, name in (("Mul", "weight"), ("Add", "bias")):
        if name in weights:
            vector = context.node("Reshape", weights[name], context.ints(-1, *(1,) * (kind.rank - 2)))
            x = context.node(op_type, x, vector)
    return x
