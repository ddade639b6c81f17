"""Pictures: what is drawn and folded, and files that both Graphviz and its pure port lay out."""

import os
import re
import shutil
import stat
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from ghndsl import ops
from ghndsl.diagnostics import CompileError, Source, Span
from ghndsl.emit import render as rendering
from ghndsl.emit.dot import to_dot
from ghndsl.emit.folding import LEGIBLE, Box, Cluster, fold
from ghndsl.emit.labels import PALETTE, colours
from ghndsl.emit.render import render
from ghndsl.ir import Graph, GraphBuilder, Scope, Value
from ghndsl.ops import TABLE
from ghndsl.types import TensorType, symbol

TEXT = 'arch net() {\n    y = x -> conv(8, 3) as "a<b> \\N &amp;"\n}\n'
SPAN = Span(Source("net.arch", TEXT), 17, 50)


def network(blocks: int, name: str = "net", layers: int = 2) -> Graph:
    """A stem, two stages of residual blocks with an exit between them, and a head."""
    build, root = GraphBuilder(name), Scope("arch", name)
    x = build.input("image", TensorType((symbol("N"), 3, 16, 16)))
    (x,) = build.add(ops.Conv(8, 3, padding=1), [x], "stem", root, SPAN)
    for i in range(2):
        stage = Scope("block", "Stage", f"layer{i}", root, use=i, span=SPAN)
        for j in range(blocks):
            x = _block(build, x, Scope("motif", "Cell", f"layer{i}.{j}", stage, use=j, span=SPAN), layers)
        if i == 0:
            build.output("early", x, is_exit=True)
            (x,) = build.add(ops.MaxPool(2), [x], "pool", root, SPAN)
    (x,) = build.add(ops.Flatten(), [x], "flatten", root)
    build.output("logits", *build.add(ops.Linear(10), [x], "fc", root))
    return build.finish()


def _block(build: GraphBuilder, x: Value, scope: Scope, layers: int) -> Value:
    y = x
    for k in range(layers):
        inner = Scope("block", "ReLUConv", f"{scope.path}.{k}", scope, use=k, span=SPAN)
        (y,) = build.add(ops.Relu(), [y], f"{inner.path}.0", inner, SPAN)
        (y,) = build.add(ops.Conv(8, 3, padding=1), [y], f"{inner.path}.1", inner, SPAN)
    return build.add(ops.Add(), [x, y], f"{scope.path}.add", scope, SPAN)[0]


def outline(cluster: Cluster) -> list[object]:
    """The tree as nested lists: operators' names, blocks' names with their counts, clusters as lists."""

    def name(box: Box) -> str:
        times = f"*{len(box.scopes)}" if len(box.scopes) > 1 else ""
        return box.scopes[0].name + times if box.scopes else box.nodes[0].op.name

    return [name(child) if isinstance(child, Box) else outline(child) for child in cluster.children]


CELL = [["relu", "conv"], ["relu", "conv"], "add"]
HEAD = ["flatten", "linear"]


@pytest.mark.parametrize(
    ("graph", "depth", "expected"),
    [
        (network(2), 0, ["conv", "Stage", "max_pool", "Stage", *HEAD]),
        (network(2), 1, ["conv", ["Cell*2"], "max_pool", ["Cell*2"], *HEAD]),
        (network(2), 2, ["conv", [["ReLUConv*2", "add"]] * 2, "max_pool", [["ReLUConv*2", "add"]] * 2, *HEAD]),
        (network(2), 3, ["conv", [CELL] * 2, "max_pool", [CELL] * 2, *HEAD]),
        (network(2), None, ["conv", [CELL] * 2, "max_pool", [CELL] * 2, *HEAD]),
        # A stage that holds one block alone is one frame with both names.
        (network(1), 9, ["conv", CELL, "max_pool", CELL, *HEAD]),
        # Too many to draw: each chain of equal cells, and of equal layers in it, is drawn once.
        (network(20), None, ["conv", [[["relu", "conv"], "add"]], "max_pool", [[["relu", "conv"], "add"]], *HEAD]),
    ],
)
def test_blocks_fold(graph: Graph, depth: int | None, expected: list[object]) -> None:
    assert outline(fold(graph, depth)) == expected


def test_without_a_depth_the_picture_is_legible() -> None:
    build, root = GraphBuilder("net"), Scope("arch", "net")
    x = build.input("x", TensorType((1, 4)))
    for i in range(30):
        block = Scope("block", "Block", f"{i}", root, use=i)
        for k in range(3):
            (x,) = build.add(ops.Linear(4 + i), [x], f"{i}.{k}", block)
    build.output("y", x)
    graph = build.finish()
    assert len(list(fold(graph).boxes())) == 30 <= LEGIBLE
    assert len(list(fold(graph, 1).boxes())) == 90


def test_a_chain_is_broken_by_an_exit_and_by_a_skip() -> None:
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


def test_every_family_of_operators_has_its_colour() -> None:
    own = [op for op in TABLE.values() if op.__module__.startswith("ghndsl.")]
    families = {op.__module__.rpartition(".")[2] for op in own}
    assert families == set(PALETTE)
    assert colours(ops.Relu()) != colours(ops.Conv(1, 1))


@pytest.mark.parametrize(
    "expected",
    [
        "<b>net</b>",
        "<b>image</b>",
        "f32[N, 3, 16, 16]",
        "exit <b>early</b>",
        "<b>conv</b>  <i>stem</i>",
        "(8, 3, padding=1)",
        "224 params, 55.3K MACs",
        "8×16×16",
        "<b>Cell ×20</b>",
        "<b>Stage</b>  <i>layer1</i>",
        "net.arch:2:5: y = x -&gt; conv".replace("&gt;", ">"),
        "shape=ellipse",
        "shape=hexagon",
        "shape=octagon",
    ],
)
def test_the_picture_says(expected: str) -> None:
    assert expected in to_dot(network(20)).source


def test_a_folded_block_says_what_is_in_it() -> None:
    source = to_dot(network(3), 1).source
    assert "<b>Cell ×3</b>  <i>0 – 2</i>" in source
    assert "3.5K params, 885K MACs" in source


def test_edges_join_what_they_should() -> None:
    """Whatever is folded, every edge joins two boxes that are drawn, and every box is reached from the input."""
    for graph in (network(1), network(3), network(20)):
        for depth in (None, 0, 1, 2, 3):
            edges = re.findall(r"^\t(\w+) -> (\w+) \[", to_dot(graph, depth).source, re.MULTILINE)
            reached = {"input0"}
            for source, target in edges:
                assert source in reached
                reached.add(target)
            boxes = sum(1 for _ in fold(graph, depth).boxes())
            assert len(reached) == 1 + boxes + len(graph.results)


@pytest.fixture(params=["dot", "graphviz-pure"])
def program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Each of the programs, the other one out of reach."""
    if request.param == "dot":
        if shutil.which("dot") is None:
            pytest.skip("Graphviz is not installed here")
    else:
        monkeypatch.setenv("PATH", str(tmp_path))
    assert Path(rendering.programs()[0]).stem == request.param
    return str(request.param)


HOSTILE = 'a<b> & "c" \\N \\ \x07 ]]> -- é'


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("name", ["net", HOSTILE, "<b>"])
def test_svg(name: str, tmp_path: Path) -> None:
    render(network(2, name), tmp_path / "net.svg")
    root = ET.parse(tmp_path / "net.svg").getroot()
    texts = {text.strip() for text in root.itertext()}
    assert {"conv", "Stage", "(8, 3, padding=1)"} <= texts
    assert name.replace("\x07", "·") in texts
    titles = {value for element in root.iter() for key, value in element.attrib.items() if key.endswith("title")}
    assert any('net.arch:2:5: y = x -> conv(8, 3) as "a<b> \\N &amp;"' in title for title in titles)
    assert [path.name for path in tmp_path.iterdir()] == ["net.svg"]


@pytest.mark.usefixtures("program")
def test_png(tmp_path: Path) -> None:
    render(network(2), tmp_path / "net.PNG", depth=1)
    content = (tmp_path / "net.PNG").read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert height > width > 200


def test_dot_text_needs_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "programs", list[str])
    render(network(2), str(tmp_path / "net.dot"))
    assert (tmp_path / "net.dot").read_text() == to_dot(network(2)).source
    assert stat.S_IMODE(os.stat(tmp_path / "net.dot").st_mode) & 0o400


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("net.pdf", "G504", "named `.svg`, `.png` or `.dot`, not `net.pdf`"),
        ("net", "G504", "not `net`"),
        ("missing/net.svg", "G007", "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_refused(name: str, code: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CompileError, match=message) as refused:
        render(network(1), tmp_path / name)
    assert [diagnostic.code for diagnostic in refused.value.diagnostics] == [code]
    assert not list(tmp_path.iterdir())


def test_a_program_that_fails_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "dot"
    broken.write_text("#!/bin/sh\necho no such format >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(rendering, "programs", lambda: [str(broken)])
    with pytest.raises(CompileError, match="cannot be laid out: no such format"):
        render(network(1), tmp_path / "net.svg")
    assert not (tmp_path / "net.svg").exists()
    monkeypatch.undo()
    programs = [str(broken), *rendering.programs()]
    monkeypatch.setattr(rendering, "programs", lambda: programs)
    render(network(1), tmp_path / "net.svg")
    assert (tmp_path / "net.svg").exists()
