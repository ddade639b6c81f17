"""Calls that make no sense are refused in the words of who wrote them."""

import pytest

from ghndsl import ops
from ghndsl.ops import ShapeError
from ghndsl.types import DType, TensorType, symbol

N, C, H = symbol("N"), symbol("C"), symbol("H")

SHAPES = [
    (ops.Conv(8, 7), [(N, 3, 3, 9)], "`conv` with kernel 7 does not fit an input of size 3 (padding 0)"),
    (
        ops.Conv(8, 3, padding=1, dilation=4),
        [(N, 3, 9, 5)],
        "`conv` with kernel 3, dilation 4, does not fit an input of size 5 (padding 1)",
    ),
    (ops.Conv(8, 3), [(N, 3)], "`conv` needs a batch, channels and one to three spatial dimensions, not [N, 3]"),
    (
        ops.Conv(8, (3, 3)),
        [(N, 3, 9)],
        "`kernel_size` of `conv` has 2 numbers, and its input has 1 spatial dimension",
    ),
    (ops.Conv(8, 3), [(N, C, 9, 9)], "`conv` makes weights for its input's channels, and C is not known"),
    (ops.Conv(9, 3, groups=3), [(N, 64, 9, 9)], "`groups` 3 does not divide 64 channels"),
    (
        ops.Conv(8, 3, 2, "same"),
        [(N, 3, H, 9)],
        '`conv` with padding "same" and a stride needs a known input size, not H',
    ),
    (
        ops.Conv(8, 7, padding=3, padding_mode="reflect"),
        [(N, 3, 3, 9)],
        "`conv` cannot pad an input of size 3 by 3 in mode reflect",
    ),
    (
        ops.Conv(8, 9, padding=4, padding_mode="circular"),
        [(N, 3, 3, 9)],
        "`conv` cannot pad an input of size 3 by 4 in mode circular",
    ),
    (ops.MaxPool(3), [(N, 3, 2, 2)], "`max_pool` with kernel 3 does not fit an input of size 2 (padding 0)"),
    (ops.MaxPool(3, padding=2), [(N, 3, 9, 9)], "`padding` 2 of `max_pool` is more than half of its kernel 3"),
    (
        ops.MaxPool(2, 3, ceil_mode=True),
        [(N, 3, H, 9)],
        "`max_pool` with `ceil_mode` and these strides needs a known input size, not H",
    ),
    (ops.AvgPool((2, 2)), [(N, 3, 9)], "`kernel_size` of `avg_pool` has 2 numbers"),
    (
        ops.AvgPool(2, divisor_override=3),
        [(N, 3, 9)],
        "`avg_pool` over one dimension takes no `divisor_override`",
    ),
    (
        ops.AvgPool(2, padding=1),
        [(N, 3, 4, 4, 1)],
        "`avg_pool` over three dimensions with kernel 2 cannot take size 1",
    ),
    (ops.AdaptiveAvgPool((1, 1)), [(N, 3, 9)], "`output_size` of `adaptive_avg_pool` has 2 numbers"),
    (ops.AdaptiveMaxPool((1, 1)), [(N, 3, 9)], "`output_size` of `adaptive_max_pool` has 2 numbers"),
    (ops.BatchNorm(), [(N,)], "`batch_norm` needs a batch, channels and up to three more, not [N]"),
    (ops.BatchNorm(), [(N, C, 9, 9)], "`batch_norm` makes weights for its input's channels, and C is not known"),
    (ops.LayerNorm(dims=3), [(N, 4)], "`layer_norm` over 3 dimensions cannot take the shape [N, 4]"),
    (ops.LayerNorm(), [(N, H)], "`layer_norm` makes weights for its input's last dimensions, and H is not known"),
    (ops.GroupNorm(4), [(N, 6, 9)], "`num_groups` 4 does not divide 6 channels"),
    (ops.Linear(4), [()], "`linear` needs at least one dimension"),
    (ops.Linear(4), [(N, H)], "`linear` makes weights for its input's last dimension, and H is not known"),
    (
        ops.Add(),
        [(N, 64, 56, 56), (N, 128, 28, 28)],
        "`add` cannot join shapes [N, 64, 56, 56] and [N, 128, 28, 28]",
    ),
    (ops.Mul(), [(N, H), (N, symbol("W"))], "`mul` cannot join shapes [N, H] and [N, W]"),
    (ops.Add(), [], "`add` needs at least one tensor"),
    (
        ops.Concat(),
        [(N, 3, 4), (N, 3, 5)],
        "`concat` cannot join shapes [N, 3, 4] and [N, 3, 5] along dimension 1",
    ),
    (ops.Concat(3), [(N, 3, 4)], "`dim` 3 of `concat` is not a dimension of a tensor of rank 3"),
    (ops.Concat(), [], "`concat` needs at least one tensor"),
    (ops.Stack(), [(N, 3), (N, 4)], "`stack` needs tensors of one type, not f32[N, 3] and f32[N, 4]"),
    (ops.Matmul(), [(N, 3, 4), (5, 6)], "`matmul` cannot multiply [N, 3, 4] by [5, 6]: 4 is not 5"),
    (ops.Split((2, 3), 1), [(N, 6)], "`split` into [2, 3] does not add up to the size 6 of dimension 1"),
    (ops.Split(2, 1), [(N, H)], "`split` cannot tell how many parts of 2 a size of H has"),
    (ops.Reshape((N, 5)), [(N, 3, 2)], "`reshape` cannot give [N, 5] to the 6*N elements of [N, 3, 2]"),
    (ops.Reshape((1, 6)), [(N, 3, 2)], "`reshape` cannot give [1, 6] to the 6*N elements of [N, 3, 2]"),
    (ops.Permute((0, 0, 1)), [(N, 3, 4)], "`permute` must name each dimension of [N, 3, 4] once, not (0, 0, 1)"),
    (ops.Transpose(0, 3), [(N, 3)], "`dim1` 3 of `transpose` is not a dimension of a tensor of rank 2"),
    (ops.Flatten(2, 1), [(N, 3, 4)], "`flatten` from 2 to 1 is empty in rank 3"),
    (ops.Mean((1, -1)), [(N, 3)], "`dim` (1, -1) of `mean` names a dimension twice"),
    (ops.Sum(2), [(N, 3)], "`dim` 2 of `sum` is not a dimension of a tensor of rank 2"),
    (ops.Max((0, 0)), [(N, 3)], "`dim` (0, 0) of `max` names a dimension twice"),
    (ops.Min(0), [()], "`dim` 0 of `min` is not a dimension of a tensor of rank 0"),
    (ops.L2Normalize(), [(7,)], "`dim` 1 of `l2_normalize` is not a dimension of a tensor of rank 1"),
    (ops.L2Normalize((1, 1)), [(N, 7)], "`dim` (1, 1) of `l2_normalize` names a dimension twice"),
    (ops.Glu(), [(N, 5)], "`glu` halves dimension -1, and its size 5 is not certain to be even"),
    (ops.Glu(1), [(N, H)], "`glu` halves dimension 1, and its size H is not certain to be even"),
    (ops.Glu(2), [(N, 4)], "`dim` 2 of `glu` is not a dimension of a tensor of rank 2"),
    (ops.Prelu(4), [(N, 3, 9)], "`num_parameters` 4 of `prelu` is neither 1 nor the 3 channels of its input"),
    (ops.Prelu(4), [(4,)], "`num_parameters` 4 of `prelu` is neither 1 nor the 1 channel of its input"),
    (ops.Prelu(4), [(N, C, 9)], "`prelu` makes weights for its input's channels, and C is not known"),
    (ops.RmsNorm(dims=3), [(N, 4)], "`rms_norm` over 3 dimensions cannot take the shape [N, 4]"),
    (ops.RmsNorm(), [(N, H)], "`rms_norm` makes weights for its input's last dimensions, and H is not known"),
    (
        ops.LocalResponseNorm(3),
        [(N, 3)],
        "`local_response_norm` needs a batch, channels and at least one more dimension, not [N, 3]",
    ),
    (ops.Squeeze(1), [(N, 3, 1)], "`squeeze` takes out dimensions of size 1, and that of 1 is 3"),
    (ops.Squeeze((-1, 1)), [(N, H, 1)], "`squeeze` takes out dimensions of size 1, and that of 1 is H"),
    (ops.Squeeze((1, -1)), [(N, 1)], "`dim` (1, -1) of `squeeze` names a dimension twice"),
    (ops.Unsqueeze(3), [(N, 3)], "`dim` 3 of `unsqueeze` is not a dimension of a tensor of rank 3"),
    (ops.Pow(), [(N, 3)], "`pow` takes one `exponent`: a number or a second tensor"),
    (ops.Pow(2.0), [(N, 3), (N, 3)], "`pow` takes one `exponent`: a number or a second tensor"),
    (ops.Pow(), [(N, 3), (N, 4)], "`pow` cannot join shapes [N, 3] and [N, 4]"),
    (ops.Pad((1, 1) * 3), [(N, 3)], "`pad` of 3 dimensions cannot take the shape [N, 3]"),
    (ops.Pad((-2, -1)), [(N, 3)], "`pad` leaves nothing of the shape [N, 3]"),
    (ops.Pad((-4, 9)), [(N, 3)], "`pad` cannot cut 4 off a size of 3"),
    (ops.Pad((0, -1 * H)), [(N, H)], "`pad` leaves nothing of the shape [N, H]"),
    (ops.Pad((3, 0), "reflect"), [(N, 3)], "`pad` cannot pad a size of 3 by 3 in mode reflect"),
    (ops.Pad((4, 0), "circular"), [(N, 3)], "`pad` cannot pad a size of 3 by 4 in mode circular"),
    (ops.Pad((2, -2), "circular"), [(N, 3)], "`pad` cannot pad a size of 1 by 2 in mode circular"),
    (ops.Pad((-3, 1), "circular"), [(N, 3)], "`pad` cannot cut 3 off a size of 3"),
    (
        ops.Pad((1, 1), "replicate"),
        [(N, 3, 9, 9)],
        "`pad` in mode replicate pads all but a batch and channels, not 1 dimension of [N, 3, 9, 9]",
    ),
    (ops.Roll((1, 1), (0, 2)), [(N, 3)], "`dims` 2 of `roll` is not a dimension of a tensor of rank 2"),
    (ops.StochasticDepth(0.5), [()], "`stochastic_depth` needs a batch of rows, not a single number"),
    (ops.PixelShuffle(2), [(N, 6, 9, 9)], "`pixel_shuffle` by 2 takes channels in groups of 4, not 6"),
    (ops.PixelShuffle(2), [(N, 4, 9)], "`pixel_shuffle` takes a tensor [N, C, H, W], not [N, 4, 9]"),
    (ops.PixelUnshuffle(2), [(N, 4, 9, 8)], "`pixel_unshuffle` by 2 does not divide a size of 9"),
    (ops.PixelUnshuffle(2), [(N, 4, 8, H)], "`pixel_unshuffle` by 2 does not divide a size of H"),
    (ops.ChannelShuffle(4), [(N, 6, 9)], "`groups` 4 does not divide 6 channels"),
    (
        ops.ChannelShuffle(2),
        [(N, 6)],
        "`channel_shuffle` takes channels over one dimension or more, not [N, 6]",
    ),
    (
        ops.Interpolate(9, mode="bilinear"),
        [(N, 3, 4)],
        "`interpolate` in mode bilinear cannot take the shape [N, 3, 4]",
    ),
    (ops.Interpolate((9, 9, 9)), [(N, 3, 4, 4)], "`size` of `interpolate` has 3 numbers, and its input has 2 spatial"),
    (ops.Interpolate(scale_factor=1.7), [(N, 3, H)], "`interpolate` by 1.7 needs a known input size, not H"),
    (
        ops.Interpolate(scale_factor=(2.0, 1.1), mode="bilinear"),
        [(N, 3, 9, 6)],
        "`interpolate` by 1.1 leaves the size 6, where torch's kernels disagree",
    ),
    (
        ops.Interpolate(scale_factor=1.1),
        [(N, 1, 200, 2)],
        "`interpolate` by 1.1 leaves the size 2, where torch's kernels disagree",
    ),
    (ops.Interpolate(scale_factor=0.1), [(N, 3, 9)], "`interpolate` leaves nothing of the shape [N, 3, 9]"),
    (ops.Interpolate(scale_factor=2.0), [(N, 3)], "`interpolate` needs a batch, channels and one to three spatial"),
    (
        ops.Interpolate((4, 1), mode="bilinear", antialias=True),
        [(N, 3, 4, 4)],
        "`interpolate` with `antialias` to a width of 1 is not to be had",
    ),
    (ops.Softmax(2), [(N, 3)], "`dim` 2 of `softmax` is not a dimension of a tensor of rank 2"),
    (
        ops.Split(1, 1),
        [(N, 10**9)],
        "`split` into parts of 1 makes 1,000,000,000 of a size of 1000000000; at most 10,000",
    ),
    (
        ops.ConvTranspose(4, 3, padding=6),
        [(N, 3, 9)],
        "`conv_transpose` with padding 6 leaves nothing of an input of size 9",
    ),
    (
        ops.ConvTranspose(4, 3, output_padding=1),
        [(N, 3, 9)],
        "`output_padding` 1 is not below the stride or the dilation",
    ),
    (ops.InstanceNorm(), [(N, 3, 1, 1)], "`instance_norm` needs more than one place in a channel, not f32[N, 3, 1, 1]"),
    (
        ops.ScaledDotProductAttention(),
        [(N, 5, 8), (N, 5, 6), (N, 5, 8)],
        "`scaled_dot_product_attention` takes [..., T, E]",
    ),
    (
        ops.ScaledDotProductAttention(),
        [(N, 2, 5, 8), (N, 2, 6, 8), (N, 2, 6, 8), (6,)],
        "the mask of `scaled_dot_product_attention` is [..., T, S], not [6]",
    ),
    (
        ops.ScaledDotProductAttention(),
        [(5, 8), (6, 8), (N, 6, 8), (N, 5, 6)],
        "the mask [N, 5, 6] does not fit [5, 6]",
    ),
    (ops.GroupNorm(1), [(1, 1)], "`group_norm` needs more than one number in a group, not f32[1, 1] in 1 groups"),
    (ops.GroupNorm(4), [(N, 4, 1, 1)], "`group_norm` needs more than one number in a group"),
    (ops.Arange((200,), dtype="i8"), [], "`arange` comes to 199, which is no i8"),
    (ops.Arange((-3, 0), dtype="u8"), [], "`arange` comes to -3, which is no u8"),
    (ops.Arange((-3, H), dtype="u8"), [], "`arange` comes to -3, which is no u8"),
    (ops.Arange((0, 99_999, 7), dtype="f16"), [], "`arange` comes to 99995, which is no f16"),
    (ops.Lstm(4), [(N, 8)], "`lstm` takes a tensor [T, N, D], not [N, 8]"),
    (ops.GruCell(4), [(N, 8), (N, 3)], "the states of `gru_cell` are f32[N, 4], not f32[N, 3]"),
    (ops.Arange((4, 2)), [], "`arange` from 4 to 2 by 1 is empty"),
    (ops.Constant(((1, 2), (3,))), [], "the lists in `values` have several lengths"),
    (ops.Constant(((), ())), [], "a list in `values` is empty"),
    (ops.Slice((0, 5)), [(N, 3)], "index 5 is out of range for a dimension of size 3"),
    (ops.Slice((0, 0, 0)), [(N, 3)], "3 indices are too many for the shape [N, 3]"),
    (ops.Slice((0, (2, 1, None))), [(N, 3)], "the slice 2:1 of a dimension of size 3 is empty"),
    (
        ops.Slice(((None, 5, None),)),
        [(N, 3)],
        "a slice with bound 5 cannot tell its size from a dimension of size N",
    ),
    (ops.Slice(((2 * H, None, None),)), [(H,)], "the slice 2*H: of a dimension of size H is empty"),
    (ops.Slice(((H, -1 * H, None),)), [(2 * H,)], "the slice H:-H of a dimension of size 2*H is empty"),
    (
        ops.Slice(((2, None, None),)),
        [(H,)],
        "a slice with bounds 2: cannot tell its size from a dimension of size H",
    ),
    (
        ops.Slice(((None, -1 * H, None),)),
        [(9,)],
        "a slice with bounds :-H cannot tell its size from a dimension of size 9",
    ),
    (
        ops.Slice(((-1 * H, None, None),)),
        [(N,)],
        "a slice with bound -H cannot tell its size from a dimension of size N",
    ),
    (
        ops.Slice(((H - N, None, None),)),
        [(9,)],
        "whether H - N counts from the front or the end is not known: it may be negative or not",
    ),
    (ops.Slice((H,)), [(H,)], "index H is out of range for a dimension of size H"),
    (ops.Slice((-1 * H - 1,)), [(H,)], "index -H - 1 is out of range for a dimension of size H"),
    (ops.Arange((H, 1)), [], "`arange` from H to 1 by 1 is empty"),
    (ops.Arange((H, 0, 2)), [], "`arange` from H to 0 by 2 is empty"),
]


@pytest.mark.parametrize(("op", "shapes", "message"), SHAPES, ids=lambda value: getattr(value, "name", None))
def test_shapes_are_refused(op, shapes, message) -> None:
    with pytest.raises(ShapeError) as caught:
        op.infer(*map(TensorType, shapes))
    assert str(caught.value).startswith(message)


DTYPES = [
    (ops.Relu(), [DType.I64], "`relu` needs a tensor of floats, not i64"),
    (ops.Conv(2, 1), [DType.U8], "`conv` needs a tensor of floats, not u8"),
    (ops.Linear(2), [DType.BOOL], "`linear` needs a tensor of floats, not bool"),
    (ops.StochasticDepth(0.5), [DType.I32], "`stochastic_depth` needs a tensor of floats, not i32"),
    (ops.Pad((1, 1), value=0.5), [DType.I32], "`value` of `pad` is 0.5, which is no i32"),
    (ops.Pad((1, 1, 1, 1), "reflect"), [DType.I32], "`pad` needs a tensor of floats, not i32"),
    (ops.WindowAttention(1, 2), [DType.I32], "`window_attention` needs a tensor of floats, not i32"),
    (ops.Mean(), [DType.I32], "`mean` needs a tensor of floats, not i32"),
    (ops.Sum(), [DType.BOOL], "`sum` needs a tensor of floats, not bool"),
    (ops.Max(), [DType.I64], "`max` needs a tensor of floats, not i64"),
    (ops.Clamp(0.0), [DType.U8], "`clamp` needs a tensor of floats, not u8"),
    (ops.Clamp(max=1e6), [DType.F16], "the number 1e+06 is too large for f16"),
    (ops.Hardtanh(-1e5, 1.0), [DType.F16], "the number -100000 is too large for f16"),
    (ops.Prelu(init=1e5), [DType.F16], "the number 100000 is too large for f16"),
    (ops.LeakyRelu(1e300), [DType.F32], "the number 1e+300 is too large for f32"),
    (ops.Elu(-1e300), [DType.F32], "the number -1e+300 is too large for f32"),
    (ops.Celu(1e300), [DType.F32], "the number 1e+300 is too large for f32"),
    (ops.Celu(1e-300), [DType.F32], "`alpha` 1e-300 of `celu` is too small for f32"),
    (ops.Celu(1e-5), [DType.F16], "`alpha` 1e-05 of `celu` is too small for f16"),
    (ops.Softplus(1e300), [DType.F32], "the number 1e+300 is too large for f32"),
    (ops.Softplus(1.0, 1e300), [DType.F32], "the number 1e+300 is too large for f32"),
    (ops.Pow(1e5), [DType.F16], "the number 100000 is too large for f16"),
    (
        ops.ScaledDotProductAttention(scale=1e300),
        [DType.F32, DType.F32, DType.F32],
        "the number 1e+300 is too large for f32",
    ),
    (ops.LocalResponseNorm(3, k=1e5), [DType.F16], "the number 100000 is too large for f16"),
    (ops.RmsNorm(), [DType.I64], "`rms_norm` needs a tensor of floats, not i64"),
    (ops.Pow(), [DType.F32, DType.F64], "`pow` needs tensors of one element type, not f32 and f64"),
    (ops.Pow(), [DType.F32, DType.I64], "`pow` needs a tensor of floats, not i64"),
    (ops.Add(), [DType.F32, DType.I64], "`add` needs tensors of one element type, not f32 and i64"),
    (ops.Add(), [DType.BOOL, DType.BOOL], "`add` needs tensors of numbers, not bool"),
    (ops.Div(), [DType.I64, DType.I64], "`div` needs a tensor of floats, not i64"),
    (ops.Matmul(), [DType.F32, DType.F64], "`matmul` needs tensors of one element type, not f32 and f64"),
    (ops.Concat(), [DType.F32, DType.F64], "`concat` needs tensors of one element type, not f32 and f64"),
]


@pytest.mark.parametrize(("op", "dtypes", "message"), DTYPES, ids=lambda value: getattr(value, "name", None))
def test_element_types_are_refused(op, dtypes, message) -> None:
    with pytest.raises(ShapeError) as caught:
        op.infer(*(TensorType((1, 4, 4, 4), dtype) for dtype in dtypes))
    assert str(caught.value) == message


ATTRIBUTES = [
    (
        ops.Full,
        {"size": (3,), "fill_value": 1e6, "dtype": "f16"},
        "`fill_value` of `full` holds 1000000.0, which is no f16",
    ),
    (ops.Full, {"size": (3,), "fill_value": 1e300}, "`fill_value` of `full` holds 1e+300, which is no f32"),
    (
        ops.Full,
        {"size": (3,), "fill_value": 3.4e38, "dtype": "bf16"},
        "`fill_value` of `full` holds 3.4e+38, which is no bf16",
    ),
    (ops.Constant, {"values": (0.0, -1e300)}, "`values` of `constant` holds -1e+300, which is no f32"),
    (ops.Conv, {"out_channels": 0, "kernel_size": 3}, "`out_channels` must be at least 1, not 0"),
    (ops.Conv, {"out_channels": 8, "kernel_size": (3, 0)}, "`kernel_size` must be at least 1, not (3, 0)"),
    (ops.Conv, {"out_channels": 8, "kernel_size": 3, "stride": 0}, "`stride` must be at least 1, not 0"),
    (ops.Conv, {"out_channels": 8, "kernel_size": 3, "padding": -1}, "`padding` must be at least 0, not -1"),
    (ops.Conv, {"out_channels": 64, "kernel_size": 3, "groups": 3}, "`groups` 3 does not divide `out_channels` 64"),
    (ops.MaxPool, {"kernel_size": 2, "dilation": 0}, "`dilation` must be at least 1, not 0"),
    (ops.AvgPool, {"kernel_size": 2, "divisor_override": 0}, "`divisor_override` must be at least 1, not 0"),
    (ops.AdaptiveAvgPool, {"output_size": (1, 0)}, "`output_size` must be at least 1, not (1, 0)"),
    (ops.LayerNorm, {"dims": 0}, "`dims` must be at least 1, not 0"),
    (ops.Linear, {"out_features": -3}, "`out_features` must be at least 1, not -3"),
    (ops.Dropout, {"p": 1.5}, "`p` of `dropout` is a probability, not 1.5"),
    (ops.Reshape, {"shape": (-1, -1)}, "only one size in `reshape` may be -1"),
    (ops.Reshape, {"shape": (0, 2)}, "a size in `reshape` must be at least 1, or -1 once, not 0"),
    (ops.Split, {"split_size_or_sections": (2, 0)}, "a part of `split` must have a size of at least 1, not 0"),
    (ops.Split, {"split_size_or_sections": ()}, "`split` needs at least one section"),
    (ops.Mean, {"dim": ()}, "`dim` of `mean` names no dimension; leave it out to take them all"),
    (ops.Sum, {"dim": ()}, "`dim` of `sum` names no dimension; leave it out to take them all"),
    (ops.Squeeze, {"dim": ()}, "`dim` of `squeeze` names no dimension"),
    (ops.L2Normalize, {"dim": ()}, "`dim` of `l2_normalize` names no dimension"),
    (ops.Celu, {"alpha": 0.0}, "`alpha` of `celu` must be above 0, not 0"),
    (ops.Hardtanh, {"min_val": 1.0}, "`max_val` of `hardtanh` must be above `min_val` 1, not 1"),
    (ops.Hardtanh, {"max_val": float("inf")}, "`max_val` of `hardtanh` must be finite, not inf"),
    (ops.Clamp, {}, "`clamp` needs a `min`, a `max` or both"),
    (ops.Clamp, {"min": float("nan")}, "`min` of `clamp` must be finite, not nan"),
    (ops.Prelu, {"num_parameters": 0}, "`num_parameters` must be at least 1, not 0"),
    (ops.Prelu, {"init": float("inf")}, "`init` of `prelu` must be finite, not inf"),
    (ops.LeakyRelu, {"negative_slope": float("nan")}, "`negative_slope` of `leaky_relu` must be finite, not nan"),
    (ops.Softplus, {"threshold": float("inf")}, "`threshold` of `softplus` must be finite, not inf"),
    (ops.BatchNorm, {"momentum": float("inf")}, "`momentum` of `batch_norm` must be finite, not inf"),
    (ops.ScaledDotProductAttention, {"scale": float("inf")}, "`scale` of `scaled_dot_product_attention` must be fini"),
    (ops.RmsNorm, {"dims": 0}, "`dims` must be at least 1, not 0"),
    (ops.LocalResponseNorm, {"size": 0}, "`size` must be at least 1, not 0"),
    (ops.LocalResponseNorm, {"size": 3, "beta": float("nan")}, "`beta` of `local_response_norm` must be finite"),
    (ops.Lstm, {"hidden_size": 4, "num_layers": 10**9}, "`num_layers` of `lstm` is at most 1,000, not 1000000000"),
    (ops.Lstm, {"hidden_size": 4, "dropout": 1.5}, "`dropout` of `lstm` is a probability, not 1.5"),
    (ops.Embedding, {"num_embeddings": 9, "embedding_dim": 2, "padding_idx": 9}, "`padding_idx` 9 is no row of 9"),
    (ops.Parameter, {"size": (2,), "std": -1.0}, "`std` of `parameter` is a deviation, not -1.0"),
    (ops.Parameter, {"size": (2,), "init": 1e300}, "`init` of `parameter` is 1e+300, which is no f32"),
    (ops.Parameter, {"size": (2,), "init": 7e4, "dtype": "f16"}, "`init` of `parameter` is 70000.0, which is no f16"),
    (ops.StochasticDepth, {"p": 1.5}, "`p` of `stochastic_depth` is a probability, not 1.5"),
    (ops.Pad, {"pad": (1, 2, 3)}, "`pad` has two numbers for each dimension, before and after it, not 3"),
    (ops.Pad, {"pad": ()}, "`pad` has two numbers for each dimension, before and after it, not 0"),
    (ops.Pad, {"pad": (1, 2), "value": float("inf")}, "`value` of `pad` must be finite, not inf"),
    (ops.Pad, {"pad": (1, 2), "mode": "reflect", "value": 1.0}, "`value` of `pad` goes with mode constant, not with"),
    (ops.Pad, {"pad": (H, 2), "mode": "reflect"}, "`pad` in mode reflect takes known numbers alone"),
    (ops.Roll, {"shifts": (1, 2)}, "`shifts` of `roll` must be one number where no `dims` are given"),
    (ops.Roll, {"shifts": (1, 2), "dims": 0}, "`roll` needs a shift for each dimension, not 2 for 1"),
    (ops.Interpolate, {}, "`interpolate` takes either `size` or `scale_factor`"),
    (ops.Interpolate, {"size": 4, "scale_factor": 2.0}, "`interpolate` takes either `size` or `scale_factor`"),
    (ops.Interpolate, {"size": (4, 0)}, "`size` must be at least 1, not (4, 0)"),
    (ops.Interpolate, {"scale_factor": 0.0}, "`scale_factor` of `interpolate` must be above 0, not 0"),
    (ops.Interpolate, {"size": 4, "align_corners": True}, "`align_corners` of `interpolate` says nothing in mode near"),
    (ops.Interpolate, {"size": 4, "antialias": True}, "`antialias` of `interpolate` goes with bilinear and bicubic"),
    (
        ops.Interpolate,
        {"size": 4, "recompute_scale_factor": True},
        "`recompute_scale_factor` of `interpolate` goes with `scale_factor` alone",
    ),
    (ops.PixelShuffle, {"upscale_factor": 0}, "`upscale_factor` must be at least 1, not 0"),
    (
        ops.RelativePositionBias,
        {"num_heads": 2, "window_size": (3,)},
        "`window_size` of `relative_position_bias` is one number, or two: down and along, not (3,)",
    ),
    (ops.Expand, {"size": (0, 2)}, "a size in `expand` must be at least 1, or -1, not 0"),
    (ops.Softplus, {"beta": 0.0}, "`beta` of `softplus` must be above 0, not 0.0"),
    (
        ops.ConvTranspose,
        {"out_channels": 6, "kernel_size": 3, "groups": 4},
        "`groups` 4 does not divide `out_channels` 6",
    ),
    (ops.Zeros, {"size": (N, -1 * H)}, "`size` must be at least 1, not (N, -H)"),
    (ops.Full, {"size": (1 - H,), "fill_value": 1}, "`size` must be at least 1, not (-H + 1)"),
    (ops.Reshape, {"shape": (-1 * N, -1)}, "a size in `reshape` must be at least 1, or -1 once, not -N"),
    (ops.Expand, {"size": (-1 * H,)}, "a size in `expand` must be at least 1, or -1, not -H"),
    (ops.Split, {"split_size_or_sections": -1 * H}, "a part of `split` must have a size of at least 1, not -H"),
    (
        ops.Split,
        {"split_size_or_sections": (2 * H, -1 * H)},
        "a part of `split` must have a size of at least 1, not -H",
    ),
    (ops.Slice, {"index": ()}, "`slice` needs at least one index"),
    (ops.Zeros, {"size": (2, 0)}, "`size` must be at least 1, not (2, 0)"),
    (
        ops.Full,
        {"size": (), "fill_value": float("inf")},
        "`fill_value` of `full` must be finite, and whole numbers below",
    ),
    (ops.Constant, {"values": (1, symbol("N"))}, "`values` is made of numbers, not N"),
    (ops.Constant, {"values": (0.5,), "dtype": "i8"}, "`values` of `constant` holds 0.5, which is no i8"),
    (ops.Constant, {"values": 256, "dtype": "u8"}, "`values` of `constant` holds 256, which is no u8"),
    (ops.Arange, {"bounds": ()}, "`arange` takes an end, or a start and an end, or these and a step"),
    (ops.Arange, {"bounds": (1, 2, 0)}, "the step of `arange` must be a number other than 0, not 0"),
    (ops.Arange, {"bounds": (2,), "dtype": "bool"}, "`arange` counts in numbers, not truth values"),
    (ops.Slice, {"index": ((1, 2, -1),)}, "a step must be a number of at least 1, not -1"),
    (ops.Slice, {"index": ((1, 2),)}, "a range of `slice` is (start, stop, step), not (1, 2)"),
    (ops.Pow, {"exponent": float("nan")}, "`exponent` of `pow` must be finite, not nan"),
    (ops.Affine, {"scale": float("inf")}, "`scale` of `affine` must be finite, not inf"),
]


@pytest.mark.parametrize(("cls", "attributes", "message"), ATTRIBUTES)
def test_attributes_are_refused(cls, attributes, message) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        cls(**attributes)
    assert str(caught.value).startswith(message)
    with pytest.raises(ShapeError) as refused:
        ops.bind(cls, [], attributes)
    assert str(refused.value) == str(caught.value)


SIGNATURES = [
    (ops.Conv, ["64"], {}, '`out_channels` of `conv` must be a whole number, not "64"'),
    (ops.Conv, [64, 3], {"padding": "equal"}, "`padding` of `conv` must be"),
    (ops.Conv, [64, 3], {"padding_mode": "zero"}, '`padding_mode` of `conv` must be "zeros"'),
    (ops.Conv, [64, True], {}, "`kernel_size` of `conv` must be a whole number or a list of whole numbers, not true"),
    (ops.Conv, [64], {}, "`conv` needs `kernel_size`"),
    (ops.MaxPool, [2, 2, 0, 1, True], {}, "`max_pool` takes 4 attributes, 5 were given"),
    (ops.Relu, [1], {}, "`relu` takes no attributes, 1 was given"),
    (ops.Linear, [symbol("D")], {}, "`out_features` of `linear` must be a whole number, not D"),
    (ops.Softmax, [], {}, "`softmax` needs `dim` (a whole number)"),
    (ops.Squeeze, [], {}, "`squeeze` needs `dim` (a whole number or a list of whole numbers)"),
    (ops.Unsqueeze, [(1, 2)], {}, "`dim` of `unsqueeze` must be a whole number, not (1, 2)"),
    (ops.Max, [1, 2], {}, "`keepdim` of `max` must be true or false, not 2"),
    (ops.RmsNorm, [(4,)], {}, "`eps` of `rms_norm` must be a number or none, not (4,)"),
    (ops.Zeros, [], {}, "`zeros` needs `size` (a list of whole numbers or sizes)"),
    (ops.Full, [(2,)], {}, "`full` needs `fill_value` (true or false or a number)"),
    (ops.Constant, [], {}, "`constant` needs `values` (a number or a list of numbers)"),
    (ops.Zeros, [2], {"dtype": "f31"}, '`dtype` of `zeros` must be "f16", "bf16", "f32"'),
]


@pytest.mark.parametrize(("cls", "positional", "named", "message"), SIGNATURES)
def test_arguments_are_refused(cls, positional, named, message) -> None:
    with pytest.raises(ops.SignatureError) as caught:
        ops.bind(cls, positional, named)
    assert str(caught.value).startswith(message)
