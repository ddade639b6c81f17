"""The shipped networks with exits: how deep they are, where they may stop and at what cost, and small ones of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

import ghndsl
from ghndsl.ir import Graph
from ghndsl.passes.dead import dead
from ghndsl.passes.facts import exits

LAYERS = {"densenet_exits": 52, "resnet_exits": 62}
"""The layers of the published ones up to the last answer, shortcuts not counted."""
NETWORKS: list[tuple[str, dict[str, int], int]] = [
    ("densenet_exits", {}, 6),
    ("densenet_exits", {"size": 16, "layers": 3, "head": 16}, 2),
    ("densenet_exits", {"size": 8, "growth": 2, "stem": 2, "layers": 2, "every": 1, "head": 1}, 5),
    ("msdnet", {}, 4),
    ("msdnet", {"size": 16, "layers": 6, "base": 8, "growth": 4, "head": 16}, 2),
    ("msdnet", {"size": 8, "layers": 3, "base": 1, "growth": 1, "head": 1}, 1),
    ("msdnet", {"size": 28, "layers": 4, "scales": 2, "head": 8}, 1),
    ("resnet_exits", {}, 6),
    ("resnet_exits", {"size": 16, "width": 8, "blocks": 3, "head": 16}, 2),
    ("resnet_exits", {"size": 8, "width": 2, "blocks": 2, "every": 1, "head": 1}, 5),
]


def last_answer(graph: Graph) -> Graph:
    """What the network takes without its exits."""
    return dead(replace(graph, results=graph.results[-1:]))


@pytest.mark.parametrize(("name", "settings", "count"), NETWORKS)
def test_each_exit_costs_more_than_the_one_before(name: str, settings: dict[str, int], count: int) -> None:
    graph = ghndsl.load(name, **settings)
    stops = [one.macs or 0 for one in exits(graph)]
    assert [port.name for port in graph.results if not port.is_exit] == [[*graph.outputs][-1]] == ["logits"]
    assert len(stops) == count
    costs = [*stops, last_answer(graph).macs or 0]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize("name", LAYERS)
def test_published_depths(name: str) -> None:
    graph = ghndsl.load(name)
    assert [port.name for port in graph.results] == [*(f"early{i}" for i in range(6)), "logits"]
    made = [node.path for node in last_answer(graph).nodes if node.op.name in ("conv", "linear")]
    assert len([path for path in made if "downsample" not in path]) == LAYERS[name]


def test_msdnet_is_what_it_was() -> None:
    graph = ghndsl.load("msdnet")
    assert graph.id == "g1-698200d19e71f3fdec7eea25036a63b1"
    assert (graph.params, graph.macs) == (2_224_930, 61_193_472)
