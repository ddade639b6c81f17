"""The picture of a space: its flow, what is the same for all candidates of it, and every choice as a cluster."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html import unescape

import pytest

import ghndsl
from ghndsl import resources
from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.picture.palette import CHOICE_FRAME, FAINT, INK, contrast
from ghndsl.emit.picture.render import svg_of
from ghndsl.space import Space
from ghndsl.space.drawing.asked import chapters
from ghndsl.space.drawing.common import Flowing, common
from ghndsl.space.drawing.folding import folded
from ghndsl.space.drawing.sketch import sketches
from ghndsl.space.picture import svg, to_dot
from ghndsl.space.rows import rows

# Those two have the cells of others, in a chain like that of DARTS, and take long to plan.
SHIPPED = sorted({path.stem for path in (resources.specs() / "spaces").glob("*.nas")} - {"ghn_mobile", "ghn_cifar"})
WIDEST, HIGHEST = 1600, 4000


def words(label: str) -> str:
    """The text of a label, a line for each of its lines."""
    told = re.sub(r"<[^>]*>", "", label.replace("<br/>", "\n").replace("</tr>", "\n"))
    return unescape(told).replace("\xa0", " ").strip()


def boxes(source: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """The headings of the frames around every box, its name and its words."""
    around: list[str] = []
    for line in source.splitlines():
        text = line.strip()
        label = re.search(r'\blabel=(<.*?>(?= \w+=|\]|$)|"[^"]*"|\w+)', text)
        if text.startswith("subgraph"):
            around.append("")
        elif text == "}" and around:
            around.pop()
        elif label and around and "[" not in text.partition("label=")[0]:
            around[-1] = words(label[1][1:-1])
        elif label and "->" not in text.partition("[")[0]:
            yield tuple(filter(None, around)), text.partition(" ")[0], words(label[1][1:-1])


def options(source: str) -> dict[tuple[str, ...], list[str]]:
    """By the headings around it, the options of every choice."""
    found: dict[tuple[str, ...], list[str]] = {}
    for around, name, told in boxes(source):
        if name.startswith("option"):
            found.setdefault(tuple(heading.replace("\n", " / ") for heading in around), []).append(told)
    return found


@cache
def drawn_space(name: str) -> tuple[Space, str]:
    space = ghndsl.load_space(name)
    return space, to_dot(space).source


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_spaces(name: str) -> None:
    space, source = drawn_space(name)
    drawn = svg_of(source)
    found = re.match(r'<svg style="[^"]*" width="(\d+)pt" height="(\d+)pt"', drawn)
    assert found
    assert int(found[1]) <= WIDEST
    assert int(found[2]) <= HIGHEST
    texts = "".join(ET.fromstring(drawn).itertext())
    assert space.name in texts
    told = options(source)
    for chapter in chapters(space):
        for asked in chapter.asked():
            name_of = ", ".join(one.id for one in asked.node.names)
            inside = f"{chapter.definition.kind} {chapter.definition.name}"
            of_this = [key for key in told if key[0].startswith(inside) and re.match(rf"{name_of}\b.*:", key[-1])]
            assert of_this, f"{name_of} in {inside}"
            shown = {option.split("\n")[0] for option in told[of_this[0]]}
            assert shown <= {*(one.label for one in asked.node.branches or ()), *asked.domain.options, "…"}
            assert len(shown) > 1 or asked.domain.size == 1
    assert "stage0" not in {heading for around in told for heading in around}, "options stand in no flow"


def test_a_picture_is_the_same_every_time() -> None:
    assert to_dot(ghndsl.load_space("digits")).source == to_dot(ghndsl.load_space("digits")).source


TEXT = r"""
block Op(x: [N, C, H, W], act: op) {
    choose kernel, dilation from [(3, 1), (3, 2), (5, 1)]
    choose kind {
        plain: x -> conv(C, kernel, dilation=dilation, padding="same")
        deep: x -> Deep
        again: x -> Op(act) if C > 64 else zeros_like(x)
    }
    if kernel == 3 {
        choose groups from [1, 2]
    } else {
        choose bias from [true, false]
    }
    return kind -> act
}

block Deep(x: [N, C, H, W]) {
    choose depth from 1..40
    where depth < 3
    for i in range(depth) {
        choose norm from [batch_norm, instance_norm]
        x = x -> conv(C, 3, padding=1) as c{i} -> norm
    }
    return x
}

motif Cell(x: [N, C, H, W]) {
    choose g from dags(vertices=2..4) {
        conv: conv(C, 3, padding=1)
        pool: max_pool(3, 1, 1)
    }
    y = x -> Op(relu) as first
    return x + y
}

space net(width: int = 8) {
    input image: f32[N, 4, 16, 16]
    choose how from ["<b>&\"quote\"", "a\\nb|{c}", "]]>"]
    choose 1..2 acts from [relu, gelu, silu]
    x = image -> conv(width, 3, padding=1) as stem -> Cell as a -> Cell as b
    output logits = x -> Op(acts[0]) as c -> flatten
}
"""


@cache
def text_source() -> str:
    return str(to_dot(ghndsl.loads_space(TEXT)).source)


CLUSTERS = {
    ("space net", "how: one of"): ['"<b>&\\"quote\\""', '"a\\\\nb|{c}"', '"]]>"'],
    ("space net", "acts: 1..2 of"): ["relu", "gelu", "silu"],
    ("motif Cell", "g: a graph"): ["conv\nconv(C, 3, padding=1)", "pool\nmax_pool(3, 1, 1)"],
    ("block Op", "kernel, dilation ×2: tied, one of"): ["(3,1)", "(3,2)", "(5,1)"],
    ("block Op", "kind ×2: one of"): [
        "plain\nx -> conv(C, kernel,\ndilation=dilation, …",
        "deep\nx -> Deep",
        "again\nx -> Op(act) if C > 64 else\nzeros_like(x)\nOp again",
    ],
    ("block Op", "if kernel == 3", "groups ×2: one of"): ["1", "2"],
    ("block Op", "if not kernel == 3", "bias ×2: one of"): ["true", "false"],
    ("block Deep", "depth ×2: one of 40"): ["1", "2", "3", "4", "5", "6", "…", "40"],
    ("block Deep", "for i in range(depth)", "norm ×80: one of"): ["batch_norm", "instance_norm"],
}


def test_clusters_nest_as_the_text_does() -> None:
    source = text_source()
    found = {tuple(heading.split(" / ")[0] for heading in around): told for around, told in options(source).items()}
    assert found == CLUSTERS
    assert "where depth < 3" in {told for around, _, told in boxes(source) if around[:1] and "Deep" in around[0]}
    svg_of(source)


def test_options_that_earlier_choices_decide_are_all_drawn() -> None:
    body = "choose big from [true, false]\nx = image -> B([5, 7] if big else [1, 3]) as b"
    block = "block B(x: [N, C, H, W], ks: [int]) { choose k from ks\nreturn x -> conv(C, k, padding=k // 2) }"
    found = options(str(to_dot(ghndsl.loads_space(block + space_text(body))).source))
    told = {around[-1]: shown for around, shown in found.items() if around[0].startswith("block B")}
    assert told == {"k: one of 2 / depending on earlier choices / b.k": ["5", "7", "1", "3"]}


def test_dashed_edges_lead_from_options_to_what_exists_under_them() -> None:
    source = text_source()
    named = {name: told.split("\n")[0] for _, name, told in boxes(source)}
    frames = dict(re.findall(r"subgraph (cluster_frame\d+) \{\s*(?:.*\n)*?\s*label=.*?</font><b>(\w+)</b>", source))
    links = re.findall(r"(option\w+) -> \w+ \[.*lhead=(\w+)", source)
    assert [(named[option], frames[frame]) for option, frame in links] == [("deep", "Deep")]


HEADINGS = {
    "motif Cell": "chosen once for all its uses",
    "block Op": "chosen anew at each use",
    "space net": "chosen once",
}


@pytest.mark.parametrize("frame", HEADINGS)
def test_frames_say_how_often_is_chosen(frame: str) -> None:
    source = text_source()
    assert f"{frame} / {HEADINGS[frame]}" in {" / ".join(key[0].split(" / ")[:2]) for key in options(source)}


def test_in_a_motif_blocks_are_chosen_once_too() -> None:
    assert "chosen anew at each use in Cell" in drawn_space("nasbench201")[1]


def flow_of(text: str) -> Flowing:
    space = ghndsl.loads_space(text)
    hidden = frozenset(chapter.definition.name_span for chapter in chapters(space)[1:])
    return common([one.whole for one in sketches(space, hidden)])


def space_text(body: str) -> str:
    return f"""
block Op(x: [N, C, H, W]) {{
    choose op {{
        skip: x
        none: zeros_like(x)
        conv: x -> conv(C, 1)
    }}
    return op
}}

block Pair(a: [N, C, H, W], b) {{ return add(a -> Op as a, b -> Op as b) }}

space net() {{
    input image: f32[N, 4, 8, 8]
    {body}
    output logits = x -> flatten
}}
"""


def drawn(cluster: Cluster) -> list[str]:
    """What is drawn, in order, and how often."""
    found: list[str] = []
    for child in cluster.children:
        if not isinstance(child, Box):
            found += [f"{len(child.copies)} of", *drawn(child)]
            continue
        word = getattr(child.nodes[0].op, "block", child.nodes[0].op.name)
        found.append(f"{word} ×{child.times}" if child.times > 1 else word)
    return found


FLOWS = {
    "a box for each use, whatever is chosen": (
        "x = image -> Op as a -> relu -> Op as b",
        (["Op", "relu", "Op", "flatten"], True, 0, 0),
    ),
    "repeats as one": ("x = image\nfor i in range(5) { x = x -> Op as a{i} }", (["Op ×5", "flatten"], True, 0, 0)),
    "a loop of chosen length": (
        "choose d from 2..6\nx = image\nfor i in range(d) { x = x -> Op as a{i} }",
        (["Op ×#", "flatten"], True, 1, 0),
    ),
    "sizes and attributes that are chosen": (
        "choose c from [3, 5, 7, 9]\nx = image -> conv(c, 1)",
        (["conv", "flatten"], True, 0, 1),
    ),
    "what flows is chosen": (
        "choose act from [relu, gelu, silu]\nx = image -> act",
        (["?", "flatten"], False, 0, 0),
    ),
    "how it is wired is chosen": (
        "a = image -> relu\nb = a -> relu\nc = b -> relu\nchoose 2 j from range(3)\n"
        "x = add([[a, b, c][i] for i in j]) -> Op as op",
        (["relu", "relu", "relu", "add", "Op", "flatten"], False, 0, 0),
    ),
    "copies that take the last two": (
        "a, b = image, image -> relu\nfor i in range(12) { a, b = b, Pair(a, b) as cell.{i} }\nx = b",
        (["relu", "12 of", "Op", "Op", "add", "flatten"], True, 0, 0),
    ),
}


@pytest.mark.parametrize("name", FLOWS)
def test_the_flow_is_what_candidates_have_in_common(name: str) -> None:
    body, (expected, is_common, loose, varied) = FLOWS[name]
    flowing = flow_of(space_text(body))
    assert flowing.is_common == is_common
    assert len(flowing.loose) == loose
    shown = [re.sub(r"×\d", "×#", word) if loose else word for word in drawn(flowing.cluster)]
    assert [word if want != "?" else "?" for word, want in zip(shown, expected, strict=True)] == expected
    if not loose:
        assert len(flowing.varied) == varied


def test_what_is_not_common_is_said() -> None:
    chosen = to_dot(ghndsl.loads_space(space_text(FLOWS["what flows is chosen"][0]))).source
    assert "the flow is that of one of them" in chosen
    depth = to_dot(ghndsl.loads_space(space_text(FLOWS["a loop of chosen length"][0]))).source
    assert "as often as chosen" in depth
    width = to_dot(ghndsl.loads_space(space_text(FLOWS["sizes and attributes that are chosen"][0]))).source
    assert "_×8×8" in width
    assert "(3, 1)" not in width


def test_texts_can_be_read() -> None:
    assert contrast(INK, CHOICE_FRAME.fill) > 9
    assert contrast(FAINT, CHOICE_FRAME.fill) > 4.5


RECURSIVE = """
block Op(x: [N, C, H, W], n: int) {
    choose form {
        leaf: x -> conv(C, 1)
        both: (x -> Op(n - 1) as a -> Op(n - 1) as b) if n > 0 else x
    }
    return form
}

space net() {
    input image: f32[N, 3, 8, 8]
    output logits = image -> Op(5) as top
}
"""


def test_a_space_that_calls_itself_is_cut() -> None:
    space = ghndsl.loads_space(RECURSIVE)
    assert len(space.domains) == 63
    assert [(row.pattern, row.count) for row in rows(space)] == [("top.form", 1), ("top…form", 62)]
    (told,) = options(to_dot(space).source).values()
    assert told == ["leaf\nx -> conv(C, 1)", "both\nx -> Op(n - 1) as a -> Op(n - 1)\nas b if n > 0 else x\nOp again"]


def test_where_candidates_are_too_large_the_first_is_drawn() -> None:
    text = RECURSIVE.replace("leaf: x -> conv(C, 1)", "leaf: x -> relu -> tanh").replace("Op(5)", "Op(11)")
    source = to_dot(replace(ghndsl.loads_space(text), limits=ghndsl.Limits(steps=10_000))).source
    assert "the flow is that of one of them" in source
    assert "tanh" not in {told for _, _, told in boxes(source)}, "what is inside was not compared"


PLAIN = "space s() { input x: f32[N, 4]\n output y = x -> relu }"


def test_spaces_draw_themselves_in_notebooks() -> None:
    assert (ghndsl.loads_space(TEXT)._repr_svg_() or "").startswith("<svg")
    assert "1 candidate, 0 choices" in (svg(ghndsl.loads_space(PLAIN)) or "").replace("\xa0", " ")
    assert svg(ghndsl.loads_space(PLAIN.replace("relu", "conv(3)"))) is None


def test_a_space_is_told_in_a_line() -> None:
    assert repr(ghndsl.load_space("nasbench201")) == "Space(NASBench201: 15,625 candidates)"


def test_networks_fold_as_spaces_do() -> None:
    assert len(drawn(folded(ghndsl.load("resnet50")))) < 32
