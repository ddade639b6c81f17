"""How a graph is cut: into segments, and those into units."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from ghndsl.ghn.segments import cut
from ghndsl.ghn.units import has_kernel, uses
from ghndsl.ir import Graph

Network = Callable[..., Graph]


@pytest.mark.parametrize("fused", [False, True])
def test_every_node_is_in_one_unit(graphs: list[Graph], fused: bool) -> None:
    for graph in graphs:
        nodes = [node for segment in cut(graph, fused=fused) for unit in segment.units for node in unit]
        assert sorted(nodes, key=graph.nodes.index) == list(graph.nodes)


def test_units_are_chains_around_one_kernel(graphs: list[Graph]) -> None:
    for graph in graphs:
        taken = uses(graph)
        for segment in cut(graph):
            for unit in segment.units:
                assert sum(map(has_kernel, unit)) <= 1
                for before, node in pairwise(unit):
                    assert node.inputs == before.results
                    assert taken[node.inputs[0].id] == 1


def test_uses_of_a_motif_are_segments(network: Network) -> None:
    segments = cut(network(("conv3", "skip", "pool"), cells=3), fused=False)
    names = [{node.scope.path for unit in segment.units for node in unit} for segment in segments]
    assert names == [{""}, {"cell0"}, {"cell1"}, {""}, {"cell2"}, {""}]
    assert [segment.sources for segment in segments] == [(None,), (0,), (1,), (2,), (3,), (4,)]
    assert [segment.depth for segment in segments] == [0, 1, 2, 3, 4, 5]
    assert segments[1].edges == segments[2].edges == segments[4].edges


def test_a_graph_without_motifs_is_one_segment(network: Network) -> None:
    graph = network(("conv3", "skip", "pool"), motif=False)
    (segment,) = cut(graph, fused=False)
    assert segment.size == len(graph.nodes) + 1
    assert segment.sources == (None,)


def test_fusing_joins_what_the_paper_calls_an_operation(network: Network) -> None:
    _, cell, _ = cut(network(("conv3", "conv1", "depthwise"), cells=1))
    names = [[node.op.name for node in unit] for unit in cell.units]
    chain = [["relu", "conv", "batch_norm", "relu"], ["conv", "batch_norm"]]
    assert names == [*chain, *chain, ["add"]]
    assert cell.edges == ((0, 1), (1, 2), (0, 3), (3, 4), (2, 5), (4, 5))
