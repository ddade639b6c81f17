"""One table: every operator with inputs it takes. Tests with a `sample` argument run over all of its rows."""

from dataclasses import dataclass

import pytest

from ghndsl import ops
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.types import Dim, DType, TensorType, symbol

N, H, W = symbol("N"), symbol("H"), symbol("W")
FULL = (None, None, None)

IMAGE = (N, 3, 9, 7)
FEATURES = (N, 6, 5, 8)
WORDS = (N, H, 8)

ROWS: list[tuple[ops.Operator, tuple[Dim, ...], *tuple[tuple[Dim, ...], ...]]] = [
    (ops.Abs(), (N, 5)),
    (ops.AdaptiveAvgPool(1), IMAGE),
    (ops.AdaptiveAvgPool(7), (N, 2, 12, 12)),
    (ops.AdaptiveAvgPool(3), (N, 2, 7, 7)),
    (ops.AdaptiveAvgPool(7), (N, 2, 1, 1)),
    (ops.AdaptiveAvgPool((1, None)), (N, 2, 7, 5)),
    (ops.AdaptiveAvgPool((None, 3)), (N, 2, 4, 9)),
    (ops.AdaptiveAvgPool((None, 1)), (N, 2, H, W)),
    (ops.AdaptiveAvgPool((2, 3, 1)), (N, 2, 5, 6, 4)),
    (ops.AdaptiveAvgPool(4), (N, 3, 11)),
    (ops.AdaptiveAvgPool((None,)), (N, 3, 11)),
    (ops.AdaptiveAvgPool(1), (N, 2, H, W)),
    (ops.AdaptiveMaxPool(1), (N, 2, H, W)),
    (ops.AdaptiveMaxPool(3), (N, 2, 7, 7)),
    (ops.AdaptiveMaxPool((4, 3)), (N, 2, 12, 9)),
    (ops.AdaptiveMaxPool((1, None)), (N, 2, 7, H)),
    (ops.AdaptiveMaxPool((None, 4)), (N, 2, 4, 9)),
    (ops.AdaptiveMaxPool((2, 3, 9)), (N, 2, 5, 6, 4)),
    (ops.AdaptiveMaxPool(5), (N, 3, 11)),
    (ops.AdaptiveMaxPool(7), (N, 2, 1, 1)),
    (ops.Add(), (N, 5)),
    (ops.Add(), (N, 3, 4), (N, 3, 4), (N, 3, 4)),
    (ops.Add(), (N, 3, 4), (4,), (3, 1)),
    (ops.Add(), (N, 3, H), (1, 3, 1)),
    (ops.Affine(0.5, 1.0), (N, 5)),
    (ops.Affine(shift=-1.0), (N, 5)),
    (ops.Affine(-1.0), (N, 5)),
    (ops.Affine(), (N, 5)),
    (ops.Arange((5,)),),
    (ops.Arange((2, 9, 3), dtype="f32"),),
    (ops.Arange((8, 0, -2), dtype="i32"),),
    (ops.Arange((N,)),),
    (ops.Arange((H, 3 * H + 1, 2)),),
    (ops.Attention(2), WORDS),
    (ops.Attention(4, bias=False), WORDS),
    (ops.Attention(2, is_causal=True), WORDS),
    (ops.Attention(2, 0.5), WORDS),
    (ops.Attention(2), WORDS, (N, 3, 8)),
    (ops.Attention(2), WORDS, (N, W, 6), (N, W, 4)),
    (ops.Attention(2, bias=False, is_causal=True), WORDS, (N, 7, 6)),
    (ops.AvgPool(2), IMAGE),
    (ops.AvgPool(3, 1, 1, count_include_pad=False), IMAGE),
    (ops.AvgPool(3, 2, 1, ceil_mode=True), (N, 1, 4, 4)),
    (ops.AvgPool(3, 2, 1, ceil_mode=True, count_include_pad=False), (N, 1, 4, 4)),
    (ops.AvgPool((2, 3), (3, 2), (1, 0), ceil_mode=True), (N, 2, 6, 8)),
    (ops.AvgPool(2, 3, 1, ceil_mode=True), (N, 2, 5, 5)),
    (ops.AvgPool(3, 2, 1, divisor_override=5), IMAGE),
    (ops.AvgPool(3, 2, 1, ceil_mode=True, divisor_override=5), (N, 1, 4, 4)),
    (ops.AvgPool(3, 2), (N, 2, 10)),
    (ops.AvgPool(2, 2, 1, ceil_mode=True), (N, 2, 5)),
    (ops.AvgPool(2, padding=1), (N, 2, 4, 5, 6)),
    (ops.AvgPool(3, 2, 1, ceil_mode=True), (N, 2, H, W)),
    (ops.BatchNorm(), IMAGE),
    (ops.BatchNorm(1e-3, 0.01), (N, 5)),
    (ops.BatchNorm(momentum=None), (N, 5, 7)),
    (ops.BatchNorm(affine=False), (N, 4, 2, 3, 2)),
    (ops.BatchNorm(track_running_stats=False), IMAGE),
    (ops.BatchNorm(affine=False, track_running_stats=False), (N, 5, 4)),
    (ops.Celu(), (N, 5)),
    (ops.Celu(0.5), (N, 3, H)),
    (ops.Clamp(0.0), (N, 5)),
    (ops.Clamp(max=0.25), (N, 3, H)),
    (ops.Clamp(-0.5, 1.5), ()),
    (ops.Clamp(0.5, -0.5), (N, 5)),
    (ops.ChannelShuffle(3), FEATURES),
    (ops.ChannelShuffle(2), (N, 6, H, W)),
    (ops.ChannelShuffle(3), (N, 6, H)),
    (ops.ChannelShuffle(1), (N, 4, 2, 3, 2)),
    (ops.Concat(), IMAGE),
    (ops.Concat(), (N, 3, 4), (N, 1, 4), (N, 2, 4)),
    (ops.Concat(-1), (N, 3, H), (N, 3, 2)),
    (ops.Concat(0), (N, 3), (2, 3)),
    (ops.Constant(0.5),),
    (ops.Constant(((1, 2, 3), (4, 5, 6))),),
    (ops.Constant((1, 2.5)),),
    (ops.Constant((True, False)),),
    (ops.Constant((1, 0), dtype="f64"),),
    (ops.Constant((255, 0), dtype="u8"),),
    (ops.Conv(4, 3), IMAGE),
    (ops.Conv(4, 3, 2, 1, bias=False), IMAGE),
    (ops.Conv(6, (3, 2), (2, 1), (0, 1), (1, 2), 3), FEATURES),
    (ops.Conv(6, 3, padding=1, groups=6), FEATURES),
    (ops.Conv(4, 4, padding="same"), IMAGE),
    (ops.Conv(4, 3, padding="same", dilation=2), IMAGE),
    (ops.Conv(4, 3, padding="valid", stride=2), IMAGE),
    (ops.Conv(4, 3, 2, "same"), IMAGE),
    (ops.Conv(4, 3, 2, "same"), (N, 3, 8, 8)),
    (ops.Conv(4, 5, (1, 3), "same", padding_mode="replicate"), IMAGE),
    (ops.Conv(4, 1, 3, "same"), IMAGE),
    (ops.Conv(4, 3, padding=1, padding_mode="circular"), IMAGE),
    (ops.Conv(4, (3, 5), padding=(1, 2), padding_mode="circular"), IMAGE),
    (ops.Conv(4, 3, padding=1, padding_mode="reflect"), IMAGE),
    (ops.Conv(4, (3, 5), padding=(1, 2), padding_mode="reflect"), IMAGE),
    (ops.Conv(4, (3, 5), padding=(1, 2), padding_mode="replicate"), IMAGE),
    (ops.Conv(4, (4, 5), padding="same", padding_mode="circular"), IMAGE),
    (ops.Conv(4, 3, 2, 1), (N, 3, 11)),
    (ops.Conv(4, 3, padding=2, padding_mode="circular"), (N, 3, 11)),
    (ops.Conv(4, (1, 2, 3), padding=(0, 1, 1)), (N, 3, 4, 5, 6)),
    (ops.Conv(4, 3, padding=1, padding_mode="reflect"), (N, 2, 3, 4, 5)),
    (ops.Conv(4, 3, 2, 1), (N, 3, H, W)),
    (ops.Conv(4, 3, padding="same"), (N, 3, 2 * H, W)),
    (ops.Conv(4, 3, padding=2, padding_mode="circular"), (N, 3, H, W)),
    (ops.ConvTranspose(4, 3), IMAGE),
    (ops.ConvTranspose(4, 2, 2, bias=False), (N, 3, H, W)),
    (ops.ConvTranspose(2, 1, padding=(1, 3), output_padding=1, dilation=2), (N, 4, 9, 7)),
    (ops.ConvTranspose(6, (3, 2), (2, 3), (1, 0), (1, 2), 3), FEATURES),
    (ops.ConvTranspose(4, 3, 2, 1, 1, dilation=2), (N, 6, 11)),
    (ops.ConvTranspose(6, 3, 1, 2, groups=6, dilation=(1, 3)), (N, 6, H, 8)),
    (ops.ConvTranspose(2, (1, 2, 3), 2), (N, 4, 3, 4, 5)),
    (ops.Cos(), (N, 5)),
    (ops.Div(), (N, 4), (N, 4)),
    (ops.Dropout(), (N, 5)),
    (ops.Dropout(0.0), (N, 5)),
    (ops.Dropout(1.0), (N, 5)),
    (ops.Elu(), (N, 5)),
    (ops.Elu(0.5), (N, 5)),
    (ops.Expand((N, -1, -1)), (1, 2, 3)),
    (ops.Expand((N, H, 4)), (H, 1)),
    (ops.Expand((2, -1, 3)), (N, 1)),
    (ops.Expand((5,)), ()),
    (ops.Exp(), (N, 5)),
    (ops.Flatten(), IMAGE),
    (ops.Flatten(2), IMAGE),
    (ops.Flatten(0, 1), IMAGE),
    (ops.Flatten(1, 2), (N, 3, 4, H)),
    (ops.Flatten(), (N, 3, H, W)),
    (ops.Flatten(1, -2), (N, H, 3, W)),
    (ops.Flatten(), (N, 5)),
    (ops.Full((2, 3), 0.5),),
    (ops.Full((N, H + 1), 7),),
    (ops.Full((), True),),
    (ops.Full((N,), 1, "f16"),),
    (ops.Gelu(), (N, 5)),
    (ops.Gelu("tanh"), (N, 3, 4)),
    (ops.Glu(), (N, 6)),
    (ops.Glu(1), (N, 4, 5, 7)),
    (ops.Glu(-2), (N, 2 * H, 3)),
    (ops.Glu(0), (2, N)),
    (ops.GroupNorm(3), (N, 6)),
    (ops.GroupNorm(2, 1e-3), FEATURES),
    (ops.GroupNorm(6, affine=False), (N, 6, 5)),
    (ops.GroupNorm(3), (N, 6, H, W)),
    (ops.Gru(6), (5, N, 4)),
    (ops.Gru(6, 2, batch_first=True, bidirectional=True), (N, H, 4)),
    (ops.Gru(3, 2, False, True, 0.5), (N, 5, 4)),
    (ops.Gru(6, bidirectional=True), (5, N, 4), (2, N, 6)),
    (ops.GruCell(6), (N, 4), (N, 6)),
    (ops.GruCell(3, bias=False), (N, 4), (N, 3)),
    (ops.Hardsigmoid(), (N, 5)),
    (ops.Hardswish(), (N, 5)),
    (ops.Hardtanh(), (N, 5)),
    (ops.Hardtanh(0.0, 0.5), (N, 3, H)),
    (ops.Hardtanh(max_val=-0.5), ()),
    (ops.Identity(), (N, 5)),
    (ops.InstanceNorm(), IMAGE),
    (ops.InstanceNorm(1e-3, affine=True), (N, 3, H, W)),
    (ops.InstanceNorm(track_running_stats=True), (N, 3, 7)),
    (ops.InstanceNorm(1e-5, 0.3, True, True), (N, 4, 2, 3, 2)),
    (ops.InstanceNorm(), (N, H, 7)),
    (ops.L2Normalize(), (N, 5)),
    (ops.L2Normalize(-1, 0.5), (N, 3, H)),
    (ops.L2Normalize((1, -1)), IMAGE),
    (ops.L2Normalize(0), (7,)),
    (ops.Interpolate(scale_factor=2.0), IMAGE),
    (ops.Interpolate(scale_factor=2.0), (N, 3, H, W)),
    (ops.Interpolate(scale_factor=(3.0, 1.0)), (N, 3, H, W)),
    (ops.Interpolate(scale_factor=1.5), IMAGE),
    (ops.Interpolate(scale_factor=(1.2, 2.0)), IMAGE),
    (ops.Interpolate(scale_factor=0.5), (N, 3, 11)),
    (ops.Interpolate((4, 20)), IMAGE),
    (ops.Interpolate((2 * H, 3 * W)), (N, 3, H, W)),
    (ops.Interpolate(7), (N, 2, 3, 4, 9)),
    (ops.Interpolate(scale_factor=(1.1, 1.1, 1.7)), (N, 2, 4, 7, 9)),
    (ops.Interpolate(scale_factor=1.7, mode="nearest-exact"), IMAGE),
    (ops.Interpolate(scale_factor=2.0, mode="nearest-exact"), (N, 3, H)),
    (ops.Interpolate(scale_factor=1.7, mode="linear"), (N, 3, 11)),
    (ops.Interpolate(scale_factor=1.7, mode="bilinear"), IMAGE),
    (ops.Interpolate(scale_factor=1.7, mode="bilinear", recompute_scale_factor=True), IMAGE),
    (ops.Interpolate(scale_factor=1.7, mode="bilinear", align_corners=True), IMAGE),
    (ops.Interpolate(scale_factor=(0.7, 1.2), mode="bilinear"), (N, 3, 10, 7)),
    (ops.Interpolate(scale_factor=(0.5, 0.25), mode="bilinear"), (N, 3, H, W)),
    (ops.Interpolate((1, 1), mode="bilinear"), IMAGE),
    (ops.Interpolate((1, 1), mode="bilinear", align_corners=True), IMAGE),
    (ops.Interpolate((5, 17), mode="bilinear", align_corners=False), IMAGE),
    (ops.Interpolate((5, 17), mode="bilinear", antialias=True), IMAGE),
    (ops.Interpolate((2 * H, W), mode="bilinear"), (N, 3, H, W + 2)),
    (ops.Interpolate((9, W), mode="bilinear", align_corners=True), (N, 3, H, 3)),
    (ops.Interpolate(scale_factor=2.0, mode="bicubic"), (N, 3, H, W)),
    (ops.Interpolate((4, 13), mode="bicubic", align_corners=True), IMAGE),
    (ops.Interpolate(scale_factor=(1.2, 1.4), mode="bicubic"), (N, 3, 6, 3)),
    (ops.Interpolate(scale_factor=(0.4, 1.7), mode="bicubic", antialias=True), IMAGE),
    (ops.Interpolate(scale_factor=(2.0, 1.2, 0.7), mode="trilinear"), (N, 2, 3, 9, 5)),
    (ops.Interpolate((9, 170), mode="bilinear"), (N, 1, 3, 200)),
    (ops.Interpolate((3, 290 * H), mode="bilinear"), (N, 1, 2, 190 * H)),
    (ops.Interpolate((H, 2000), mode="bicubic", align_corners=True), (N, 1, 2, 190 * H)),
    (ops.Interpolate(scale_factor=3.0, mode="bicubic"), (N, 1, H, 50 * H)),
    (ops.Interpolate(scale_factor=1.75, mode="linear"), (N, 1, 290 * H)),
    (ops.Interpolate((5, 4), mode="area"), IMAGE),
    (ops.Interpolate(scale_factor=1.7, mode="area"), (N, 3, 5)),
    (ops.LayerNorm(), (N, 7)),
    (ops.LayerNorm(eps=1e-6), (N, H, 8)),
    (ops.LayerNorm(dims=2), IMAGE),
    (ops.LayerNorm(bias=False), (N, 3, 8)),
    (ops.LayerNorm(dims=2, elementwise_affine=False), IMAGE),
    (ops.LayerNorm(elementwise_affine=False), (N, 3, H)),
    (ops.LeakyRelu(), (N, 5)),
    (ops.LeakyRelu(0.2), (N, 5)),
    (ops.Linear(4), (N, 7)),
    (ops.Linear(4, bias=False), (N, 7)),
    (ops.Linear(4), (N, 3, 7)),
    (ops.Linear(4, bias=False), (N, H, 2, 7)),
    (ops.Linear(4), (7,)),
    (ops.LocalResponseNorm(5, 0.5), (N, 7, 3, 4)),
    (ops.LocalResponseNorm(4, 0.5, 0.5, 2.0), (N, 7, 3, 4)),
    (ops.LocalResponseNorm(3, 1.0), (N, 6, H)),
    (ops.LocalResponseNorm(2, 1.0, k=0.5), (N, H, 3, W)),
    (ops.LocalResponseNorm(3, 2.0), (N, H, W, 4)),
    (ops.LocalResponseNorm(9, 0.5), (N, 2, 2, 3, 2)),
    (ops.LocalResponseNorm(1, 0.5), (N, 3, 2, 3, 2, 2)),
    (ops.LogSigmoid(), (N, 5)),
    (ops.LogSoftmax(1), IMAGE),
    (ops.LogSoftmax(-1), (N, 5)),
    (ops.Lstm(6), (5, N, 4)),
    (ops.Lstm(6, 2, batch_first=True, bidirectional=True), (N, H, 4)),
    (ops.Lstm(3, 3, False, True, 0.5), (N, 5, 4)),
    (ops.Lstm(3, 2, dropout=0.3, bidirectional=True), (5, N, 4)),
    (ops.Lstm(6, 2), (5, N, 4), (2, N, 6), (2, N, 6)),
    (ops.LstmCell(6), (N, 4), (N, 6), (N, 6)),
    (ops.LstmCell(3, bias=False), (N, 4), (N, 3), (N, 3)),
    (ops.Matmul(), (N, 3, 4), (N, 4, 5)),
    (ops.Matmul(), (N, 2, H, 4), (4, 5)),
    (ops.Matmul(), (N, 3, 4), (4,)),
    (ops.Matmul(), (4,), (N, 4, 3)),
    (ops.Matmul(), (4,), (4,)),
    (ops.Max(), IMAGE),
    (ops.Max((2, 3)), (N, 3, H, W)),
    (ops.Max(-1, keepdim=True), (N, 5)),
    (ops.Max(), ()),
    (ops.MaxPool(2), IMAGE),
    (ops.MaxPool(3, 2, 1), IMAGE),
    (ops.MaxPool(3, 2, dilation=2), (N, 2, 9)),
    (ops.MaxPool(3, 2, dilation=2, ceil_mode=True), (N, 2, 8)),
    (ops.MaxPool(3, 2, 1, 2), (N, 2, 9, 9)),
    (ops.MaxPool(2, 2, 1, 3, ceil_mode=True), (N, 2, 9, 8)),
    (ops.MaxPool(2, 3, 1, ceil_mode=True), (N, 2, 5, 5)),
    (ops.MaxPool((3, 2), (2, 1), (1, 0), ceil_mode=True), (N, 2, 8, 8)),
    (ops.MaxPool(2), (N, 2, 4, 5, 6)),
    (ops.MaxPool(3, 2, 1, ceil_mode=True), (N, 2, H, W)),
    (ops.MaxPool(2), (N, 2, 4 * H, 2 * W)),
    (ops.Mean(), IMAGE),
    (ops.Mean((2, 3)), IMAGE),
    (ops.Mean((-1, -2), keepdim=True), IMAGE),
    (ops.Mean(1), (N, H, 4)),
    (ops.Mean(keepdim=True), (N, 4)),
    (ops.Min(1), (N, H, 4)),
    (ops.Min((0, -1), keepdim=True), (N, 5, 3)),
    (ops.Mish(), (N, 5)),
    (ops.Mul(), (N, 3, 4), (N, 1, 4)),
    (ops.Mul(), (N, 4), (N, 4), (4,)),
    (ops.Ones((N, 2)),),
    (ops.Ones((3,), dtype="bool"),),
    (ops.Pad((1, 2)), IMAGE),
    (ops.Pad((1, 2, 0, 3), value=0.5), IMAGE),
    (ops.Pad((0, 0, 0, 1, 0, 1)), (N, 9, 7, 3)),
    (ops.Pad((-1, 2, 3, -4), value=-1.0), IMAGE),
    (ops.Pad((1, -2, 0, 0, 1, 1, -1, 1)), (3, 2, 4, 5)),
    (ops.Pad((1, 1)), (N, H)),
    (ops.Pad((0, W % 2, 0, H % 2)), (N, 2, H, W)),
    (ops.Pad((H, -1)), (N, H)),
    (ops.Pad((2, 1, 1, 0), "reflect"), IMAGE),
    (ops.Pad((2, -3, -1, 1), "reflect"), IMAGE),
    (ops.Pad((3, 1), "reflect"), (N, 8)),
    (ops.Pad((1, 1), "reflect"), (N, 3, H)),
    (ops.Pad((2, 9, 1, 0), "replicate"), IMAGE),
    (ops.Pad((-2, 9, 1, 0, 2, -1), "replicate"), (N, 2, 3, 4, 5)),
    (ops.Pad((1, 2, 1, 1), "replicate"), (N, 3, H, W)),
    (ops.Pad((7, 2, 1, 0), "circular"), IMAGE),
    (ops.Pad((2, -3, -1, 1), "circular"), IMAGE),
    (ops.Pad((2, 1), "circular"), (N, 3, H)),
    (ops.Pad((2, 1), "circular"), (N, 5)),
    (ops.Parameter((3, 4)),),
    (ops.Parameter((1, 2, 3), init="zeros"),),
    (ops.Parameter((5,), init="ones"),),
    (ops.Parameter((7, 1, 1), init=1e-6),),
    (ops.Parameter((2, 2), init=-0.5, dtype="f16"),),
    (ops.Parameter((2,), std=0.5, dtype="f64"),),
    (ops.Parameter(()),),
    (ops.Permute((0, 2, 3, 1)), IMAGE),
    (ops.Permute((-1, 0, 1)), (N, 3, H)),
    (ops.Permute(()), ()),
    (ops.PixelShuffle(2), (N, 12, 3, 5)),
    (ops.PixelShuffle(3), (N, 9, H, W)),
    (ops.PixelUnshuffle(2), (N, 3, 4, 6)),
    (ops.PixelUnshuffle(3), (N, 2, 3 * H, 6 * W)),
    (ops.PixelUnshuffle(1), (N, 2, H, 3)),
    (ops.Pow(2.0), (N, 5)),
    (ops.Pow(-1.0), (N, 5)),
    (ops.Pow(), (N, 3, 1), (1, 4)),
    (ops.Pow(), (N, H), (N, H)),
    (ops.Prelu(), (N, 5)),
    (ops.Prelu(3, 0.1), IMAGE),
    (ops.Prelu(3), (N, 3, H)),
    (ops.Prelu(5), (N, 5)),
    (ops.Prelu(), (N, H, W)),
    (ops.Prelu(), (4,)),
    (ops.Prelu(init=-0.5), ()),
    (ops.RelativePositionBias(2, 3),),
    (ops.RelativePositionBias(4, (1, 5)),),
    (ops.Relu(), (N, 5)),
    (ops.Relu6(), (N, 5)),
    (ops.Reshape((N, 21, 9)), IMAGE),
    (ops.Reshape((-1, 3, 63)), IMAGE),
    (ops.Reshape((N, 3, -1)), (N, 3, H, W)),
    (ops.Reshape((N, H, 2, 4)), (N, H, 8)),
    (ops.Reshape((N * H, 8)), (N, H, 8)),
    (ops.Reshape((H, N, 8)), (N, H, 8)),
    (ops.Reshape((H, N, W, 3)), (N, W, 3 * H + 6 - 6)),
    (ops.Reshape((-1,)), (N, 4)),
    (ops.Reshape(()), (1, 1)),
    (ops.RmsNorm(), (N, 7)),
    (ops.RmsNorm(0.5), (N, H, 8)),
    (ops.RmsNorm(dims=2), (N, 3, 5, 7)),
    (ops.RmsNorm(elementwise_affine=False), (N, 3, H)),
    (ops.RmsNorm(1e-6, False, dims=3), (N, H, 3, W)),
    (ops.Roll((-3, 3), (1, 2)), (N, 9, 7, 3)),
    (ops.Roll(17, -1), IMAGE),
    (ops.Roll(-5), (N, 3, 4)),
    (ops.Roll(2), (3, 4)),
    (ops.Roll((1, 2), (1, -2)), (N, 5, 3)),
    (ops.Roll((1, -40), (0, 1)), (N, H)),
    (ops.Roll((H // 2, W), (-2, -1)), (N, 2, H, W)),
    (ops.Roll(-3, 1), (N, H + 2)),
    (ops.ScaledDotProductAttention(), *[(N, 2, 5, 8)] * 3),
    (ops.ScaledDotProductAttention(is_causal=True), *[(N, 2, H, 4)] * 3),
    (ops.ScaledDotProductAttention(0.5), (N, 5, 8), (N, 3, 8), (N, 3, 6)),
    (ops.ScaledDotProductAttention(0.5, True, scale=0.5), *[(N, 2, 5, 8)] * 3),
    (ops.ScaledDotProductAttention(scale=2.0), (N, 2, 5, 4), (1, 2, H, 4), (2, H, 3), (5, H)),
    (ops.Selu(), (N, 5)),
    (ops.Selu(), (N, 3, H)),
    (ops.Sigmoid(), (N, 5)),
    (ops.Silu(), (N, 5)),
    (ops.Sin(), (N, 3, H)),
    (ops.Slice((FULL, 0)), IMAGE),
    (ops.Slice((FULL, FULL, (1, None, None), (1, -1, None))), IMAGE),
    (ops.Slice((FULL, -1, (None, None, 2))), IMAGE),
    (ops.Slice(((None, 1, None),)), IMAGE),
    (ops.Slice((0,)), IMAGE),
    (ops.Slice((FULL, (-3, None, None), (0, 99, 3))), (N, 5, 8)),
    (ops.Slice((FULL, (1, None, 2))), (N, H)),
    (ops.Slice((FULL, (None, H, None))), (N, 40, H)),
    (ops.Slice((FULL, H - 1)), (N, H, 2)),
    (ops.Softmax(1), IMAGE),
    (ops.Softmax(-1), (N, 5)),
    (ops.Softplus(), (N, 5)),
    (ops.Softplus(2.0, 1.5), (N, 3, 4)),
    (ops.Split(2, 1), (N, 5, 3)),
    (ops.Split(3, 1), (N, 6, 3)),
    (ops.Split((1, 2, 3), -1), (N, 5, 6)),
    (ops.Split(H, 1), (N, 3 * H)),
    (ops.Split((H, 2), 1), (N, H + 2)),
    (ops.Split(5, 1), (N, 5)),
    (ops.Squeeze(1), (N, 1, 5)),
    (ops.Squeeze((-1, 1)), (N, 1, H, 1)),
    (ops.Squeeze(0), (1, N)),
    (ops.Stack(), (N, 3), (N, 3)),
    (ops.Stack(-1), (N, H), (N, H), (N, H)),
    (ops.StochasticDepth(0.4), IMAGE),
    (ops.StochasticDepth(0.5, "batch"), (N, H, 4)),
    (ops.StochasticDepth(0.0), (N, 5)),
    (ops.StochasticDepth(1.0, "row"), (N, 5)),
    (ops.Sub(), (N, 3, 4), (3, 1)),
    (ops.Sum(), IMAGE),
    (ops.Sum((2, 3)), (N, 3, H, W)),
    (ops.Sum((-1, 0), keepdim=True), (N, 3, 4)),
    (ops.Sum(-1), (5,)),
    (ops.Tanh(), (N, 5)),
    (ops.Transpose(1, 2), (N, 3, H)),
    (ops.Transpose(-1, 0), (N, 3, 4)),
    (ops.Unsqueeze(1), (N, H)),
    (ops.Unsqueeze(-1), (N, 3)),
    (ops.Unsqueeze(0), ()),
    (ops.WindowAttention(2, 4, 2), (N, 8, 8, 6)),
    (ops.WindowAttention(3, (4, 3), (2, 1)), (N, 7, 10, 6)),
    (ops.WindowAttention(1, 7, 3, qkv_bias=False, attention_dropout=0.2), (N, 3, 5, 4)),
    (ops.WindowAttention(2, (2, 4), (1, 0), proj_bias=False, dropout=0.1), (N, 5, 9, 4)),
    (ops.WindowAttention(2, (2, 4), (0, 2)), (N, 5, 9, 4)),
    (ops.WindowAttention(2, 4, 2, 2), (N, 8, 8, 6)),
    (ops.WindowAttention(3, (4, 3), (2, 1), 2), (N, 7, 10, 6)),
    (ops.WindowAttention(1, 7, 3, 2, qkv_bias=False), (N, 3, 5, 4)),
    (ops.Zeros((N, 64)),),
    (ops.Zeros((2, 3)),),
    (ops.Zeros((N, 2 * H, 3), dtype="i64"),),
    (ops.Zeros(()),),
    (ops.ZerosLike(), (N, 3, H)),
    (ops.ZerosLike(), ()),
]


@dataclass(frozen=True)
class Sample:
    """An operator and the types of its inputs."""

    op: ops.Operator
    types: tuple[TensorType, ...]

    def __str__(self) -> str:
        return f"{ops.written(self.op)} {' '.join(map(str, self.types))}"

    def types_at(self, batch: int, *, graph: bool = False) -> tuple[TensorType, ...]:
        """The types with a batch size and the other sizes known, of the operator's inputs or of the graph's."""
        kinds = self.graph_types if graph else self.types
        return tuple(kind.substitute({"N": batch, "H": 11, "W": 6}) for kind in kinds)

    @property
    def graph_types(self) -> tuple[TensorType, ...]:
        """The types of the graph's inputs: the operator's, and one of the sizes that only its attributes name."""
        asked = {name for kind in self.op.infer(*self.types) for name in kind.symbols}
        known = {name for kind in self.types for name in kind.symbols}
        more = tuple(symbol(name) for name in sorted(asked - known, reverse=True))
        return (*self.types, TensorType(more)) if more or not self.types else self.types

    @property
    def graph(self) -> Graph:
        """The graph of this one node, called `layer`."""
        build = GraphBuilder("sample")
        given = [build.input(f"x{i}", kind) for i, kind in enumerate(self.graph_types)]
        inputs = given[: len(self.types)]
        for i, value in enumerate(build.add(self.op, inputs, "layer", Scope("arch", "sample"))):
            build.output(f"y{i}", value)
        return build.finish()


SAMPLES = [Sample(op, tuple(TensorType(shape) for shape in shapes)) for op, *shapes in ROWS]
SAMPLES.append(Sample(ops.Add(), (TensorType((N, 2), DType.I64),) * 2))
SAMPLES.append(Sample(ops.Pad((1, 0), value=3.0), (TensorType((N, 2), DType.I64),)))
SAMPLES.append(Sample(ops.Roll(1, 1), (TensorType((N, 3), DType.BOOL),)))
SAMPLES += [
    Sample(op, (*before, TensorType((N, H), kind)))
    for kind in (DType.I64, DType.I32)
    for op, *before in (
        (ops.Embedding(20, 4),),
        (ops.Embedding(20, 3, padding_idx=1),),
        (ops.Embedding(20, 3, -20),),
        (ops.Lookup(), TensorType((20, 3))),
    )
]
SAMPLES += [
    Sample(op, (TensorType((N, 6, 5), kind),))
    for kind in (DType.F16, DType.F64)
    for op in (
        *(ops.RmsNorm(), ops.RmsNorm(elementwise_affine=False), ops.L2Normalize(), ops.Clamp(0.0), ops.Hardtanh()),
        *(ops.Max(1), ops.Sum(1), ops.Sin(), ops.Cos()),
    )
]
SAMPLES += [
    Sample(op, (TensorType((N, 6, 5), DType.F16),))
    for op in (ops.Celu(0.5), ops.Selu(), ops.LogSigmoid(), ops.LocalResponseNorm(4), ops.Prelu(6), ops.Glu(1))
]
SAMPLES += [Sample(op, (TensorType((N, 1), DType.I64),)) for op in (ops.Squeeze(1), ops.Unsqueeze(1))]
SAMPLES += [
    Sample(op, (TensorType(IMAGE, DType.F16),))
    for op in (
        ops.LocalResponseNorm(3, 0.5),
        ops.Interpolate((5, 17), mode="bilinear", antialias=True),
        ops.Interpolate(scale_factor=(0.4, 1.7), mode="bicubic", antialias=True),
    )
]
MASK = TensorType((N, 1, 5, 5), DType.BOOL)
SAMPLES.append(Sample(ops.ScaledDotProductAttention(), (*[TensorType((N, 2, 5, 8))] * 3, MASK)))
SAMPLES.append(Sample(ops.Interpolate((5, 4), mode="bilinear"), (TensorType((N, 2, 3, 7), DType.F64),)))
SAMPLES.append(Sample(ops.WindowAttention(2, 4, 2, 2), (TensorType((N, 6, 6, 4), DType.F64),)))
SAMPLES.append(Sample(ops.PixelUnshuffle(2), (TensorType((N, 2, 2, 6), DType.I64),)))
SAMPLES.append(Sample(ops.Identity(), (TensorType((N, 2), DType.BOOL),)))
SAMPLES.append(Sample(ops.Conv(2, 3), (TensorType((N, 2, 5, 5), DType.F64),)))
SAMPLES.append(Sample(ops.BatchNorm(), (TensorType((N, 2, 5, 5), DType.F64),)))
SAMPLES.append(Sample(ops.Attention(2), (TensorType((N, 5, 4), DType.F64),)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "sample" in metafunc.fixturenames:
        metafunc.parametrize("sample", SAMPLES, ids=str)


@pytest.fixture
def samples() -> list[Sample]:
    return SAMPLES
