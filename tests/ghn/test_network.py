"""Generated weights: all of them, in the right places, at the right scale, with gradients."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from ghndsl import ops
from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError
from ghndsl.emit.run import run
from ghndsl.ghn import GHN, GHNConfig, fit
from ghndsl.ghn.config import DecoderName
from ghndsl.ghn.kinds import kind, window
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.ops import Mode, Role, Weight
from ghndsl.types import Dim, TensorType, symbol

Network = Callable[..., Graph]


@pytest.fixture(scope="module")
def ghn(graphs: list[Graph]) -> GHN:
    return GHN(GHNConfig(fit(graphs)), seed=0)


def test_every_weight_is_made(ghn: GHN, graphs: list[Graph]) -> None:
    for graph in graphs:
        weights = ghn(graph)
        assert list(weights) == list(graph.weights)
        for path, weight in graph.weights.items():
            assert tuple(weights[path].shape) == weight.shape
            assert weights[path].dtype == getattr(torch, weight.dtype.torch_name)
            assert weights[path].requires_grad == weight.trainable


def test_many_are_as_one_by_one(ghn: GHN, graphs: list[Graph]) -> None:
    for graph, weights in zip(graphs, ghn.many(graphs), strict=True):
        alone = ghn(graph)
        assert list(weights) == list(alone)
        for path in weights:
            torch.testing.assert_close(weights[path], alone[path], rtol=1e-4, atol=1e-5)


def test_the_seed_decides_and_nothing_is_changed(graphs: list[Graph]) -> None:
    config = GHNConfig(fit(graphs))
    torch.manual_seed(0)
    one = GHN(config, seed=5)
    state = torch.get_rng_state()
    before = {name: tensor.clone() for name, tensor in one.state_dict().items()}
    first = one(graphs[0])
    second = GHN(config, seed=5)(graphs[0])
    assert all(torch.equal(first[path], second[path]) for path in first)
    assert all(torch.equal(before[name], tensor) for name, tensor in one.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    other = GHN(config, seed=6)(graphs[0])
    assert not any(torch.equal(first[p], other[p]) for p, w in graphs[0].weights.items() if w.trainable)


def learned(ghn: GHN, names: tuple[str, ...]) -> dict[str, torch.Tensor]:
    """The parameters of the encoder and of some decoders, by name."""
    heads = tuple(f"decoder.heads.0.{name}." for name in names)
    return {name: p for name, p in ghn.named_parameters() if name.startswith(("encoder.", *heads))}


@pytest.mark.parametrize(
    ("decoders", "used"),
    [
        (("slice",), ("slice",)),
        (("slice", "low_rank"), ("slice",)),
        (("low_rank", "slice"), ("low_rank",)),
        (("tile",), ("tile",)),
        (("tile", "slice"), ("tile",)),
    ],
)
def test_gradients_reach_every_parameter(
    decoders: tuple[DecoderName, ...], used: tuple[str, ...], graphs: list[Graph], digits: Dataset
) -> None:
    """Of whichever decoder makes weights; what tells apart weights that are alike, where some are."""
    ghn = GHN(GHNConfig(fit(graphs), decoders=decoders), seed=0)
    graph = graphs[-1]
    logits = run(graph, digits.train.first(32).feed(graph), ghn(graph), Mode("train"))["logits"]
    torch.autograd.backward(torch.nn.functional.cross_entropy(logits, digits.train.targets[:32]))
    of_use = learned(ghn, used)
    for name, parameter in ghn.named_parameters():
        if name not in of_use:
            assert parameter.grad is None, name
        elif not name.endswith("twins.table"):
            assert parameter.grad is not None, name
            assert bool(parameter.grad.abs().sum() > 0), name


def test_activations_begin_near_unit_scale(ghn: GHN, network: Network, digits: Dataset) -> None:
    """Every value of a network, made an output."""
    for edges in (("conv3", "conv1", "skip"), ("depthwise", "conv3", "pool")):
        graph = network(edges)
        build = GraphBuilder("all")
        build.arguments, build.nodes = list(graph.arguments), list(graph.nodes)
        for node in graph.nodes:
            for value in node.results:
                build.output(f"v{value.id}", value)
        with torch.no_grad():
            values = run(build.finish(), {"image": digits.train.inputs["x"][:256]}, ghn(graph), Mode("train"))
        deviations = [float(value.std()) for value in values.values()]
        assert min(deviations) > 0.1
        assert max(deviations) < 10


def test_weights_know_the_graph_around_them(ghn: GHN, network: Network) -> None:
    graphs = [network(("conv3", "conv1", edge), cells=2) for edge in ("skip", "pool")]
    one, other = map(ghn, graphs)
    cells = [node.weight_path(w) for node in graphs[0].nodes if node.scope.motif for w in node.weights if w.trainable]
    shared = [path for path in cells if path in other and one[path].ndim == 4]
    assert len(shared) == 4
    assert not any(torch.equal(one[path], other[path]) for path in shared)


def test_uses_of_a_motif_get_weights_of_their_own(ghn: GHN, network: Network) -> None:
    graph = network(("conv3", "conv3", "conv3"), cells=3)
    weights = ghn(graph)
    kernels = [w for path, w in weights.items() if graph.weights[path].shape == (8, 8, 3, 3)]
    assert len(kernels) == 6
    assert all(not torch.allclose(a, b) for i, a in enumerate(kernels) for b in kernels[:i])


def test_two_weights_of_one_kind_in_one_node_differ() -> None:
    class Twice(ops.Linear):
        name = ""

        def weights(self, *types: TensorType) -> tuple[Weight, ...]:
            (first, _) = super().weights(*types)
            return first, Weight("again", first.shape, Role.KERNEL, first.fan_in)

    # Set late, as a second operator of that name would be refused.
    Twice.name = "linear"
    build = GraphBuilder("twice")
    (y,) = build.add(Twice(3), [build.input("x", TensorType((symbol("N"), 4)))], "fc", Scope("arch", "twice"))
    build.output("logits", y)
    graph = build.finish()
    weights = GHN(GHNConfig(fit([graph])))(graph)
    assert not torch.allclose(weights["fc.weight"], weights["fc.again"])


def test_shared_weights_are_made_once(ghn: GHN) -> None:
    build = GraphBuilder("shared")
    x = build.input("image", TensorType((symbol("N"), 8, 8, 8)))
    for _ in range(2):
        (x,) = build.add(ops.Conv(8, 3, padding=1, bias=False), [x], "conv", Scope("arch", "shared"))
    build.output("logits", x)
    assert list(ghn(build.finish())) == ["conv.weight"]


def test_a_graph_without_weights(ghn: GHN) -> None:
    build = GraphBuilder("empty")
    x = build.input("x", TensorType((symbol("N"), 4)))
    build.output("logits", x)
    assert ghn(build.finish()) == {}
    (y,) = build.add(ops.Relu(), [x], "", Scope("arch", "empty"))
    build.output("y", y)
    assert ghn(build.finish()) == {}


def test_smaller_kernels_are_cut_from_the_centre() -> None:
    whole = torch.arange(7 * 7).reshape(1, 1, 7, 7)
    assert whole[window("conv2d", (1, 1, 7, 7), (1, 1, 3, 3))].flatten().tolist() == [
        16,
        17,
        18,
        23,
        24,
        25,
        30,
        31,
        32,
    ]
    assert whole[window("conv2d", (1, 1, 7, 7), (1, 1, 1, 7))].flatten().tolist() == list(range(21, 28))


@pytest.mark.parametrize(
    ("op", "shape", "names"),
    [
        (ops.Conv(8, 3), (1, 4, 9, 9), ["conv2d", "bias"]),
        (ops.Conv(8, 1), (1, 4, 9, 9), ["pointwise", "bias"]),
        (ops.Conv(8, 3, groups=4), (1, 4, 9, 9), ["grouped2d", "bias"]),
        (ops.Conv(8, 3, bias=False), (1, 1, 9, 9), ["conv2d"]),
        (ops.Conv(8, 3), (1, 4, 9), ["conv1d", "bias"]),
        (ops.Conv(8, 3), (1, 4, 9, 9, 9), ["conv3d", "bias"]),
        (ops.Linear(8), (1, 4), ["linear", "bias"]),
        (ops.BatchNorm(), (1, 4, 9, 9), ["scale", "shift", "mean", "variance", "count0"]),
    ],
)
def test_kinds(op: ops.Operator, shape: tuple[Dim, ...], names: list[str]) -> None:
    assert [kind(op, weight) for weight in op.weights(TensorType(shape))] == names


def test_what_cannot_be_made_is_refused_by_name(graphs: list[Graph], network: Network) -> None:
    ghn = GHN(GHNConfig(fit(graphs), decoders=("slice",)), seed=0)
    wide = network(("conv3", "skip", "skip"), width=40)
    with pytest.raises(CompileError) as caught:
        ghn(wide)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "G420"
    assert "[80, 40, 3, 3]: at most [16, 16, 3, 3] (conv2d)" in str(diagnostic)
    refusal = ghn.refusal(wide)
    assert refusal is not None
    assert str(refusal) == str(caught.value)
    assert ghn.refusal(network(("conv3", "skip", "skip"))) is None
    build = GraphBuilder("flat")
    (y,) = build.add(ops.Conv(8, 3), [build.input("x", TensorType((symbol("N"), 4, 9)))], "c", Scope("arch", "flat"))
    build.output("logits", y)
    with pytest.raises(CompileError, match="no branch for conv1d weights"):
        ghn(build.finish())
