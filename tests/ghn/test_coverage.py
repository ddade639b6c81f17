"""Every weight of any network is made, whatever makes it, knows the graph around it, and keeps values near one."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import ghndsl
from ghndsl import ops
from ghndsl.emit.weights import torch_type
from ghndsl.ghn import GHN, fit
from ghndsl.ghn.presets import MODELS
from ghndsl.ir import Graph, GraphBuilder, Scope, Value
from ghndsl.ops.base import TABLE
from ghndsl.types import DType, TensorType, symbol

ROOT = Path(__file__).parents[2]
Weights = dict[str, torch.Tensor]

NETWORKS = (
    *("alexnet", "convnext_tiny", "deeplabv3_resnet50", "densenet121", "efficientnet_b0", "googlenet"),
    *("gpt2", "inception_v3", "lstm_classifier", "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small"),
    *("msdnet", "r3d_18", "regnet_y_400mf", "resnet18", "shufflenet_v2_x0_5", "siamese"),
    *("squeezenet1_1", "swin_t", "swin_v2_t", "unet", "vgg11_bn", "vit_b_32"),
)
"""One network of each family."""
SMALLER = {"gpt2": {"D": 48, "heads": 4, "vocab": 99}, "unet": {"base": 32}}
"""Widths of networks that take them; all are as deep as they are."""
COSTLY = {"alexnet": 2, "deeplabv3_resnet50": 2, "inception_v3": 2, "maxvit_t": 2, "vgg11_bn": 2, "vit_b_32": 2}
"""How many samples networks get that cost much; one hypernetwork makes their weights."""


@pytest.fixture
def weighing(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    names = ("weighing.networks", "weighing.sizes", "exported.grow")
    return SimpleNamespace(**{name.partition(".")[2]: importlib.import_module(name) for name in names})


@cache
def ghn_of(name: str, seed: int = 0) -> GHN:
    """A hypernetwork as it begins, fitted to nothing."""
    return GHN(MODELS[name], seed)


def made(ghn: GHN, graph: Graph) -> Weights:
    with torch.no_grad():
        return ghn(graph)


def check(graph: Graph, weights: Weights, *, apart: bool = True) -> None:
    """All weights are there and fit; none is constant; `apart`: no two are equal, or so alike that noise parts them."""
    assert list(weights) == list(graph.weights)
    alike: defaultdict[tuple[str, tuple[int, ...]], list[torch.Tensor]] = defaultdict(list)
    for path, weight in graph.weights.items():
        found = weights[path]
        assert tuple(found.shape) == weight.shape, path
        assert found.dtype == torch_type(weight), path
        if weight.trainable and weight.numel:
            assert bool(found.sum().isfinite()), path
            few = found.flatten()[:512].float()
            if weight.numel > 1:
                assert float(few.std()) > 0, path
                alike[weight.role.value, weight.shape].append((few - few.mean()) / few.std())
    for same in alike.values() if apart else ():
        if len(same[0]) >= 8:
            table = torch.stack(same)
            gaps = torch.cdist(table, table).fill_diagonal_(float("inf"))
            assert float(gaps.min()) > 0.05 * len(same[0]) ** 0.5


@pytest.mark.parametrize("name", NETWORKS)
def test_shipped_networks(name: str, weighing: SimpleNamespace) -> None:
    """All weights of one of each family; and, as they begin, values between a tenth and ten in training."""
    graph = ghndsl.load(name, **SMALLER[name]) if name in SMALLER else weighing.networks.small(name)
    inputs = weighing.networks.inputs_of(graph, batch=COSTLY.get(name, 3))
    makers = [("ghn", 0), *[("logah", 0)][: name not in COSTLY], *[("ghn", 1)][: name in AGAIN]]
    for model, seed in makers:
        weights = made(ghn_of(model, seed), graph)
        check(graph, weights)
        seen = weighing.sizes.sizes(graph, weights, inputs)
        assert min(seen).size >= 0.1, (model, seed)
        assert max(seen).size <= 10, (model, seed)


AGAIN = {"resnet18", "mobilenet_v3_small", "squeezenet1_1", "regnet_y_400mf", "lstm_classifier"}
"""Networks that another seed is asked for too."""


@pytest.mark.parametrize("model", ["ghn2", "ghn3"])
@pytest.mark.parametrize("name", ["siamese", "lstm_classifier", "mobilenet_v3_small", "swin_t", "r3d_18", "unet"])
def test_shipped_networks_by_tiles(model: str, name: str, weighing: SimpleNamespace) -> None:
    graph = weighing.networks.small(name)
    check(graph, made(ghn_of(model), graph), apart=False)


def weighted(graph: Graph) -> set[str]:
    """The operators that have something to learn."""
    return {node.op.name for node in graph.nodes for weight in node.weights if weight.trainable}


@pytest.fixture(scope="module")
def strangers(pytestconfig: pytest.Config) -> list[Graph]:
    """Random graphs over all operators, up to the number at which each that has weights is there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        grow = importlib.import_module("exported.grow")
        return [grow.grown(7, number) for number in range(128)]


def test_all_operators_with_weights_occur(strangers: list[Graph]) -> None:
    found = set[str]().union(*map(weighted, strangers))
    assert found == {
        *("attention", "batch_norm", "conv", "conv_transpose", "embedding", "group_norm", "gru", "gru_cell"),
        *("instance_norm", "layer_norm", "linear", "lstm", "lstm_cell", "parameter", "prelu"),
        *("relative_position_bias", "rms_norm", "window_attention"),
    }
    assert len({node.op.name for graph in strangers for node in graph.nodes}) > 0.9 * len(TABLE)


@pytest.mark.parametrize("name", ["ghn", "ghn2", "logah"])
def test_a_checkpoint_of_one_space_makes_all_weights_of_any_graph(
    name: str, strangers: list[Graph], graphs: list[Graph], tmp_path: Path
) -> None:
    """Its blocks fit one small space; it is saved and read before it sees anything else; many graphs go together."""
    GHN(replace(MODELS[name], blocks=fit(graphs)), seed=0).save(tmp_path / "g.safetensors")
    ghn = GHN.load(tmp_path / "g.safetensors")
    with torch.no_grad():
        found = ghn.many(strangers)
    for graph, weights in zip(strangers, found, strict=True):
        check(graph, weights, apart=False)
    for graph, weights in zip(strangers[:20], found, strict=False):
        for path, weight in made(ghn, graph).items():
            torch.testing.assert_close(weight, weights[path], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["ghn", "logah"])
def test_no_two_weights_of_a_random_graph_are_equal(name: str, strangers: list[Graph]) -> None:
    for graph in strangers:
        check(graph, made(ghn_of(name), graph))


def node(build: GraphBuilder, op: ops.Operator, *values: Value, at: str) -> Value:
    return build.add(op, values, at, Scope("arch", "net"))[0]


def network(**edits: ops.Operator) -> Graph:
    """Two branches of a stem, joined, and a head; the weight that is looked at is that of `own`."""
    build = GraphBuilder("net")

    def put(name: str, op: ops.Operator, *values: Value) -> Value:
        return node(build, edits.get(name, op), *values, at=name)

    x = build.input("x", TensorType((symbol("N"), 8, 16, 16)))
    x = put("before", ops.Relu(), put("first", ops.Conv(8, 3, padding=1), x))
    own = node(build, ops.Conv(8, 3, padding=1), x, at="own")
    own = put("behind", ops.Relu(), own)
    other = put("beside", ops.MaxPool(3, 1, 1), x)
    y = put("join", ops.Add(), put("later", ops.Relu(), own), put("beside_later", ops.Identity(), other))
    y = put("pool", ops.AdaptiveAvgPool(1), y)
    build.output("y", put("head", ops.Linear(10), put("flat", ops.Flatten(), y)))
    return build.finish()


EDITS: dict[str, dict[str, ops.Operator]] = {
    "just before": {"before": ops.Sigmoid()},
    "far before": {"first": ops.Conv(8, 5, padding=2)},
    "just behind": {"behind": ops.Tanh()},
    "behind": {"later": ops.Gelu()},
    "far behind": {"pool": ops.AdaptiveMaxPool(1)},
    "at the end": {"flat": ops.Mean((2, 3))},
    "beside": {"beside": ops.AvgPool(3, 1, 1)},
    "beside, with weights": {"beside": ops.Conv(8, 3, padding=1)},
    "beside, later": {"beside_later": ops.Silu()},
    "where branches meet": {"join": ops.Mul()},
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", MODELS)
def test_weights_follow_the_graph_around_their_node(name: str, edit: str) -> None:
    """By more than rounding, wherever the graph is changed; the same again where it is not."""
    graph, edited = network(), network(**EDITS[edit])
    own, changed, again = (made(sensitive(name), one)["own.weight"] for one in (graph, edited, network()))
    assert torch.equal(own, again)
    assert float((own - changed).norm() / own.norm()) > 1e-4


@cache
def sensitive(name: str) -> GHN:
    blocks = fit([network(), *(network(**edit) for edit in EDITS.values())])
    return GHN(replace(MODELS[name], blocks=blocks if MODELS[name].decoders == ("slice",) else {}), seed=0)


def test_ten_thousand_nodes(work: Callable[[Callable[[], object]], int]) -> None:
    """The work is linear in the nodes, as counted in calls, and little for each."""
    short, long = (work(partial(made, ghn_of("ghn"), chain(blocks))) for blocks in (10, 40))
    assert long < 5 * short
    graph = chain(2500)
    assert len(graph.nodes) == 10_000
    weights = made(ghn_of("ghn"), graph)
    assert list(weights) == list(graph.weights)
    assert bool(torch.stack([weight.sum() for weight in weights.values()]).isfinite().all())


def chain(blocks: int) -> Graph:
    build = GraphBuilder("chain")
    x = build.input("x", TensorType((symbol("N"), 8, 8, 8)))
    for i in range(blocks):
        y = node(build, ops.Conv(8, 3, padding=1), x, at=f"{i}.conv")
        y = node(build, ops.Relu(), node(build, ops.BatchNorm(), y, at=f"{i}.norm"), at=f"{i}.relu")
        x = node(build, ops.Add(), x, y, at=f"{i}.add")
    build.output("y", x)
    return build.finish()


def test_weights_of_other_types_of_numbers_are_made() -> None:
    build = GraphBuilder("types")
    for i, dtype in enumerate((DType.F16, DType.F32, DType.F64)):
        x = build.input(f"x{i}", TensorType((symbol("N"), 4), dtype))
        build.output(f"y{i}", node(build, ops.Linear(3), x, at=f"fc{i}"))
    graph = build.finish()
    for name in MODELS:
        check(graph, made(GHN(replace(MODELS[name], blocks=fit([graph]))), graph), apart=False)
