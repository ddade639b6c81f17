"""Channels over two dimensions go in; the same numbers, in other channels or at other places, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ghndsl.ops.base import Mode, NamedTensors, OnnxContext, OnnxValue, Operator, Results, ShapeError, Tensors
from ghndsl.ops.checks import at_least, divided
from ghndsl.ops.lowering import reshaped
from ghndsl.records import record
from ghndsl.types import DType, TensorType, is_static, show_shape


@record
class PixelShuffle(Operator):
    """`[N, C r r, H, W]` to `[N, C, H r, W r]`, r the `upscale_factor`: channels become places (arXiv 1609.05158)."""

    name: ClassVar[str] = "pixel_shuffle"
    torch_name: ClassVar[str] = "nn.PixelShuffle"

    upscale_factor: int

    def __post_init__(self) -> None:
        at_least(self, 1, "upscale_factor")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        _check_image(self, x)
        by = self.upscale_factor
        if by * by * (x.shape[1] // (by * by)) != x.shape[1]:
            raise ShapeError(f"`pixel_shuffle` by {by} takes channels in groups of {by * by}, not {x.shape[1]}")
        return (x.with_shape(x.shape[0], x.shape[1] // (by * by), x.shape[2] * by, x.shape[3] * by),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        return (functional.pixel_shuffle(inputs[0], self.upscale_factor),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        if x.type.dtype in (DType.F32, DType.F64):
            return (context.node("DepthToSpace", x.name, blocksize=self.upscale_factor, mode="CRD"),)
        # ONNX Runtime has none of other types (1.32).
        (n, _, height, width), (kind,), by = x.type.shape, self.infer(x.type), self.upscale_factor
        parted = reshaped(context, x, (n, kind.shape[1], by, by, height, width))
        turned = context.node("Transpose", parted, perm=(0, 1, 4, 2, 5, 3))
        placed = x.type.with_shape(n, kind.shape[1], height, by, width, by)
        return (reshaped(context, OnnxValue(turned, placed), kind.shape),)


@record
class PixelUnshuffle(Operator):
    """`[N, C, H r, W r]` to `[N, C r r, H, W]`, r the `downscale_factor`: what undoes `pixel_shuffle`."""

    name: ClassVar[str] = "pixel_unshuffle"
    torch_name: ClassVar[str] = "nn.PixelUnshuffle"

    downscale_factor: int

    def __post_init__(self) -> None:
        at_least(self, 1, "downscale_factor")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        _check_image(self, x)
        by = self.downscale_factor
        for size in x.shape[2:]:
            if size // by * by != size:
                raise ShapeError(f"`pixel_unshuffle` by {by} does not divide a size of {size}")
        return (x.with_shape(x.shape[0], x.shape[1] * (by * by), x.shape[2] // by, x.shape[3] // by),)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        from torch.nn import functional

        return (functional.pixel_unshuffle(inputs[0], self.downscale_factor),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        # SpaceToDepth orders channels otherwise.
        (x,) = inputs
        (n, c, *_), (kind,), by = x.type.shape, self.infer(x.type), self.downscale_factor
        height, width = kind.shape[2:]
        parted = reshaped(context, x, (n, c, height, by, width, by))
        turned = context.node("Transpose", parted, perm=(0, 1, 3, 5, 2, 4))
        return (reshaped(context, OnnxValue(turned, x.type.with_shape(n, c, by, by, height, width)), kind.shape),)


@record
class ChannelShuffle(Operator):
    """Channels in another order: those of `groups` groups dealt out in turn (arXiv 1707.01083, section 3.1)."""

    name: ClassVar[str] = "channel_shuffle"
    torch_name: ClassVar[str] = "nn.ChannelShuffle"

    groups: int

    def __post_init__(self) -> None:
        at_least(self, 1, "groups")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        (x,) = types
        if x.rank < 3:
            raise ShapeError(f"`channel_shuffle` takes channels over one dimension or more, not {show_shape(x.shape)}")
        divided(self, x.shape[1], "groups")
        return (x,)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        (x,) = inputs
        return (x.reshape(x.shape[0], self.groups, -1, *x.shape[2:]).transpose(1, 2).reshape(x.shape),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        (x,) = inputs
        count = divided(self, x.type.shape[1], "groups") // self.groups
        parted = context.node("Reshape", x.name, context.ints(0, self.groups, count, -1))
        turned = context.node("Transpose", parted, perm=(0, 2, 1, 3))
        if is_static(*x.type.shape[2:]):
            sizes = [size for size in x.type.shape[1:] if isinstance(size, int)]
            return (context.node("Reshape", turned, context.ints(0, *sizes)),)
        return (context.node("Reshape", turned, context.node("Shape", x.name)),)


def _check_image(op: Operator, x: TensorType) -> None:
    if x.rank != 4:
        raise ShapeError(f"`{op.name}` takes a tensor [N, C, H, W], not {show_shape(x.shape)}")
