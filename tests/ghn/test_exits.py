"""Hypernetworks for networks with exits: what their nodes know, and bottlenecks that are edges."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from seeking import few_images

import ghndsl
from ghndsl.data import Dataset, fitted, load
from ghndsl.ghn import GHN, GHNConfig, GHNSettings, fit, train_ghn
from ghndsl.ghn.features import OFFSETS, ROWS
from ghndsl.ghn.plan import plan
from ghndsl.ghn.segments import cut
from ghndsl.ghn.standing import ANSWERS, CARRIES, Standing
from ghndsl.ghn.units import Unit, has_kernel
from ghndsl.ir import Graph
from ghndsl.search.draw import training_sample
from ghndsl.training.descend import loss_of

TEXT = """
block Narrow(x, channels: int) { return x -> relu -> conv(channels, 1, bias=false) -> batch_norm }

arch net() {
    input image: f32[N, 1, 16, 16]
    stem = image -> conv(4, 3, padding=1) as stem
    one = stem -> Narrow(4) as narrow1 -> conv(4, 3, padding=1) as node1
    both = concat([stem -> Narrow(2) as narrow2, one -> Narrow(2) as narrow3])
    two = both -> max_pool(2) -> conv(4, 3, padding=1) as node2
    exit early = two -> relu -> mean([2, 3]) -> linear(10) as early
    three = two -> Narrow(4) as narrow4 -> Narrow(4) as narrow5 -> max_pool(2)
    output logits = three -> mean([2, 3]) -> linear(10) as head
}
"""
SPACE = ghndsl.load_space("ghn_anytime", width=4, size=8)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return ghndsl.loads(TEXT)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("colours")
    return fitted(load(str(folder / few_images(folder, colours=3))), SPACE.build(SPACE.candidate(0)))


def name(unit: Unit) -> str:
    """The label of a unit's kernel, or of its first node."""
    return next((node for node in unit if has_kernel(node)), unit[0]).path.split(".")[0]


def test_a_bottleneck_is_an_edge_between_nodes(graph: Graph) -> None:
    (segment,) = cut(graph, bottlenecks=True)
    names = ["image", *map(name, segment.units)]
    edges = {(names[a], names[b]) for a, b in segment.edges}
    between = {name(unit): (names[a], names[b]) for unit, a, b in segment.bottlenecks}
    # What stands between two bottlenecks is a node.
    assert between == {
        "narrow1": ("stem", "node1"),
        "narrow2": ("stem", "node2"),
        "narrow3": ("node1", "node2"),
        "narrow4": ("node2", "narrow5"),
    }
    assert set(between.values()) <= edges
    (whole,) = cut(graph)
    assert len(whole.units) > len(segment.units)
    assert not whole.bottlenecks
    told = [node for unit in (*segment.units, *(unit for unit, *_ in segment.bottlenecks)) for node in unit]
    assert sorted(map(id, told)) == sorted(map(id, graph.nodes))


def test_all_edges_of_the_anytime_space_are_bottlenecks() -> None:
    """Also those that lead from several nodes, which a node joins; pointwise operations of nodes are none."""
    for candidate in SPACE.sample(3, 0):
        graph = SPACE.build(candidate)
        (segment,) = cut(graph, bottlenecks=True)
        between = {
            next(node for node in unit if has_kernel(node)).path.rsplit(".", 1)[0] for unit, *_ in segment.bottlenecks
        }
        edges = {node.path.rsplit(".", 1)[0] for node in graph.nodes if has_kernel(node) and ".from" in node.path}
        assert between == edges
        for _, first, last in segment.bottlenecks:
            assert first < last
            assert segment.edges.count((first, last)) >= 1
        told = [node for unit in (*segment.units, *(unit for unit, *_ in segment.bottlenecks)) for node in unit]
        assert sorted(map(id, told)) == sorted(map(id, graph.nodes))


def test_an_exit_of_several_maps_hangs_on_the_last_of_them() -> None:
    for candidate in SPACE.sample(3, 0):
        graph = SPACE.build(candidate)
        marks = {
            node.path: row - OFFSETS["exit"]
            for node in graph.nodes
            for row in Standing(graph).rows((node,))
            if row >= OFFSETS["exit"]
        }
        carrying = {path.split(".op")[0] for path, mark in marks.items() if mark == CARRIES}
        assert carrying == {node.path.split(".exit")[0] for node in graph.nodes if ".exit" in node.path}
        assert {path.split(".exit")[0] for path, mark in marks.items() if mark == ANSWERS} == carrying


def test_nodes_know_their_scale_and_their_exits(graph: Graph) -> None:
    standing = Standing(graph)
    found: dict[str, set[tuple[str, int]]] = {}
    for node in graph.nodes:
        for row in standing.rows((node,)):
            name = "exit" if row >= OFFSETS["exit"] else "scale"
            found.setdefault(node.path.split(".")[0], set()).add((name, row - OFFSETS[name]))
    assert found["stem"] == {("scale", 0)}
    assert found["node2"] == {("scale", 1), ("exit", 1)}
    assert ("exit", 2) in found["early"]
    assert ("scale", 1) in found["narrow5"]
    assert "exit" not in {name for name, _ in found.get("head", set())}


def test_only_hypernetworks_for_exits_have_rows_for_them(graph: Graph) -> None:
    without, with_ = (GHN(GHNConfig(fit([graph]), exits=exits), seed=0) for exits in (False, True))
    assert without.encoder.embedding.shape[0] == ROWS[False] == OFFSETS["scale"]
    assert with_.encoder.embedding.shape[0] == ROWS[True]
    assert int(plan([graph], without.config).features.max()) < ROWS[False]
    assert int(plan([graph], with_.config).features.max()) >= OFFSETS["exit"]
    assert {path: tensor.shape for path, tensor in with_(graph).items()} == {
        path: tensor.shape for path, tensor in without(graph).items()
    }


def test_weights_of_a_bottleneck_are_made_from_the_nodes_before_and_after(graph: Graph) -> None:
    ghn = GHN(GHNConfig(fit([graph]), exits=True, rounds=1), seed=0)
    indices, targets = ghn._plan([graph])
    nodes = len(indices.starts)
    states = torch.randn(nodes, 32, generator=torch.Generator().manual_seed(0), requires_grad=True)
    (made,) = ghn.decoder(states, targets, 1, indices.pairs)
    path = next(path for path in made if path.startswith("narrow3") and made[path].dim() == 4)
    (gradient,) = torch.autograd.grad(made[path].square().sum(), states)
    (node,) = (node for node in graph.nodes if any(node.weight_path(weight) == path for weight in node.weights))
    row = indices.places[0][node][0]
    assert row >= nodes
    touched = {*gradient.abs().sum(1).nonzero().flatten().tolist()}
    assert touched == {*indices.pairs[row - nodes].tolist()}


def test_several_networks_together_have_the_weights_of_each_alone() -> None:
    graphs = [SPACE.build(candidate) for candidate in SPACE.sample(3, 0)]
    ghn = GHN(GHNConfig(fit(graphs), exits=True), seed=0)
    for alone, together in zip(map(ghn, graphs), ghn.many(graphs), strict=True):
        for path, weight in alone.items():
            torch.testing.assert_close(together[path], weight, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("encoder", ["gru", "ghn2", "ghn3"])
def test_every_encoder_makes_all_weights(graph: Graph, encoder: str) -> None:
    config = GHNConfig(fit([graph]), exits=True, encoder=encoder, hidden=32, fused=encoder == "gru")  # type: ignore[arg-type]
    made = GHN(config, seed=0)(graph)
    assert {*made} == {*graph.weights}
    assert all(bool(weight.isfinite().all()) for weight in made.values())


def test_it_learns_from_all_exits_and_goes_on(tmp_path: Path, data: Dataset) -> None:
    settings = GHNSettings(steps=4, meta_batch=2, batch_size=8, fit=4)
    path = tmp_path / "g.safetensors"
    whole = train_ghn(training_sample(SPACE, 0), data, settings, 0)
    assert whole.ghn.config.exits
    train_ghn(training_sample(SPACE, 0), data, settings, 0, checkpoint=path, stop_after=2)
    for config in (GHNConfig(), None):
        rest = train_ghn(training_sample(SPACE, 0), data, settings, 0, config=config, resume=path)
        assert rest.losses == whole.losses
    loaded = GHN.load(path)
    graph = SPACE.build(SPACE.candidate(5))
    batch = data.train.first(8)
    with torch.no_grad():
        assert float(loss_of(graph, loaded(graph), batch)) > 0
    # Seven answers, each about as good as a guess at first.
    assert whole.losses[0] == pytest.approx(7 * 2.3, rel=0.3)
