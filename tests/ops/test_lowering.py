"""Every row of the table of samples: ONNX Runtime equals torch at several batches and at every opset."""

from dataclasses import replace

import pytest
import torch
from onnx import defs, numpy_helper

import ghndsl
from ghndsl import ops
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx import OPSETS, check, to_onnx
from ghndsl.emit.run import run
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.ops import ShapeError
from ghndsl.types import DType, TensorType, symbol

N, H = symbol("N"), symbol("H")


def weights_of(graph: Graph) -> dict[str, torch.Tensor]:
    """Initial weights moved away from zeros and ones."""
    generator = torch.Generator().manual_seed(1)
    weights = initial_weights(graph, 0)
    return {
        path: weight + torch.rand(weight.shape, generator=generator).to(weight.dtype)
        if weight.is_floating_point()
        else weight
        for path, weight in weights.items()
    }


def tolerance(sample) -> float:
    """Numbers of 16 bits are told apart by about a thousandth."""
    return 2e-3 if sample.types[0:1] and sample.types[0].dtype is DType.F16 else 1e-4


def runs_in_onnx_runtime(sample) -> bool:
    """ONNX Runtime has no convolution of doubles on the CPU; the model is valid all the same."""
    return not isinstance(sample.op, ops.Conv) or sample.types[0].dtype is DType.F32


def test_equals_torch_at_every_batch(sample) -> None:
    weights = weights_of(sample.graph)
    model = to_onnx(sample.graph, weights)
    assert not runs_in_onnx_runtime(sample) or check(model, sample.graph, weights) < tolerance(sample)


def test_equals_torch_at_every_opset(sample) -> None:
    graph = sample.graph
    weights = weights_of(graph)
    if not runs_in_onnx_runtime(sample):
        return
    seen: set[tuple[bytes, str]] = set()
    for opset in OPSETS:
        model = to_onnx(graph, weights, opset)
        assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", opset)]
        # Equal nodes, of versions of operators that are equal too, are one program and need not run again.
        kinds = {node.op_type for node in model.graph.node}
        versions = sorted((kind, defs.get_schema(kind, opset).since_version) for kind in kinds)
        program = (model.graph.SerializeToString(), str(versions))
        assert program in seen or check(model, graph, weights, [2]) < tolerance(sample), opset
        seen.add(program)


def test_writes_no_literal_batch(sample) -> None:
    if any(kind.shape[:1] != (N,) for kind in sample.op.infer(*sample.types)):
        return
    shapes = [
        [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in to_onnx(sample.graph).graph.output
    ]
    assert all(shape[0] == "N" for shape in shapes)


def test_average_pool_in_ceil_mode_counts_as_torch_does() -> None:
    build, scope = GraphBuilder("net"), Scope("arch", "net")
    x = build.input("x", TensorType((N, 1, 4, 4)))
    (y,) = build.add(ops.Conv(1, 1, bias=False), [x], "conv", scope)
    (z,) = build.add(ops.AvgPool(3, 2, 1, ceil_mode=True), [y], "pool", scope)
    build.output("z", z)
    graph, weights = build.finish(), {"conv.weight": torch.ones(1, 1, 1, 1)}
    image = torch.arange(1.0, 17.0).view(1, 1, 4, 4)
    wanted = torch.tensor([[14 / 9, 10 / 3, 2], [19 / 3, 11, 6], [4.5, 7.5, 4]])
    torch.testing.assert_close(run(graph, [image], weights)["z"][0, 0], wanted)
    assert check(to_onnx(graph, weights), graph, weights) < 1e-4


REFUSED = [
    (
        ops.ConvTranspose(2, 1, output_padding=1, dilation=2),
        (N, 4, 9, 7),
        "`conv_transpose` with an `output_padding` above its padding, and not below its stride",
    ),
    (ops.AdaptiveAvgPool(7), (N, 2, H, 8), "`adaptive_avg_pool` to size 7 needs a known input size in ONNX, not H"),
    (
        ops.AdaptiveMaxPool((3, 1)),
        (N, 2, H, 8),
        "`adaptive_max_pool` to size 3 needs a known input size in ONNX, not H",
    ),
    (ops.Interpolate((4, 4)), (N, 2, H, 8), "`interpolate` in mode nearest to 4 needs known sizes in ONNX, not H"),
    (
        ops.Interpolate(scale_factor=1.5, mode="nearest-exact"),
        (N, 2, H),
        "`interpolate` in mode nearest-exact by 1.5 needs known sizes in ONNX, not H",
    ),
    (
        ops.Interpolate((4, H), mode="bicubic", antialias=True),
        (N, 2, 5, H),
        "`interpolate` in mode bicubic with antialias needs known sizes in ONNX, not H",
    ),
    (
        ops.Interpolate(scale_factor=(1.25, 1.0), mode="bilinear"),
        (N, 2, H, 5),
        "`interpolate` in mode bilinear by 1.25, 1 needs known sizes in ONNX, not H",
    ),
    (ops.Interpolate(4, mode="area"), (N, 2, H), "`interpolate` in mode area needs known sizes in ONNX, not H"),
    (ops.AdaptiveAvgPool((None, 3)), (N, 2, 4, H), "`adaptive_avg_pool` to size 3 needs a known input size in ONNX"),
]


@pytest.mark.parametrize(("op", "shape", "message"), REFUSED, ids=str)
def test_what_cannot_be_exact_is_refused(op, shape, message) -> None:
    build = GraphBuilder("net")
    (y,) = build.add(op, [build.input("x", TensorType(shape))], "0", Scope("arch", "net"))
    build.output("y", y)
    with pytest.raises(CompileError, match="G502") as caught:
        to_onnx(build.finish())
    assert message in caught.value.diagnostics[0].message


ELEMENTS = {
    "conv(4, 3) -> relu": "`conv` of bf16 needs opset 22 in ONNX",
    "relu -> max_pool(2)": "`max_pool` of bf16 needs opset 22 in ONNX",
    "flatten -> softplus -> selu": "`softplus` of bf16 needs opset 22 in ONNX",
    "conv(4, 3, bias=false) as c -> batch_norm as b": "`conv` of bf16 needs opset 22 in ONNX",
}


@pytest.mark.parametrize("chain", ELEMENTS)
def test_an_element_type_that_an_opset_lacks_is_refused_by_name(chain) -> None:
    graph = ghndsl.loads(f"arch a() {{\n input x: bf16[N, 3, 8, 8]\n output y = x -> {chain}\n}}")
    for opset in (17, 20, 21):
        with pytest.raises(CompileError, match="G502") as caught:
            to_onnx(graph, opset=opset)
        (told,) = caught.value.diagnostics
        assert told.message == ELEMENTS[chain]
        assert "output y = x" in str(told)
    assert to_onnx(graph, opset=22).graph.node


def test_every_operator_of_bf16_is_written_or_refused_by_name(sample) -> None:
    kinds = [TensorType(kind.shape, DType.BF16 if kind.dtype.is_float else kind.dtype) for kind in sample.types]
    try:
        graph = replace(sample, types=tuple(kinds)).graph
    except ShapeError:
        return
    try:
        to_onnx(graph)
    except CompileError as error:
        (told,) = error.diagnostics
        assert told.code == "G502"
        assert told.message.startswith((f"`{sample.op.name}` of bf16 needs opset ", f"`{sample.op.name}` "))


def test_hard_sigmoid_has_torchs_slope() -> None:
    build = GraphBuilder("net")
    (y,) = build.add(ops.Hardsigmoid(), [build.input("x", TensorType((N, 2)))], "0", Scope("arch", "net"))
    build.output("y", y)
    (node,) = to_onnx(build.finish()).graph.node
    assert {a.name: a.f for a in node.attribute}["alpha"] == pytest.approx(1 / 6)


def test_equal_constants_are_one() -> None:
    build, scope = GraphBuilder("net"), Scope("arch", "net")
    y = build.input("x", TensorType((N, 2)))
    for i in range(3):
        (y,) = build.add(ops.Affine(2.0, 2.0), [y], str(i), scope)
    build.output("y", y)
    (constant,) = to_onnx(build.finish()).graph.initializer
    assert numpy_helper.to_array(constant) == 2.0
