"""Pictures: what is drawn and folded, and files that both Graphviz and its pure port lay out."""

import os
import re
import shutil
import stat
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import ghndsl
from ghndsl import resources
from ghndsl.diagnostics import CompileError
from ghndsl.emit.outline.folding import EVERYTHING, fold
from ghndsl.emit.picture import render as rendering
from ghndsl.emit.picture.details import details
from ghndsl.emit.picture.dot import to_dot
from ghndsl.emit.picture.render import LARGEST, render
from ghndsl.ir import Graph

Network = Callable[..., Graph]


@cache
def drawn(net: str) -> str:
    """What is drawn of a network, for Graphviz."""
    return str(to_dot(ghndsl.load(net)).source)


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        ("resnet18", [("BasicBlock", 7, 5), ("BasicBlock", 9, 3)]),
        ("gpt2", [("Layer", 19, 12)]),
        ("nasbench201@17", [("Cell", 8, 15), ("Reduction", 5, 2), ("ReLUConvBN", 3, 34)]),
        ("unet", [("Double", 6, 9)]),
        ("lstm_classifier", []),
        ("swin_v2_t", [("SwinBlockV2", 8, 12), ("MLP", 3, 12), ("PatchMergingV2", 3, 3), ("Neighbours", 5, 3)]),
    ],
)
def test_each_kind_of_block_is_open_beside_the_picture(net: str, expected: list[tuple[str, int, int]]) -> None:
    graph = ghndsl.load(net)
    kinds = details(graph, fold(graph)).drawn
    found = [(one.scope.name, len(list(one.content.boxes())), len(one.uses)) for one in kinds]
    assert sorted(found) == sorted(expected)
    for name, _, _ in expected:
        assert f"inside {name}" in drawn(net)
    assert "inside" not in to_dot(graph, 9).source


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        # The last copy of a frame leaves in another shape than the one that is drawn.
        ("maxvit_t", ">256×14×14<"),
        ("efficientnet_v2_s", ">64×48×48<"),
        ("efficientnet_v2_s", ">160×24×24<"),
        # Kinds of one name are told apart, and every kind is open somewhere.
        ("efficientnet_v2_s", "<b>inside ConvBN (1)</b>"),
        ("efficientnet_v2_s", "<b>inside ConvBN (2)</b>"),
        ("efficientnet_v2_s", "<b>ConvBN (2)</b>  <i>1</i>"),
        ("maxvit_t", "<b>inside Attend</b>"),
        ("efficientnet_v2_s", "<b>MBConv ×5</b>  <i>features.4.1 – 5</i>"),
        ("efficientnet_v2_s", "(0.055)"),
        # A sign that Graphviz does not know the width of would leave a gap.
        ("efficientnet_v2_s", "<b>MBConv &gt; Inverted</b>  <i>features.4.0</i>"),
        ("swin_v2_t", '<b>repeated ×3</b><br/><font point-size="10">features.5.0 – 5</font>'),
        # The frame is where the network's text has what is repeated, not where the first node in it stands.
        ("swin_v2_t", 'tooltip="swin.arch:37:22'),
    ],
)
def test_the_picture_of_a_known_network_says(net: str, expected: str) -> None:
    assert expected in drawn(net)


def test_kinds_that_are_open_nowhere_are_named() -> None:
    blocks = [
        f"block B{i}(x) {{ for i in range({i + 1}) {{ x = x -> conv(4, 3, padding=1) -> relu -> gelu }}\n return x }}"
        for i in range(15)
    ]
    uses = "\n".join(f"x = x -> B{i}" for i in range(15))
    text = "\n".join(blocks) + f"\narch net() {{\n input x: f32[N, 4, 4, 4]\n {uses}\n output y = x }}"
    graph = ghndsl.loads(text)
    found = details(graph, fold(graph))
    assert len(found.drawn) < 15
    assert {one.scope.name for one in found.drawn} | set(found.missing) == {f"B{i}" for i in range(15)}
    assert f"and {len(found.missing)} more kinds of block, not opened here" in to_dot(graph).source
    assert "not opened here" not in drawn("resnet18")


def test_the_title_is_what_was_asked_for() -> None:
    assert "nasbench201@17" in to_dot(ghndsl.load("nasbench201@17"), None, "nasbench201@17").source


@pytest.fixture(scope="module")
def deep(network: Network) -> str:
    """What is drawn of a network of many blocks."""
    return str(to_dot(network(20)).source).replace("  </b>", "</b>").replace("<b>  ", "<b>")


@pytest.mark.parametrize(
    "expected",
    [
        "<b>net</b>",
        "<b>image</b>",
        "f32[N, 3, 16, 16]",
        "exit <b>early</b>",
        "after 23.6K params, 5.95M MACs",
        "<b>conv</b>  <i>stem</i>",
        "(8, 3, padding=1)",
        "224 params, 55.3K MACs",
        "8×16×16",
        '<font point-size="9">motif </font><b>Cell ×20</b>',
        "<b>Stage</b>  <i>layer1</i>",
        "net.arch:2:5: y = x -> conv",
        "shape=ellipse",
        "shape=hexagon",
        "shape=octagon",
        "convolution",
        "×N: N times in a row",
        "motif: one for all its uses",
    ],
)
def test_the_picture_says(deep: str, expected: str) -> None:
    assert expected in deep


def test_a_folded_block_says_what_is_in_it(network: Network) -> None:
    source = to_dot(network(3), 1).source
    assert "<b>Cell ×3</b>  <i>0 – 2</i>" in source
    assert "3.5K params, 885K MACs" in source


def test_what_a_candidate_chose_stands_where_it_was_chosen_and_in_the_legend() -> None:
    source = drawn("nasbench201@17")
    assert "op = nor_conv_3x3" in source
    assert "Cell.e3_1.op = <b>nor_conv_3x3</b>" in source
    assert "choice made" in source
    assert "choice made" not in drawn("resnet18")


def test_weights_that_are_shared_are_called_so() -> None:
    assert "896 shared params" in drawn("siamese")
    assert "shared" not in drawn("resnet18")


def test_edges_join_what_they_should(network: Network) -> None:
    """Whatever is folded, every edge joins two boxes that are drawn, and every box is reached from the input."""
    for graph in (network(1), network(3), network(20)):
        for depth in (0, 1, 2, 3, EVERYTHING):
            edges = re.findall(r"^\t+(\w+) -> (\w+) \[", to_dot(graph, depth).source, re.MULTILINE)
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
def test_svg(network: Network, name: str, tmp_path: Path) -> None:
    render(network(2, name), tmp_path / "net.svg")
    root = ET.parse(tmp_path / "net.svg").getroot()
    texts = {text.strip() for text in root.itertext()}
    assert {"conv", "Stage", "(8, 3, padding=1)"} <= texts
    assert name.replace("\x07", "·") in texts
    titles = {value for element in root.iter() for key, value in element.attrib.items() if key.endswith("title")}
    assert any('net.arch:2:5: y = x -> conv(8, 3) as "a<b> \\N &amp;"' in title for title in titles)
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", (tmp_path / "net.svg").read_text())
    assert [path.name for path in tmp_path.iterdir()] == ["net.svg"]


@pytest.mark.usefixtures("program")
def test_png(network: Network, tmp_path: Path) -> None:
    render(network(2), tmp_path / "net.PNG", depth=1)
    content = (tmp_path / "net.PNG").read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert height > width > 200


@pytest.mark.parametrize("net", ["resnet18", "gpt2", "unet", "msdnet", "siamese", "nasbench201@17", "digits@17"])
def test_a_png_is_of_a_sensible_size(net: str, tmp_path: Path) -> None:
    render(ghndsl.load(net), tmp_path / "net.png")
    width, height = struct.unpack(">II", (tmp_path / "net.png").read_bytes()[16:24])
    assert 300 < width <= LARGEST
    assert 300 < height <= LARGEST


def test_a_png_is_never_larger_however_much_is_drawn(tmp_path: Path) -> None:
    render(ghndsl.load("resnet18"), tmp_path / "net.png", EVERYTHING)
    width, height = struct.unpack(">II", (tmp_path / "net.png").read_bytes()[16:24])
    assert max(width, height) <= LARGEST


def test_dot_text_needs_no_program(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "programs", list[str])
    render(network(2), str(tmp_path / "net.dot"))
    assert (tmp_path / "net.dot").read_text() == to_dot(network(2)).source
    assert stat.S_IMODE(os.stat(tmp_path / "net.dot").st_mode) & 0o400
    assert network(2)._repr_svg_() is None


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("net.pdf", "G504", "named `.svg`, `.png` or `.dot`, not `net.pdf`"),
        ("net", "G504", "not `net`"),
        ("missing/net.svg", "G007", "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_refused(network: Network, name: str, code: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CompileError, match=message) as refused:
        render(network(1), tmp_path / name)
    assert [diagnostic.code for diagnostic in refused.value.diagnostics] == [code]
    assert not list(tmp_path.iterdir())


def test_a_program_that_fails_is_passed_over(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.mark.parametrize("name", ["resnet18", "nasbench201"])
def test_the_pictures_of_the_documentation_are_those_of_today(name: str) -> None:
    page = resources.root() / "docs" / "images" / f"{name}.svg"
    if not page.is_file():
        pytest.skip("the documentation is in a checkout")
    one = ghndsl.load_space(name) if name == "nasbench201" else ghndsl.load(name)
    shown, today = (sorted(ET.fromstring(svg).itertext()) for svg in (page.read_text(), one._repr_svg_() or ""))
    assert [text for text in shown if text.strip()] == [text for text in today if text.strip()]
