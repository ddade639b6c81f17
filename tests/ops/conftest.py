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
    (ops.Add(), (N, 5)),
    (ops.Add(), (N, 3, 4), (N, 3, 4), (N, 3, 4)),
    (ops.Add(), (N, 3, 4), (4,), (3, 1)),
    (ops.Add(), (N, 3, H), (1, 3, 1)),
    (ops.Affine(0.5, 1.0), (N, 5)),
    (ops.Affine(shift=-1.0), (N, 5)),
    (ops.Affine(-1.0), (N, 5)),
    (ops.Affine(), (N, 5)),
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
    (ops.Concat(), IMAGE),
    (ops.Concat(), (N, 3, 4), (N, 1, 4), (N, 2, 4)),
    (ops.Concat(-1), (N, 3, H), (N, 3, 2)),
    (ops.Concat(0), (N, 3), (2, 3)),
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
    (ops.Div(), (N, 4), (N, 4)),
    (ops.Dropout(), (N, 5)),
    (ops.Dropout(0.0), (N, 5)),
    (ops.Dropout(1.0), (N, 5)),
    (ops.Elu(), (N, 5)),
    (ops.Elu(0.5), (N, 5)),
    (ops.Exp(), (N, 5)),
    (ops.Flatten(), IMAGE),
    (ops.Flatten(2), IMAGE),
    (ops.Flatten(0, 1), IMAGE),
    (ops.Flatten(1, 2), (N, 3, 4, H)),
    (ops.Flatten(), (N, 3, H, W)),
    (ops.Flatten(1, -2), (N, H, 3, W)),
    (ops.Flatten(), (N, 5)),
    (ops.Gelu(), (N, 5)),
    (ops.Gelu("tanh"), (N, 3, 4)),
    (ops.GroupNorm(3), (N, 6)),
    (ops.GroupNorm(2, 1e-3), FEATURES),
    (ops.GroupNorm(6, affine=False), (N, 6, 5)),
    (ops.GroupNorm(3), (N, 6, H, W)),
    (ops.Hardsigmoid(), (N, 5)),
    (ops.Hardswish(), (N, 5)),
    (ops.Identity(), (N, 5)),
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
    (ops.Matmul(), (N, 3, 4), (N, 4, 5)),
    (ops.Matmul(), (N, 2, H, 4), (4, 5)),
    (ops.Matmul(), (N, 3, 4), (4,)),
    (ops.Matmul(), (4,), (N, 4, 3)),
    (ops.Matmul(), (4,), (4,)),
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
    (ops.Mul(), (N, 3, 4), (N, 1, 4)),
    (ops.Mul(), (N, 4), (N, 4), (4,)),
    (ops.Permute((0, 2, 3, 1)), IMAGE),
    (ops.Permute((-1, 0, 1)), (N, 3, H)),
    (ops.Pow(2.0), (N, 5)),
    (ops.Pow(-1.0), (N, 5)),
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
    (ops.Sigmoid(), (N, 5)),
    (ops.Silu(), (N, 5)),
    (ops.Slice((FULL, 0)), IMAGE),
    (ops.Slice((FULL, FULL, (1, None, None), (1, -1, None))), IMAGE),
    (ops.Slice((FULL, -1, (None, None, 2))), IMAGE),
    (ops.Slice(((None, 1, None),)), IMAGE),
    (ops.Slice((0,)), IMAGE),
    (ops.Slice((FULL, (-3, None, None), (0, 99, 3))), (N, 5, 8)),
    (ops.Slice((FULL, (1, None, 2))), (N, H)),
    (ops.Slice((FULL, (None, H, None))), (N, 40, H)),
    (ops.Slice((FULL, H - 1)), (N, H, 2)),
    (ops.Slice(()), (N, 2)),
    (ops.Softmax(1), IMAGE),
    (ops.Softmax(-1), (N, 5)),
    (ops.Split(2, 1), (N, 5, 3)),
    (ops.Split(3, 1), (N, 6, 3)),
    (ops.Split((1, 2, 3), -1), (N, 5, 6)),
    (ops.Split(H, 1), (N, 3 * H)),
    (ops.Split((H, 2), 1), (N, H + 2)),
    (ops.Split(5, 1), (N, 5)),
    (ops.Stack(), (N, 3), (N, 3)),
    (ops.Stack(-1), (N, H), (N, H), (N, H)),
    (ops.Sub(), (N, 3, 4), (3, 1)),
    (ops.Tanh(), (N, 5)),
    (ops.Transpose(1, 2), (N, 3, H)),
    (ops.Transpose(-1, 0), (N, 3, 4)),
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

    def types_at(self, batch: int) -> tuple[TensorType, ...]:
        """The types with a batch size and the other sizes known."""
        return tuple(kind.substitute({"N": batch, "H": 11, "W": 6}) for kind in self.types)

    @property
    def graph(self) -> Graph:
        """The graph of this one node, called `layer`."""
        build = GraphBuilder("sample")
        inputs = [build.input(f"x{i}", kind) for i, kind in enumerate(self.types)]
        for i, value in enumerate(build.add(self.op, inputs, "layer", Scope("arch", "sample"))):
            build.output(f"y{i}", value)
        return build.finish()


SAMPLES = [Sample(op, tuple(TensorType(shape) for shape in shapes)) for op, *shapes in ROWS]
SAMPLES.append(Sample(ops.Add(), (TensorType((N, 2), DType.I64),) * 2))
SAMPLES.append(Sample(ops.Identity(), (TensorType((N, 2), DType.BOOL),)))
SAMPLES.append(Sample(ops.Conv(2, 3), (TensorType((N, 2, 5, 5), DType.F64),)))
SAMPLES.append(Sample(ops.BatchNorm(), (TensorType((N, 2, 5, 5), DType.F64),)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "sample" in metafunc.fixturenames:
        metafunc.parametrize("sample", SAMPLES, ids=str)


@pytest.fixture
def samples() -> list[Sample]:
    return SAMPLES
