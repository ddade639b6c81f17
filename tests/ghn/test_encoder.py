"""The encoder against the paper's equations, node by node, in plain torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.encoders.gru import GRU
from ghndsl.ghn.encoders.layers import Layers, propagate_any
from ghndsl.ghn.encoders.propagate import propagate
from ghndsl.ghn.encoders.step import pack
from ghndsl.ghn.features import input_rows, unit_rows
from ghndsl.ghn.plan import Stage, plan
from ghndsl.ghn.schedule import schedule
from ghndsl.ghn.segments import cut
from ghndsl.ir import Graph, Node

States = list[torch.Tensor]


def naive(states: States, edges: tuple[tuple[int, int], ...], rounds: int, layers: tuple[nn.Module, ...]) -> States:
    """Eq. 3, 4 and 15: one node after another, forward then backward; who hears nobody keeps its state."""
    first, second, cell = layers
    states = list(states)
    for _ in range(rounds):
        for backward in (False, True):
            for node in reversed(range(len(states))) if backward else range(len(states)):
                heard = [b if backward else a for a, b in edges if (a if backward else b) == node]
                if heard:
                    message = sum(second(torch.relu(first(states[other]))) for other in heard)
                    states[node] = cell(message[None], states[node][None])[0]
    return states


def layers(hidden: int, message: int, kind: torch.dtype = torch.float64) -> tuple[nn.Linear, nn.Linear, nn.GRUCell]:
    torch.manual_seed(0)
    second = nn.Linear(message, hidden, bias=False)
    return nn.Linear(hidden, message).to(kind), second.to(kind), nn.GRUCell(hidden, hidden).to(kind)


@st.composite
def structures(draw: st.DrawFn) -> tuple[int, tuple[tuple[int, int], ...]]:
    """A directed acyclic graph whose edges go up and are listed by their targets; an edge may be there twice."""
    size = draw(st.integers(1, 9))
    sources = [draw(st.lists(st.integers(0, node - 1), max_size=3)) if node else [] for node in range(size)]
    return size, tuple((source, node) for node in range(size) for source in sources[node])


def stages(*structure: tuple[int, tuple[tuple[int, int], ...]]) -> list[Stage]:
    nobody = np.array([], np.intp)
    order = schedule(structure)
    return [Stage(slice(0, len(order.order)), slice(0, len(structure)), order, nobody, nobody)]


@given(st.lists(structures(), min_size=1, max_size=3), st.integers(1, 3))
@settings(max_examples=40)
def test_levels_equal_node_by_node(segments: list[tuple[int, tuple[tuple[int, int], ...]]], rounds: int) -> None:
    """Values and all gradients, several segments at once, hidden and message of different sizes."""
    parts = layers(5, 3)
    inputs = [torch.randn(size, 5, dtype=torch.float64, requires_grad=True) for size, _ in segments]
    expected = [
        state
        for start, (_, edges) in zip(inputs, segments, strict=True)
        for state in naive(list(start), edges, rounds, parts)
    ]
    made = stages(*segments)
    order = list(made[0].schedule.order)
    found = propagate(torch.cat(inputs)[order], made, rounds, pack(*parts))
    wanted = torch.stack(expected)[order]
    torch.testing.assert_close(found, wanted)
    weights = [*inputs, *(parameter for part in parts for parameter in part.parameters())]
    upstream = torch.randn_like(wanted)
    for a, b in zip(_gradients(found, weights, upstream), _gradients(wanted, weights, upstream), strict=True):
        torch.testing.assert_close(a, b)


def _gradients(values: torch.Tensor, weights: list[torch.Tensor], upstream: torch.Tensor) -> list[torch.Tensor]:
    found = torch.autograd.grad(values, weights, upstream, allow_unused=True)
    return [torch.zeros_like(w) if g is None else g for w, g in zip(weights, found, strict=True)]


def stacked(encoder: GRU, graph: Graph) -> dict[Node, torch.Tensor]:
    """The whole encoder on one graph: embeddings summed, segments one after another, means handed on."""
    config, found, means = encoder.config, dict[Node, torch.Tensor](), States()
    for segment in cut(graph, fused=config.fused):
        states = States()
        for value, source in zip(segment.inputs, segment.sources, strict=True):
            state = encoder.embedding[list(input_rows(value.type, shapes=config.shapes))].sum(0)
            states.append(state if source is None or not config.hand_on else state + means[source])
        states += [encoder.embedding[list(unit_rows(unit, shapes=config.shapes))].sum(0) for unit in segment.units]
        (layer,) = encoder.layers
        states = naive(states, segment.edges, config.rounds, (layer.message, layer.message_out, layer.cell))
        means.append(torch.stack(states).mean(0))
        for unit, state in zip(segment.units, states[len(segment.inputs) :], strict=True):
            found |= dict.fromkeys(unit, state)
    return found


def test_whole_graphs_equal_the_naive_encoder(graphs: list[Graph]) -> None:
    for config in (GHNConfig(), GHNConfig(fused=False, rounds=3), GHNConfig(shapes=False, hand_on=False, rounds=1)):
        encoder = GRU(config).double()
        for together in ([graphs[0]], graphs[-4:]):
            indices = plan(together, config)
            states = encoder(indices)
            for graph, places in zip(together, indices.places, strict=True):
                expected = stacked(encoder, graph)
                assert places.keys() == expected.keys() == set(graph.nodes)
                found = torch.stack([states[places[node][0]] for node in graph.nodes])
                torch.testing.assert_close(found, torch.stack([expected[node] for node in graph.nodes]))


def test_the_general_propagation_equals_the_fast_one(graphs: list[Graph]) -> None:
    for config in (GHNConfig(), GHNConfig(rounds=0), GHNConfig(hand_on=False, rounds=3)):
        encoder = GRU(config).double()
        indices = plan(graphs[-4:], config)
        start = functional.embedding_bag(indices.features, encoder.embedding, indices.starts, mode="sum")
        general = propagate_any(start, indices.stages, config, list(encoder.layers))
        torch.testing.assert_close(general, encoder(indices))


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
@pytest.mark.parametrize("gather", ["sum", "mean", "max"])
@pytest.mark.parametrize("order", ["forward_backward", "synchronous"])
def test_variants_see_the_graph_and_learn(cell: str, gather: str, order: str, graphs: list[Graph]) -> None:
    """Every parameter has a gradient; a node's state follows what stands far before it."""
    encoder = GRU(GHNConfig(cell=cell, gather=gather, order=order, separate=2))
    indices = plan([graphs[-1]], encoder.config)
    states = encoder(indices)
    states.square().sum().backward()
    assert all(parameter.grad is not None for parameter in encoder.parameters())
    assert all(float(layer.message.weight.grad.abs().sum()) > 0 for layer in encoder.layers)
    nodes = [indices.places[0][node][0] for node in graphs[-1].nodes]
    with torch.no_grad():
        encoder.embedding[indices.features[: indices.starts[1]]] += 1.0
    assert not torch.equal(encoder(indices)[nodes[-1]], states[nodes[-1]])


def naive_any(states: States, edges: tuple[tuple[int, int], ...], config: GHNConfig, layer: Layers) -> States:
    """As `naive`, for any choice; in synchronous order all that hear someone hear what was said before any of them."""
    gathers = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax}
    now = [(state, torch.zeros_like(state)) for state in states]
    for _ in range(config.rounds):
        for backward in (False, True):
            said = list(now) if config.order == "synchronous" else now
            for node in reversed(range(len(now))) if backward else range(len(now)):
                heard = [b if backward else a for a, b in edges if (a if backward else b) == node]
                if heard:
                    message = gathers[config.gather](layer.messages(torch.stack([said[u][0] for u in heard])), 0)
                    before = tuple(x[None] for x in now[node])
                    now[node] = tuple(x[0] for x in layer.after(message[None], before))
    return [state for state, _ in now]


@given(
    st.lists(structures(), min_size=1, max_size=3),
    st.sampled_from(["gru", "lstm", "rnn"]),
    st.sampled_from(["sum", "mean", "max"]),
    st.sampled_from(["forward_backward", "synchronous"]),
    st.integers(0, 2),
)
@settings(max_examples=40)
def test_variants_equal_node_by_node(
    segments: list[tuple[int, tuple[tuple[int, int], ...]]], cell: str, gather: str, order: str, rounds: int
) -> None:
    torch.manual_seed(0)
    config = GHNConfig(hidden=4, message=3, cell=cell, gather=gather, order=order, rounds=rounds)
    layer = Layers(config).double()
    made = stages(*segments)
    inputs = torch.randn(len(made[0].schedule.order), 4, dtype=torch.float64, requires_grad=True)
    found = propagate_any(inputs[list(made[0].schedule.order)], made, config, [layer])
    expected, start = States(), 0
    for size, edges in segments:
        expected += naive_any(list(inputs[start : start + size]), edges, config, layer)
        start += size
    wanted = torch.stack([expected[node] for node in made[0].schedule.order])
    torch.testing.assert_close(found, wanted)
    weights = [inputs, *layer.parameters()]
    upstream = torch.randn_like(wanted)
    for a, b in zip(_gradients(found, weights, upstream), _gradients(wanted, weights, upstream), strict=True):
        torch.testing.assert_close(a, b)


def test_gradients_cross_segments(graphs: list[Graph]) -> None:
    encoder = GRU(GHNConfig()).double()
    graph = graphs[-1]
    indices = plan([graph], encoder.config)
    last = indices.places[0][graph.nodes[-1]][0]
    parameters = list(encoder.parameters())
    found = torch.autograd.grad(encoder(indices)[last].sum(), parameters)
    expected = torch.autograd.grad(stacked(encoder, graph)[graph.nodes[-1]].sum(), parameters)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)


def test_memory_and_time_grow_with_nodes_not_their_square() -> None:
    """A chain of 4,000 nodes has as many levels."""
    size = 4000
    chain = stages((size, tuple((node, node + 1) for node in range(size - 1))))
    states = torch.randn(size, 8, requires_grad=True)
    found = propagate(states, chain, 1, pack(*layers(8, 8, torch.float32)))
    torch.autograd.backward(found.sum())
    assert states.grad is not None
    assert bool(states.grad.isfinite().all())
