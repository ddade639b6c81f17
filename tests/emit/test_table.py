"""Tables: rows add up to the network, whatever is folded."""

from collections.abc import Callable

import pytest

import ghndsl
from ghndsl.emit.outline.folding import EVERYTHING
from ghndsl.emit.table.rows import Row, table
from ghndsl.ir import Graph
from ghndsl.passes.facts import memory


def told(row: Row) -> tuple[int, str, str, int]:
    return row.depth, row.path, row.title, row.params


@pytest.mark.parametrize(
    ("blocks", "depth", "expected"),
    [
        (
            3,
            0,
            [(0, "stem", "conv(8, 3, padding=1)", 224), (0, "layer0", "Stage", 3504), (0, "pool", "max_pool(2)", 0)],
        ),
        (
            3,
            2,
            [
                (0, "stem", "conv(8, 3, padding=1)", 224),
                (0, "layer0", "Stage", 3504),
                (1, "0 – 2", "Cell ×3", 3504),
                (2, "0 – 1", "ReLUConv ×2", 1168),
                (2, "add", "add", 0),
            ],
        ),
    ],
)
def test_rows(
    network: Callable[..., Graph], blocks: int, depth: int, expected: list[tuple[int, str, str, int]]
) -> None:
    assert [told(row) for row in table(network(blocks), depth)][: len(expected)] == expected


@pytest.mark.parametrize("depth", [None, 0, 1, 2, EVERYTHING])
@pytest.mark.parametrize("net", ["resnet50", "gpt2", "siamese", "nasbench201@17", "unet", "msdnet"])
def test_outermost_rows_add_up_to_the_network(net: str, depth: int | None) -> None:
    graph = ghndsl.load(net)
    rows = [row for row in table(graph, depth) if row.depth == 0]
    assert sum(row.params for row in rows) == graph.params
    if graph.macs is not None:
        assert sum(row.macs or 0 for row in rows) == graph.macs


def test_open_to_the_last_every_node_has_a_row() -> None:
    graph = ghndsl.load("resnet50")
    rows = table(graph, EVERYTHING)
    assert sum(not row.is_block for row in rows) == len(graph.nodes)
    assert len(table(graph)) < 30


def test_memory_is_that_of_the_graph() -> None:
    found = memory(ghndsl.load("resnet18"))
    assert (found.inputs, found.weights) == (602_112, 46_796_608)
    assert found.total == (found.inputs or 0) + (ghndsl.load("resnet18").memory or 0)
    assert memory(ghndsl.load("gpt2")).total is None
