"""The encoders of GHN-2 and GHN-3 against their papers' equations in plain torch, and what all encoders promise."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from ghndsl import ops
from ghndsl.ghn import GHN, GHNConfig, paths
from ghndsl.ghn.encoders import Encoder, make_encoder
from ghndsl.ghn.encoders.ghn2 import GHN2
from ghndsl.ghn.encoders.ghn3 import GHN3, Layer
from ghndsl.ghn.features import input_rows, unit_rows
from ghndsl.ghn.plan import plan
from ghndsl.ghn.segments import Segment, cut
from ghndsl.ghn.tokens import DEGREES
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.types import TensorType, symbol

ENCODERS = ("gru", "ghn2", "ghn3")
Edges = tuple[tuple[int, int], ...]
Wiring = list[tuple[int, int]]


def graph_of(wiring: Wiring, changed: int = -1) -> Graph:
    """A node for each pair, which says how far back its inputs are: see `operator`; one may be changed."""
    build, scope = GraphBuilder("wired"), Scope("arch", "wired")
    values = [build.input("x", TensorType((symbol("N"), 4)))]
    for number, pair in enumerate(wiring):
        op = ops.Tanh() if number == changed else operator(*pair)
        inputs = [values[-1 - back % len(values)] for back in pair][: op.tensors]
        values += build.add(op, inputs, f"n{number}", scope)
    build.output("y", values[-1])
    return build.finish()


def operator(a: int, b: int) -> ops.Operator:
    """A layer of one value, the sum of two, or of one with itself, or a learned tensor, which hears nobody."""
    if (a, b) == (4, 4):
        return ops.Parameter((4,))
    return ops.Linear(4) if a == b != 1 else ops.Add()


CHAIN: Wiring = [(0, 0)] * 7
WIRINGS = st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=9), min_size=1, max_size=3)


def ways(size: int, edges: Edges) -> dict[tuple[int, int], int]:
    """By (source, target) the edges of the shortest path: breadth first from every node."""
    found: dict[tuple[int, int], int] = {}
    for source in range(size):
        reached, length = {source}, 0
        while reached:
            found |= {(source, node): length for node in reached}
            reached = {b for a, b in edges if a in reached and (source, b) not in found}
            length += 1
    return found


@given(WIRINGS, st.integers(1, 5), st.sampled_from([1, 3, 1024]))
@settings(max_examples=30)
def test_lengths_are_those_of_a_breadth_first_search(wirings: list[Wiring], reach: int, block: int) -> None:
    for (whole,) in filter(None, [cut(graph_of(wiring), stacked=False) for wiring in wirings]):
        size, edges = whole.structure
        expected = ways(size, edges)
        found = paths.lengths(size, edges).tolist()
        assert found == [[expected.get((u, v), size) for u in range(size)] for v in range(size)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(paths, "BLOCK", block)
            pairs = paths.far_pairs(size, edges, reach).T.tolist()
        assert sorted(pairs) == sorted([*pair, s] for pair, s in expected.items() if 1 < s <= reach)


def starts(encoder: Encoder, segment: Segment) -> list[torch.Tensor]:
    rows = [input_rows(value.type) for value in segment.inputs] + [unit_rows(unit) for unit in segment.units]
    return [encoder.embedding[list(own)].sum(0) for own in rows]


def naive_ghn2(encoder: GHN2, segment: Segment) -> torch.Tensor:
    """h_v = GRU(h_v, sum of MLP(h_u) over edges + sum of MLP_sp(h_u) / s over longer shortest paths), node by node."""
    config, layers = encoder.config, encoder.layers
    near, far = slice(0, config.message), slice(config.message, None)

    def said(state: torch.Tensor, part: slice) -> torch.Tensor:
        hidden = torch.relu(layers.message.weight[part] @ state + layers.message.bias[part])
        return layers.message_out.weight[:, part] @ hidden

    states, size = starts(encoder, segment), segment.size
    for _ in range(config.rounds):
        for edges in (segment.edges, tuple((b, a) for a, b in segment.edges)):
            lengths = ways(size, edges)
            for node in range(size) if edges is segment.edges else reversed(range(size)):
                heard = [said(states[a], near) for a, b in edges if b == node]
                far_ones = {u: s for (u, v), s in lengths.items() if v == node and 1 < s <= config.reach}
                heard += [said(states[u], far) / s for u, s in far_ones.items()]
                if heard:
                    states[node] = layers.cell(torch.stack(heard).sum(0)[None], states[node][None])[0]
    return torch.stack(states)


def naive_ghn3(encoder: GHN3, segment: Segment) -> torch.Tensor:
    """Pre-norm attention written out; biases of the first layer looked up pair by pair."""
    size, reach, heads = segment.size, encoder.config.reach, encoder.config.heads
    lengths, inputs = ways(size, segment.edges), range(len(segment.inputs))
    states = starts(encoder, segment)
    for node in range(size):
        near = [lengths[i, node] for i in inputs if (i, node) in lengths]
        states[node] = (
            states[node]
            + encoder.embedding_in.weight[min(sum(b == node for _, b in segment.edges), DEGREES - 1)]
            + encoder.embedding_out.weight[min(sum(a == node for a, _ in segment.edges), DEGREES - 1)]
            + encoder.embedding_distance.weight[min(*near, reach) if near else reach + 1]
        )
    there = [[lengths.get((u, v)) for u in range(size)] for v in range(size)]
    index = [
        [
            min(s, reach) if s is not None else reach + min(back, reach) if back is not None else 2 * reach + 1
            for s, back in zip(row, column, strict=True)
        ]
        for row, column in zip(there, zip(*there, strict=True), strict=True)
    ]
    bias, now = encoder.embedding_ways.weight[torch.tensor(index)], torch.stack(states)
    for number, layer in enumerate(encoder.layers):
        assert isinstance(layer, Layer)
        query, key, value = layer.attend(layer.norm(now)).chunk(3, 1)
        seen: list[torch.Tensor] = []
        for head, part in enumerate(torch.arange(now.shape[1]).chunk(heads)):
            fit = query[:, part] @ key[:, part].T / len(part) ** 0.5 + (bias[:, :, head] if number == 0 else 0)
            seen.append(fit.softmax(1) @ value[:, part])
        now = now + layer.join(torch.cat(seen, 1))
        norm, wide, _, back_again = layer.mlp
        now = now + back_again(functional.gelu(wide(norm(now))))
    return now


NAIVE: dict[str, Callable[..., torch.Tensor]] = {"ghn2": naive_ghn2, "ghn3": naive_ghn3}
SMALL = GHNConfig(hidden=6, message=3, heads=2, layers=2, fused=False, rounds=1)


@pytest.mark.parametrize("name", NAIVE)
@given(wirings=WIRINGS, reach=st.sampled_from([1, 2, 50]), rounds=st.integers(1, 2))
@settings(max_examples=15)
def test_states_and_gradients_equal_the_naive_ones(name: str, wirings: list[Wiring], reach: int, rounds: int) -> None:
    torch.manual_seed(0)
    encoder = make_encoder(replace(SMALL, encoder=name, reach=reach, rounds=rounds)).double()
    graphs = [graph_of(wiring) for wiring in wirings]
    indices = plan(graphs, encoder.config)
    states = encoder(indices)
    found, wanted = [states.detach()[:0]], [states.detach()[:0]]
    for graph, places in zip(graphs, indices.places, strict=True):
        for segment in cut(graph, fused=False, stacked=False):
            found.append(states[[places[node][0] for node in graph.nodes]])
            wanted.append(NAIVE[name](encoder, segment)[len(segment.inputs) :])
    torch.testing.assert_close(torch.cat(found), torch.cat(wanted))
    upstream = torch.randn_like(torch.cat(wanted))
    if upstream.numel():
        named = dict(encoder.named_parameters())
        pair = [torch.autograd.grad(torch.cat(x), list(named.values()), upstream) for x in (found, wanted)]
        for path, one, other in zip(named, *pair, strict=True):
            torch.testing.assert_close(one, other, msg=lambda text, path=path: f"{path}: {text}")


@pytest.mark.parametrize("name", ENCODERS)
def test_a_graph_has_the_same_states_alone_and_with_others(name: str, graphs: list[Graph]) -> None:
    encoder = make_encoder(GHNConfig(encoder=name)).double()
    together = plan(graphs, encoder.config)
    states = encoder(together)
    for graph, places in zip(graphs[-3:], together.places[-3:], strict=True):
        alone = plan([graph], encoder.config)
        found = encoder(alone)
        torch.testing.assert_close(
            found[[alone.places[0][node][0] for node in graph.nodes]],
            states[[places[node][0] for node in graph.nodes]],
        )


@pytest.mark.parametrize("name", ENCODERS)
def test_every_parameter_has_a_gradient(name: str, graphs: list[Graph]) -> None:
    encoder = make_encoder(GHNConfig(encoder=name))
    functional.layer_norm(encoder(plan(graphs[:2], encoder.config)), [32])[:, 0].sum().backward()
    for path, parameter in encoder.named_parameters():
        assert parameter.grad is not None, path
        assert bool(parameter.grad.abs().sum() > 0), path


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("changed", range(len(CHAIN)))
def test_every_state_knows_every_operator(name: str, changed: int) -> None:
    """Those before it, behind it, next to it and far away."""
    torch.manual_seed(0)
    encoder = make_encoder(GHNConfig(encoder=name, fused=False, rounds=1)).double()
    one, other = (encoder(plan([graph_of(CHAIN, number)], encoder.config)) for number in (-1, changed))
    assert one.shape == other.shape == (len(CHAIN) + 1, 32)
    assert bool(((one - other).abs().amax(1) > 1e-9).all())


@pytest.mark.parametrize("fused", [False, True])
def test_features_are_those_of_each_unit(fused: bool, graphs: list[Graph]) -> None:
    """Also where nodes share an operator but not the types of its inputs, within a graph and among graphs."""
    relu, wide = ops.Relu(), ops.Linear(16)
    build, scope = GraphBuilder("shared"), Scope("arch", "shared")
    value = build.input("x", TensorType((symbol("N"), 4)))
    for number, op in enumerate((relu, wide, relu, wide)):
        (value,) = build.add(op, [value], f"n{number}", scope)
    build.output("y", value)
    together = [*graphs, build.finish()]
    indices = plan(together, GHNConfig(fused=fused))
    rows = [tuple(part.tolist()) for part in indices.features.tensor_split(indices.starts[1:])]
    for graph, places in zip(together, indices.places, strict=True):
        for segment in cut(graph, fused=fused):
            for unit in segment.units:
                assert rows[places[unit[0]][0]] == unit_rows(unit)


@pytest.mark.parametrize("name", ["ghn2", "ghn3"])
def test_motifs_are_not_cut(name: str, network: Callable[..., Graph]) -> None:
    """What changes in the last cell is known in the first, which the stacked GHN does not see."""
    graphs = [network(("conv3", "conv3", "conv3"), cells=cells) for cells in (2, 3)]
    known = []
    for encoder in (name, "gru"):
        made = make_encoder(GHNConfig(encoder=encoder)).double()
        plans = [plan([graph], made.config) for graph in graphs]
        first = [made(p)[p.places[0][graph.nodes[0]][0]] for p, graph in zip(plans, graphs, strict=True)]
        known.append(not torch.allclose(*first))
    assert known == [True, False]


def test_the_first_parameters_are_drawn_in_one_order() -> None:
    """What was ranked with a seed is ranked so again: layers first, embeddings after them, all but operators small."""
    encoder = GHN(GHNConfig(), seed=3).encoder
    torch.manual_seed(3)
    layers = nn.Linear(32, 32), nn.Linear(32, 32, bias=False), nn.GRUCell(32, 32)
    embedding = torch.empty_like(encoder.embedding).normal_(std=0.2)
    embedding[:512].normal_()
    names = ("message", "message_out", "cell")
    expected = {"embedding": embedding} | {
        f"layers.0.{name}.{own}": value
        for name, layer in zip(names, layers, strict=True)
        for own, value in layer.state_dict().items()
    }
    found = encoder.state_dict()
    assert list(found) == list(expected)
    assert all(torch.equal(found[path], value) for path, value in expected.items())


REFUSED = [
    ({"encoder": "ghn2", "cell": "lstm"}, "choices of the encoder `gru`"),
    ({"encoder": "ghn3", "order": "synchronous"}, "choices of the encoder `gru`"),
    ({"encoder": "ghn2", "separate": 2}, "choices of the encoder `gru`"),
    ({"encoder": "ghn3", "hidden": 30}, "`heads` must divide `hidden`"),
    ({"order": "sideways"}, "` knows "),
    ({"encoder": "ghn4"}, "` knows "),
    ({"decoders": ()}, "` knows "),
    ({"rank": 0}, "positive"),
    ({"rounds": 1.5}, "whole"),
]


@pytest.mark.parametrize(("choices", "reason"), REFUSED)
def test_choices_that_there_are_not_are_refused(choices: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        GHNConfig(**choices)
    written = json.dumps({**json.loads(GHNConfig().to_json()), **choices})
    with pytest.raises(ValueError, match=reason):
        GHNConfig.from_json(written)


@pytest.mark.parametrize("config", [GHNConfig(encoder="ghn3"), GHNConfig(cell="lstm", rounds=1)])
def test_indices_go_where_the_parameters_are(config: GHNConfig) -> None:
    """On a device that computes nothing; what has the gradient written out is computed on the CPU."""
    states = make_encoder(config).to("meta")(plan([graph_of(CHAIN)], config))
    assert states.device.type == "meta"


@pytest.mark.parametrize("name", ENCODERS)
def test_no_nodes_have_no_states(name: str) -> None:
    encoder = make_encoder(GHNConfig(encoder=name))
    empty = graph_of([])
    assert encoder(plan([empty], encoder.config)).shape == (0, 32)
    together = plan([empty, graph_of(CHAIN), empty], encoder.config)
    assert [len(places) for places in together.places] == [0, 7, 0]
    torch.testing.assert_close(encoder(together), encoder(plan([graph_of(CHAIN)], encoder.config)))


def wired(size: int) -> Graph:
    """A graph without regularity; the same for one size."""
    return graph_of([(7 * number % 11, number * number % 13) for number in range(size)])


def test_ten_thousand_nodes_and_memory_linear_in_them() -> None:
    """What the plan and a step of learning hold at most, for twice the nodes."""
    encoder = make_encoder(GHNConfig(rounds=1))

    def step(graph: Graph) -> None:
        encoder(plan([graph], encoder.config)).sum().backward()

    peaks = []
    for graph in (wired(400), wired(800)):
        tracemalloc.start()
        step(graph)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.2 * peaks[0]
    large = wired(10_000)
    states = encoder(plan([large], encoder.config))
    assert len(states) > 5_000
    assert bool(states.isfinite().all())
