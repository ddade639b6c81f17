"""Normalisation of channels: a tensor goes in; each channel less its mean, over its deviation, scaled, comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from ghndsl.ops.base import Mode, NamedTensors, Operator, Results, Role, Tensors, Weight
from ghndsl.ops.checks import finite, known, small
from ghndsl.records import record
from ghndsl.types import DType, TensorType

if TYPE_CHECKING:
    import torch

    Statistic: TypeAlias = torch.Tensor | None


@record
class PerChannel(Operator):
    """A normalisation that learns a scale and a shift of each channel, and keeps statistics of each.

    `run` changes nothing: in calibration it hands the batch's statistics to `mode.statistics`.
    """

    from_input: ClassVar[str | None] = "num_features"

    eps: float = 1e-5
    momentum: float | None = 0.1
    affine: bool = True
    track_running_stats: bool = True

    def __post_init__(self) -> None:
        small(self, "eps")
        finite(self, "momentum")

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        (x,) = types
        if not (self.affine or self.track_running_stats):
            return ()
        shape = (known(self, x.shape[1], "channels"),)
        learned = scale_and_shift(shape, x.dtype) if self.affine else ()
        return (*learned, *(_statistics(shape, x.dtype) if self.track_running_stats else ()))

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        return {"num_features": types[0].shape[1], **self.attributes}

    def torch_class(self, *types: TensorType) -> str | None:
        is_known = isinstance(types[0].shape[1], int)
        return super().torch_class(*types) if is_known else None

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        (x,) = inputs
        if mode.kind == "eval" and self.track_running_stats:
            return (self.normal(x, weights["running_mean"], weights["running_var"], weights, own=False),)
        if mode.statistics is None or not self.track_running_stats:
            return (self.normal(x, None, None, weights, own=True),)
        mean, variance = x.new_zeros(x.shape[1]), x.new_zeros(x.shape[1])
        mode.statistics.update(running_mean=mean, running_var=variance)
        return (self.normal(x, mean, variance, weights, own=True),)

    def normal(
        self, x: torch.Tensor, mean: Statistic, variance: Statistic, weights: NamedTensors, *, own: bool
    ) -> torch.Tensor:
        """x by its own statistics or by those given, which take over its own: torch's function with a momentum of 1."""
        raise NotImplementedError


def scale_and_shift(shape: tuple[int, ...], dtype: DType) -> tuple[Weight, Weight]:
    """What a normalisation learns."""
    return Weight("weight", shape, Role.SCALE, dtype=dtype), Weight("bias", shape, Role.SHIFT, dtype=dtype)


def _statistics(shape: tuple[int, ...], dtype: DType) -> tuple[Weight, Weight, Weight]:
    mean = Weight("running_mean", shape, Role.MEAN, dtype=dtype)
    variance = Weight("running_var", shape, Role.VARIANCE, dtype=dtype)
    return mean, variance, Weight("num_batches_tracked", (), Role.COUNT, dtype=DType.I64)
