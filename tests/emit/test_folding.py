"""Folding: which blocks are frames, which are boxes, and what is drawn once for all its copies."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import ghndsl
from ghndsl import ops
from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.outline.folding import EVERYTHING, LONG, SMALL, fold
from ghndsl.emit.picture.dot import to_dot
from ghndsl.emit.picture.render import LARGEST, render
from ghndsl.ir import Graph, GraphBuilder, Scope, Value
from ghndsl.types import TensorType

Network = Callable[..., Graph]


def outline(cluster: Cluster) -> list[object]:
    """The tree as nested lists: operators' names, blocks' names with their counts, frames as lists with theirs."""

    def drawn(child: Box | Cluster) -> object:
        if isinstance(child, Cluster):
            times = [len(child.copies)] if child.copies else []
            return [*times, *outline(child)]
        name = child.scopes[0].name if child.scopes else child.nodes[0].op.name
        sign = "*" if child.is_equal else "~"
        return name + (f"{sign}{child.times}" if child.times > 1 else "")

    return [drawn(child) for child in cluster.children]


CELL = [["relu", "conv"], ["relu", "conv"], "add"]
CELLS = [2, [2, "relu", "conv"], "add"]
HEAD = ["flatten", "linear"]


@pytest.mark.parametrize(
    ("blocks", "depth", "expected"),
    [
        (2, 0, ["conv", "Stage", "max_pool", "Stage", *HEAD]),
        (2, 1, ["conv", ["Cell*2"], "max_pool", ["Cell*2"], *HEAD]),
        (2, 2, ["conv", [[2, "ReLUConv*2", "add"]], "max_pool", [[2, "ReLUConv*2", "add"]], *HEAD]),
        (2, 3, ["conv", [CELLS], "max_pool", [CELLS], *HEAD]),
        (2, EVERYTHING, ["conv", [CELL] * 2, "max_pool", [CELL] * 2, *HEAD]),
        # A small one is drawn open, a stage that holds one block alone as one frame with both names.
        (1, None, ["conv", CELL, "max_pool", CELL, *HEAD]),
        # Each row of equal cells, and of equal layers in it, is drawn once.
        (
            20,
            None,
            ["conv", [[20, [2, "relu", "conv"], "add"]], "max_pool", [[20, [2, "relu", "conv"], "add"]], *HEAD],
        ),
    ],
)
def test_blocks_fold(network: Network, blocks: int, depth: int | None, expected: list[object]) -> None:
    assert outline(fold(network(blocks), depth)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("for i in range(9) { x = x -> conv(8, 3, padding=1) -> relu }", [[9, "conv", "relu"]]),
        ("for i in range(9) { x = x + (x -> conv(8, 3, padding=1) -> relu) }", [[9, "conv", "relu", "add"]]),
        # A text that is small enough is drawn as it is, and two equal layers are two.
        ("x = x -> conv(8, 1) -> relu -> conv(8, 1) -> relu -> relu", ["conv", "relu", "conv", "relu", "relu"]),
        # The first one takes another number of channels, and so has other weights.
        ("for i in range(9) { x = x -> conv(6, 1) -> relu }", ["conv", [8, "relu", "conv"], "relu"]),
        # All take one tensor beside what the one before them made.
        ("m = x -> tanh\n for i in range(20) { x = (x + m) -> relu }", ["tanh", [20, "add", "relu"]]),
        # What is repeated hands on two tensors: one could not see which of them goes where.
        (
            "y = x -> relu\n for i in range(9) { z = x -> tanh\n x = y + z\n y = z }",
            ["relu", *["tanh", "add"] * 9],
        ),
    ],
)
def test_repeats_need_no_blocks(body: str, expected: list[object]) -> None:
    text = f"arch net() {{\n input x: f32[N, 8, 4, 4]\n {body}\n output y = x }}"
    depth = None if expected[-1] == "relu" and len(expected) == 5 else 0
    assert outline(fold(ghndsl.loads(text), depth)) == expected


BLOCK = "block B(x, c: int) { y = x -> conv(c, 3, padding=1) -> batch_norm -> relu -> conv(c, 1)\n return y -> relu }\n"
LARGE = {
    "a loop": "for i in range(334) { x = x -> conv(8, 3, padding=1) -> batch_norm -> relu }",
    "a residual loop": "for i in range(250) { x = x + (x -> conv(8, 3, padding=1) -> batch_norm -> relu) }",
    "wider and wider": "for i in range(334) { x = x -> conv(8 + i, 1) -> batch_norm -> relu }",
    "blocks": "for i in range(200) { x = x -> B(8) as b.{i} }",
    "wider blocks": "for i in range(200) { x = x -> B(8 + i) as b.{i} }",
    "stages": "for s in range(8) { for i in range(25) { x = x -> B(8 * 2 ** s) as s{s}.{i} } }",
}


@pytest.mark.parametrize("body", LARGE.values(), ids=LARGE.keys())
def test_a_thousand_nodes_are_legible(body: str, tmp_path: Path) -> None:
    graph = ghndsl.loads(f"{BLOCK}arch net() {{\n input x: f32[N, 8, 4, 4]\n {body}\n output y = x }}")
    assert len(graph.nodes) >= 1000
    assert len(list(fold(graph).boxes())) <= SMALL
    render(graph, tmp_path / "net.png")
    width, height = struct.unpack(">II", (tmp_path / "net.png").read_bytes()[16:24])
    assert width < LARGEST
    assert height < LARGEST
    assert len(graph._repr_svg_() or "") < 100_000


def test_blocks_that_differ_are_joined_only_where_they_are_too_many() -> None:
    def chain(count: int) -> Graph:
        build, root = GraphBuilder("net"), Scope("arch", "net")
        x = build.input("x", TensorType((1, 4)))
        for i in range(count):
            block = Scope("block", "Block", f"{i}", root, use=i)
            for k in range(3):
                (x,) = build.add(ops.Linear(4 + i), [x], f"{i}.{k}", block)
        build.output("y", x)
        return build.finish()

    assert outline(fold(chain(20))) == ["Block"] * 20
    assert outline(fold(chain(100))) == [[100, "linear", "linear", "linear"]]
    assert len(list(fold(chain(100), EVERYTHING).boxes())) == 300
    assert "numbers differ" in to_dot(chain(100)).source
    assert len(list(fold(chain(30)).boxes())) <= LONG


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        ("swin_v2_t", [[3, "SwinBlockV2", "SwinBlockV2"]]),
        # Within a stage first: no stage is paired with the next one.
        ("efficientnet_v2_s", ["FusedMBConv~3", "MBConv~8"]),
        ("resnet152", ["Bottleneck*35"]),
    ],
)
def test_copies_may_differ_in_a_rate(net: str, expected: list[object]) -> None:
    graph = ghndsl.load(net)
    found = outline(fold(graph))
    for one in expected:
        assert one in found or one in found[0]  # type: ignore[operator]
    assert sum(1 for _ in fold(graph, 1).boxes()) < sum(1 for _ in fold(graph, EVERYTHING).boxes())


def test_a_row_is_broken_by_an_exit_and_by_a_skip() -> None:
    def chain(change: Callable[[int, Value, Value], tuple[Value, bool]]) -> list[object]:
        build, root = GraphBuilder("net"), Scope("arch", "net")
        first = x = build.input("x", TensorType((1, 4)))
        for i in range(4):
            scope = Scope("block", "Block", f"{i}", root, use=i)
            taken, is_exit = change(i, first, x)
            (y,) = build.add(ops.Linear(4), [taken], f"{i}.a", scope)
            (x,) = build.add(ops.Add(), [y, x], f"{i}.b", scope)
            if is_exit:
                build.output(f"exit{i}", x, is_exit=True)
        build.output("y", x)
        return outline(fold(build.finish(), 0))

    assert chain(lambda i, first, x: (x, False)) == ["Block*4"]
    assert chain(lambda i, first, x: (x, i == 1)) == ["Block*2", "Block*2"]
    assert chain(lambda i, first, x: (first if i == 3 else x, False)) == ["Block*3", "Block"]
