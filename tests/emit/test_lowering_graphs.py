"""Small whole graphs: module, run and ONNX agree, under the names that were given."""

import copy
import itertools

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import ghndsl
from ghndsl import ops
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.module import to_torch
from ghndsl.emit.onnx import OPSETS, check, to_onnx
from ghndsl.emit.run import calibrate, run
from ghndsl.ir import Graph, GraphBuilder, Scope, Value
from ghndsl.ops import Mode, Operator, Role, Weight
from ghndsl.passes.dead import dead
from ghndsl.types import TensorType, symbol

N, H, W = symbol("N"), symbol("H"), symbol("W")
SCOPE = Scope("arch", "net")
IMAGE = TensorType((N, 3, 8, 8))


class Net(GraphBuilder):
    """A builder whose steps read as a list of calls."""

    def node(self, op: Operator, *inputs: Value, at: str = "") -> Value:
        return self.add(op, inputs, at, SCOPE)[0]

    def returning(self, **outputs: Value) -> Graph:
        for name, value in outputs.items():
            self.output(name, value)
        return self.finish()


def residual() -> Graph:
    """A convolution used by its norm and by a skip, a shortcut, a head; unlabelled nodes have no path."""
    net = Net("residual")
    x = net.input("image", IMAGE)
    a = net.node(ops.Conv(4, 3, padding=1, bias=False), x, at="conv1")
    b = net.node(ops.Relu(), net.node(ops.BatchNorm(), a, at="bn1"))
    c = net.node(ops.BatchNorm(), net.node(ops.Conv(4, 1, bias=False), x, at="down.0"), at="down.1")
    y = net.node(ops.Dropout(0.5), net.node(ops.Add(), a, b, c))
    y = net.node(ops.Flatten(), net.node(ops.AdaptiveAvgPool(1), y))
    return net.returning(logits=net.node(ops.Linear(5), y, at="fc"))


def shared() -> Graph:
    """Two nodes with one path: one set of weights, batch statistics included."""
    net = Net("shared")
    outputs = {}
    for name in ("left", "right"):
        y = net.node(ops.Conv(4, 3, padding=1), net.input(name, IMAGE), at="trunk.0")
        outputs[f"{name}_out"] = net.node(ops.BatchNorm(), y, at="trunk.1")
    return net.returning(**outputs)


def unused() -> Graph:
    """A convolution that no output needs."""
    net = Net("unused")
    x = net.input("x", IMAGE)
    net.node(ops.Conv(7, 3), x, at="dead")
    return net.returning(y=net.node(ops.Conv(2, 3), x, at="alive"))


def colliding() -> Graph:
    """Labels that are methods and attributes of `nn.Module`, layers inside layers, names met twice."""
    net = Net("colliding")
    y = net.input("x", IMAGE)
    for path in (
        "forward",
        "type",
        "children.training",
        "_modules",
        "weight",
        "training",
        "_steps",
        "type.inner",
        "items.0",
    ):
        y = net.node(ops.Conv(3, 3, padding=1), y, at=path)
    y = net.node(ops.Relu(), y, at="state_dict")
    y = net.node(ops.Conv(3, 1), y, at="state_dict.to")
    return net.returning(y=y, conv=y)


def several() -> Graph:
    """Several outputs: one used on, one twice, an input handed through."""
    net = Net("several")
    x = net.input("x", TensorType((N, 6)))
    a, b = net.add(ops.Split(2, 1), [x], "0", SCOPE)[:2]
    c = net.node(ops.Add(), a, b)
    same = net.node(ops.Identity(), c)
    return net.returning(a=a, c=c, again=same, given=x, exp=net.node(ops.Exp(), c))


def spatial() -> Graph:
    """Symbolic height and width, and values that take their sizes from them."""
    net = Net("spatial")
    x = net.input("x", TensorType((N, 3, 4 * H, 2 * W + 1)))
    y = net.node(ops.Conv(4, 3, 2, 1), x, at="conv")
    y = net.node(ops.MaxPool(3, 2, 1), y)
    tokens = net.node(ops.Transpose(1, 2), net.node(ops.Flatten(2), y))
    tokens = net.node(ops.LayerNorm(), tokens, at="norm")
    back = net.node(ops.Reshape((*y.type.shape[:1], *y.type.shape[2:], 4)), tokens)
    return net.returning(pooled=y, back=net.node(ops.Permute((0, 3, 1, 2)), back), mean=net.node(ops.Mean((2, 3)), y))


GRAPHS = [residual, shared, unused, colliding, several, spatial]
graphs = pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)


def inputs_of(graph: Graph, batch: int = 3) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    kinds = [kind.substitute({"N": batch, "H": 4, "W": 5}) for kind in graph.inputs.values()]
    return [torch.randn([int(str(size)) for size in kind.shape], generator=generator) for kind in kinds]


def named(result: torch.Tensor | dict[str, torch.Tensor], graph: Graph) -> dict[str, torch.Tensor]:
    return result if isinstance(result, dict) else {next(iter(graph.outputs)): result}


@graphs
def test_state_dict_has_the_paths_of_the_pruned_graph(make) -> None:
    graph = make()
    state = to_torch(graph, seed=0).state_dict()
    assert state.keys() == dead(graph).weights.keys()
    assert {path: tuple(value.shape) for path, value in state.items()} == {
        path: weight.shape for path, weight in dead(graph).weights.items()
    }


@graphs
@pytest.mark.parametrize("kind", ["train", "eval"])
def test_module_equals_run(make, kind) -> None:
    graph = make()
    weights = initial_weights(graph, 1)
    module = to_torch(graph, weights).train(kind == "train")
    torch.manual_seed(3)
    wanted = named(module(*inputs_of(graph)), graph)
    torch.manual_seed(3)
    found = run(graph, inputs_of(graph), weights, Mode(kind))
    assert found.keys() == wanted.keys() == graph.outputs.keys()
    for name, value in found.items():
        torch.testing.assert_close(value, wanted[name])


@graphs
def test_module_survives_copies_and_state_dicts(make) -> None:
    graph = make()
    module = to_torch(graph, seed=0).eval()
    other = to_torch(graph, seed=1).eval()
    before = named(other(*inputs_of(graph)), graph)
    duplicate = copy.deepcopy(module)
    other.load_state_dict(module.state_dict(), strict=True)
    wanted, after = named(module(*inputs_of(graph)), graph), named(other(*inputs_of(graph)), graph)
    for parameter in module.parameters():
        parameter.data.zero_()
    for name, value in named(duplicate(**dict(zip(graph.inputs, inputs_of(graph), strict=True))), graph).items():
        torch.testing.assert_close(value, wanted[name])
        torch.testing.assert_close(after[name], wanted[name])
    changed = any(not torch.equal(value, after[name]) for name, value in before.items())
    assert changed == bool(graph.params)


@graphs
def test_module_moves_with_to(make) -> None:
    module = to_torch(make(), seed=0).to("meta")
    result = named(module(*(x.to("meta") for x in inputs_of(make()))), make())
    assert all(value.device.type == "meta" for value in result.values())
    assert all(value.device.type == "meta" for value in module.state_dict().values())


@graphs
def test_onnx_equals_run_at_every_opset(make) -> None:
    graph = make()
    weights = initial_weights(graph, 1)
    for opset in OPSETS:
        assert check(to_onnx(graph, weights, opset), graph, weights) < 1e-4


@graphs
def test_onnx_names_and_types(make) -> None:
    graph = make()
    model = to_onnx(graph)
    body = model.graph
    assert [value.name for value in body.input] == list(graph.inputs)
    assert [value.name for value in body.output] == list(graph.outputs)
    paths = {path for path, weight in dead(graph).weights.items() if weight.role is not Role.COUNT}
    assert {value.name for value in body.initializer} >= paths
    made = [name for node in body.node for name in node.output]
    names = [*made, *(value.name for value in (*body.input, *body.initializer))]
    assert len(names) == len(set(names))
    assert {"Dropout"}.isdisjoint(node.op_type for node in body.node)
    assert {(entry.key, entry.value) for entry in model.metadata_props} >= {("name", graph.name), ("id", graph.id)}


def test_every_value_of_the_graph_has_its_type_in_the_model() -> None:
    graph = spatial()
    model = to_onnx(graph)
    stated = [*model.graph.value_info, *model.graph.output]
    shapes = [tuple(d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim) for v in stated]
    for node in graph.nodes:
        for value in node.results:
            assert tuple(size if isinstance(size, int) else str(size) for size in value.type.shape) in shapes


DIVISIONS = {
    "zeros((H - 2 * W) // W + 9)": True,
    "zeros((H - 9) // (H + W) + 9)": True,
    "zeros((2 * H - W * W) // (4 - 9 * W) + 99)": True,
    "x -> roll((H - W) // (H + W), 1)": True,
    "x -> pad((0, (H - W) // (H + W) + 2))": True,
    "arange((H - W) // (H + W), 5)": True,
    "zeros((H - W) // 4 + 9)": False,
    "zeros(((H - W) // 3 - 4) // 2 + 20)": False,
    "zeros((H * W + 1) // (H + W) + 1)": False,
}
"""Values that come of divisions of sizes, and whether one of them is of what may be negative."""


@pytest.mark.parametrize("value", DIVISIONS)
def test_divisions_of_sizes_are_floors(value: str) -> None:
    graph = ghndsl.loads(f"arch a() {{\n input x: f32[H, W]\n output y = {value}\n output z = x\n}}")
    model = to_onnx(graph)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    kinds = [node.op_type for node in model.graph.node]
    assert (kinds[: kinds.index("Div")].count("Mod") == 1) is DIVISIONS[value]
    for height, width in itertools.product(range(1, 8), repeat=2):
        given = torch.arange(float(height * width)).reshape(height, width)
        (found,) = session.run(["y"], {"x": given.numpy()})
        torch.testing.assert_close(torch.from_numpy(found), run(graph, [given], {})["y"], rtol=0, atol=0)


def test_identity_nodes_only_name_what_no_node_makes() -> None:
    kinds = [node.op_type for node in to_onnx(several()).graph.node]
    assert kinds == ["Split", "Add", "Exp", "Identity", "Identity"]


def test_shared_weights_are_one_initialiser() -> None:
    assert [value.name for value in to_onnx(shared()).graph.initializer].count("trunk.0.weight") == 1


def test_input_and_output_and_weight_of_one_name_are_kept_apart() -> None:
    net = Net("clash")
    x = net.input("x", TensorType((N, 2)))
    y = net.node(WholePath(), x, at="x")
    graph = net.returning(x=y)
    weights = initial_weights(graph, 0)
    model = to_onnx(graph, weights)
    assert model.graph.input[0].name == "x"
    assert check(model, graph, weights) < 1e-6


class WholePath(Operator):
    """Adds a weight that is the path itself."""

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        return types

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        return (Weight("", (2,), Role.KERNEL, 2),)

    def run(self, inputs, weights, mode):
        return (inputs[0] + weights[""],)

    def onnx(self, context, inputs, weights):
        return (context.node("Add", inputs[0].name, weights[""]),)


@pytest.mark.parametrize("path", ["cls", "deep.er.type", "forward"])
def test_a_weight_may_be_its_whole_path(path) -> None:
    net = Net("whole")
    x = net.input("x", TensorType((N, 2)))
    y = net.node(ops.Linear(2), net.node(WholePath(), x, at=path), at="deep.er")
    graph = net.returning(y=y)
    weights = initial_weights(graph, 0)
    module = to_torch(graph, weights)
    assert module.state_dict().keys() == graph.weights.keys() == {path, "deep.er.weight", "deep.er.bias"}
    assert isinstance(copy.deepcopy(module).state_dict(keep_vars=True)[path], torch.nn.Parameter)
    given = torch.ones(1, 2)
    torch.testing.assert_close(module(given), run(graph, [given], weights)["y"])
    assert check(to_onnx(graph, weights), graph, weights) < 1e-5


def test_leaves_are_torchs_own_layers() -> None:
    module = to_torch(residual(), seed=0)
    assert type(module.get_submodule("down.1")) is torch.nn.BatchNorm2d
    assert type(module.get_submodule("conv1")) is torch.nn.Conv2d
    assert repr(module.get_submodule("fc")) == "Linear(in_features=4, out_features=5, bias=True)"


def test_training_updates_running_statistics_of_the_module_alone() -> None:
    graph = residual()
    weights = initial_weights(graph, 0)
    module = to_torch(graph, weights)
    module(*inputs_of(graph))
    assert module.state_dict()["bn1.num_batches_tracked"] == 1
    assert not torch.equal(module.state_dict()["bn1.running_mean"], weights["bn1.running_mean"])
    assert bool((weights["bn1.running_mean"] == 0).all())


@pytest.mark.parametrize("make", [residual, shared], ids=lambda make: make.__name__)
def test_calibrated_weights_make_evaluation_equal_training(make) -> None:
    graph = make()
    one = inputs_of(graph, 16)[0]
    inputs = [one for _ in graph.inputs]
    weights = initial_weights(graph, 0)
    found = calibrate(graph, inputs, weights)
    count = one.numel() // 3
    for path, weight in graph.weights.items():
        if weight.role is Role.VARIANCE:  # evaluation divides by the unbiased variance
            found[path] = found[path] * (count - 1) / count
    wanted = run(graph, inputs, weights, Mode("calibrate"))
    for name, value in run(graph, inputs, found).items():
        torch.testing.assert_close(value, wanted[name], atol=1e-4, rtol=1e-4)


def test_calibration_averages_over_the_uses_of_a_path() -> None:
    graph = shared()
    left, right = inputs_of(graph)
    weights = initial_weights(graph, 0)
    both = calibrate(graph, [left, right], weights)["trunk.1.running_mean"]
    one, other = (calibrate(graph, [x, x], weights)["trunk.1.running_mean"] for x in (left, right))
    torch.testing.assert_close(both, (one + other) / 2)


def test_gradients_flow_to_given_weights() -> None:
    graph = residual()
    weights = {p: w.requires_grad_(w.is_floating_point()) for p, w in initial_weights(graph, 0).items()}
    run(graph, inputs_of(graph), weights, Mode("train"))["logits"].sum().backward()
    trainable = [path for path, weight in graph.weights.items() if weight.trainable]
    assert all(weights[path].grad is not None for path in trainable)


def test_training_needs_no_statistics_and_dead_weights_are_never_needed() -> None:
    graph = residual()
    trainable = {p: w for p, w in initial_weights(graph, 0).items() if graph.weights[p].trainable}
    assert run(graph, inputs_of(graph), trainable, Mode("train"))["logits"].shape == (3, 5)
    graph = unused()
    weights = initial_weights(graph, 0)
    alive = {path: value for path, value in weights.items() if path.startswith("alive")}
    torch.testing.assert_close(run(graph, inputs_of(graph), alive)["y"], run(graph, inputs_of(graph), weights)["y"])
    assert to_torch(graph, weights).state_dict().keys() == alive.keys()


def test_dropout_draws_from_the_generator_of_the_mode() -> None:
    graph, inputs = residual(), inputs_of(residual())
    weights = initial_weights(graph, 0)

    def drawn(seed: int) -> torch.Tensor:
        return run(graph, inputs, weights, Mode("train", torch.Generator().manual_seed(seed)))["logits"]

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))


def test_initial_weights_depend_on_seed_and_path_alone() -> None:
    first, again = initial_weights(residual(), 4), initial_weights(residual(), 4)
    other = initial_weights(residual(), 5)
    assert all(torch.equal(first[path], again[path]) for path in first)
    assert not torch.equal(first["fc.weight"], other["fc.weight"])
    assert not torch.equal(first["conv1.weight"].flatten()[:12], first["down.0.weight"].flatten())
    net = Net("longer")
    y = net.node(
        ops.Conv(4, 3, padding=1, bias=False), net.node(ops.Conv(3, 1), net.input("x", IMAGE), at="0"), at="conv1"
    )
    assert torch.equal(initial_weights(net.returning(y=y), 4)["conv1.weight"], first["conv1.weight"])


def test_initial_weights_are_distributed_as_torchs() -> None:
    net = Net("wide")
    x = net.input("x", TensorType((N, 64, 8, 8)))
    y = net.node(ops.Conv(64, 3, groups=2), x, at="conv")
    graph = net.returning(y=net.node(ops.Linear(500), net.node(ops.Flatten(), y), at="fc"))
    theirs = {
        "conv": torch.nn.Conv2d(64, 64, 3, groups=2),
        "fc": torch.nn.Linear(64 * 36, 500),
    }
    ours = initial_weights(graph, 0)
    for path, layer in theirs.items():
        for name, value in layer.named_parameters():
            found = ours[f"{path}.{name}"]
            assert found.std().item() == pytest.approx(value.std().item(), rel=0.25)
            assert found.abs().max().item() == pytest.approx(value.abs().max().item(), rel=0.1)


def test_to_torch_takes_arrays() -> None:
    graph = residual()
    arrays = {path: value.numpy() for path, value in initial_weights(graph, 0).items()}
    del arrays["bn1.num_batches_tracked"]
    for array in arrays.values():
        array.flags.writeable = False
    module = to_torch(graph, arrays)
    np.testing.assert_array_equal(module.state_dict()["fc.weight"].numpy(), arrays["fc.weight"])
    onnx.checker.check_model(to_onnx(graph, arrays), full_check=True)


def spoiled(**changes: torch.Tensor | None) -> dict[str, torch.Tensor]:
    weights = {**initial_weights(unused(), 0), **{path.replace("__", "."): value for path, value in changes.items()}}
    return {path: value for path, value in weights.items() if value is not None}


WEIGHTS = [
    (spoiled(alive__bias=None), "weight `alive.bias` is missing"),
    (spoiled(alive__bias=torch.zeros(3)), "weight `alive.bias` must be of shape (2,), not (3,)"),
    (spoiled(alive__bais=torch.zeros(2)), "the graph has no weight `alive.bais`"),
]


@pytest.mark.parametrize(("weights", "message"), WEIGHTS, ids=[message for _, message in WEIGHTS])
@pytest.mark.parametrize("lower", [to_torch, to_onnx])
def test_weights_that_do_not_fit_are_refused(lower, weights, message) -> None:
    with pytest.raises(CompileError) as caught:
        lower(unused(), weights)
    assert [(d.code, d.message) for d in caught.value.diagnostics] == [("G503", message)]


@pytest.mark.parametrize("opset", [0, 16, OPSETS[-1] + 1])
def test_opsets_out_of_range_are_refused(opset) -> None:
    with pytest.raises(CompileError, match=rf"error\[G501\]: ONNX opset {opset} is outside 17 to"):
        to_onnx(residual(), opset=opset)


INPUTS = [
    ([torch.zeros(1, 3, 8)], "input `x` must be f32[N, 3, 8, 8], not of shape [1, 3, 8]"),
    ([torch.zeros(1, 4, 8, 8)], "input `x` must be f32[N, 3, 8, 8], not of shape [1, 4, 8, 8]"),
    ([], "the graph takes 1 inputs (x), 0 were given"),
    ({"y": torch.zeros(1, 3, 8, 8)}, "there is no input `y`; the inputs are x"),
    ({}, "input `x` is missing"),
]


@pytest.mark.parametrize(("inputs", "message"), INPUTS, ids=[message for _, message in INPUTS])
def test_inputs_that_do_not_fit_are_refused(inputs, message) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        run(unused(), inputs, initial_weights(unused(), 0))
    assert str(caught.value) == message


def test_a_missing_weight_is_named() -> None:
    with pytest.raises(ValueError, match=r"^weight `alive\.weight` is missing$"):
        run(unused(), inputs_of(unused()), {})
