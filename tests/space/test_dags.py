"""Choices of graphs: planned one by one or tried in part, as a line has them, and the spaces that ship with them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from scipy.stats import chisquare

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.passes import simplify
from ghndsl.space import Space, read_line
from ghndsl.space.check import check_file
from ghndsl.space.picture import render, to_dot
from ghndsl.space.planning import runs

MakeSpace = Callable[[str], Space]

DEFINITIONS = """
use std.graph (walk)
block Head(x, n: int) { choose act from [relu, gelu, silu]
    return x -> act -> conv(n, 1) }
block Deep(x: [N, C, H, W], n: int) { if n > 3 { choose k from [1, 3] }
    return x }
block Deeper(x: [N, C, H, W]) { if C == 5 { choose k from [1, 3] }
    return x }
block Cells(xs) { if len(xs) > 1 { choose k from [1, 3] }
    return add(xs) }
block Early(x, g: dag) { if len(g) == 9 { return x }
    choose k from [1, 3]
    return x }
block one_of(fs: [op], i: int) { return fs[i] }
block Wide(x, g: dag) { return x -> walk(g) as in -> conv(4, 1) as out }
motif M(x, c: int) { choose g from dags(vertices=2..4, edges=1..3) { conv: conv(c, 1)
    id: identity }
    choose act from [relu, gelu]
    y = x -> conv(c, 1) as in
    return y -> walk(g, ends=add) as graph -> act }
motif Ends(x) { choose g from dags(vertices=2..4) { conv: conv(4, 1) }
    return x -> walk(g) as graph }
"""
GRAPH = "choose g from dags(vertices=2..4, edges=1..4) { conv: conv(4, 1)\nrelu: relu }\n"


def make(space_of: MakeSpace, body: str) -> Space:
    return space_of(f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\n{body}\noutput logits = y\n}}\n")


# What comes after these graphs does not depend on which is taken.
ALIKE = {
    "a graph": f"{GRAPH}y = x -> walk(g, ends=add)",
    "choices around": f"choose k from [1, 3]\n{GRAPH}choose act from [relu, gelu]\ny = x -> walk(g, ends=add) -> act",
    "a graph given to a block": f"{GRAPH}y = x -> Wide(g) as a -> Wide(g) as b",
    "a motif of two widths": "y = x -> M(4) as a -> M(8) as b -> M(4) as c",
    "graphs in a loop": (
        "y = x\nfor i in range(2) { choose g from dags(vertices=2..4) { relu: relu }\ny = y -> Wide(g) as l{i} }"
    ),
    "under a choice": f"choose deep from [true, false]\ny = x\nif deep {{ {GRAPH}y = x -> Wide(g) as w }}",
    "a width that nothing tells apart later": "y = x -> Ends as a -> conv(4, 1) as b -> Ends as c -> conv(4, 1) as d",
    "a `where` after": f"{GRAPH}choose a from 1..3\nchoose b from 1..3\nwhere a * b < 5\ny = x -> Wide(g) as w",
    "conditions over widths and lists around": (
        f"y = [x, x -> Head(4) as h] -> Cells as c\n{GRAPH}y = [y, y -> walk(g, ends=add)] -> Cells as d\n"
        "y = Deep(y, 4) as e"
    ),
    "two inputs, leaves": (
        'choose g from dags(vertices=3..5, inputs=2, ends="leaves") { relu: relu }\n'
        "y = [x, x -> sigmoid] -> walk(g) -> conv(4, 1)"
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_graphs_tried_in_part_are_counted_as_those_planned_one_by_one(
    space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    whole = make(space_of, ALIKE[name])
    lines = [str(candidate) for candidate in whole]
    assert whole.remarks == []
    monkeypatch.setattr(runs, "MOST_GRAPHS", 1)
    monkeypatch.setattr(runs, "GRAPHS_TRIED", 6)
    part = make(space_of, ALIKE[name])
    assert {remark.code for remark in part.remarks} == {"G308"}
    assert (part.size, part.feasible) == (whole.size, whole.feasible)
    assert [str(candidate) for candidate in part] == lines
    for number in range(0, part.size, max(1, part.size // 50)):
        assert part.number(part.parse(lines[number])) == number
    assert set(map(str, part.sample(20, seed=0))) <= set(lines)
    assert part.choices == whole.choices


APART = [
    ("a choice under some", "y = x -> walk(g, ends=add)\nif len(g) == 3 { choose k from [1, 3] }", "another after"),
    ("a shape", "y = x -> walk(g)\nchoose k from [c for c in [1, 2, 3] if c <= len(g.ends)]", "another after"),
    ("choices of vertices", "y = x\nfor v in g.inner { y = y -> Head(4) as v{v} }", "another after"),
    ("a condition", "where len(g) > 2\ny = x -> walk(g, ends=add)", "a `where` rules out dag(;0>1)"),
]


@pytest.mark.parametrize(("body", "note"), [case[1:] for case in APART], ids=[case[0] for case in APART])
def test_what_depends_on_a_graph_that_is_tried_in_part_is_refused(
    space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch, body: str, note: str
) -> None:
    assert make(space_of, GRAPH + body).size > 5
    monkeypatch.setattr(runs, "MOST_GRAPHS", 1)
    (fault,) = make(space_of, GRAPH + body).check()
    assert fault.code == "G306"
    assert fault.span is not None
    assert fault.span.text.startswith("choose g from dags")
    assert any(note in shown for shown in fault.notes)


RARE = "len(g.inner) == 3 and len(g.outputs[0]) == 3 and len(g.ends) == 1"
SOME = "choose g from dags(vertices=2..6) { conv: conv(4, 1)\nrelu: relu }\n"

# What only graphs lead to that are not tried: what stands there, and the words that are wrong.
RARELY = {
    "a condition": (f"where not ({RARE})", "where not"),
    "a condition that none tried meets": (f"where {RARE}", "where len"),
    "a condition on a number": (f"n = 3 if {RARE} else 5\nwhere n == 5", "where n"),
    "a choice": (f"if {RARE} {{ choose k from [1, 3] }}", "choose k"),
    "options": (f"choose k from [j for j in 1..3 if j < 3 or {RARE}]", "choose k"),
    "a block in a condition": (f"x = x -> (Head(4) if {RARE} else relu)", "Head"),
    "a block in a list": (f"f = [Head(4), relu][0 if {RARE} else 1]\nx = x -> f", "[Head"),
    "a block that another gives back": (f"f = one_of([Head(4), relu], 0 if {RARE} else 1)\nx = x -> f", "fs[i]"),
    "a block in a loop": (f"for i in range(1 if {RARE} else 0) {{ x = x -> Head(4) as h{{i}} }}", "Head"),
    "a block in a list of tensors": (f"xs = [x -> Head(4) for i in range(1 if {RARE} else 0)]", "Head"),
    "a block that may not be reached": (f"t = {RARE} and len([x -> Head(4)]) == 1", "Head"),
    "the path of a choice": (f"n = 1 if {RARE} else 0\nx = x -> Head(4) as l{{n}}", "Head"),
    "a block's argument": (f"x = x -> Deep(4 if {RARE} else 3)", "choose k"),
    "a block's list": (f"x = [x for i in range(2 if {RARE} else 1)] -> Cells", "choose k"),
    "a return before": ("x = Early(x, g if len(g) < 9 else g)", "choose k"),
    "a width": (f"x = x -> conv(5 if {RARE} else 4, 1)\nx = Deeper(x) as d", "choose k"),
}


@pytest.mark.parametrize(("body", "words"), RARELY.values(), ids=RARELY)
def test_what_may_depend_on_a_graph_that_is_not_tried_is_refused(space_of: MakeSpace, body: str, words: str) -> None:
    (fault,) = make(space_of, f"{SOME}{body}\ny = x -> walk(g, ends=add) -> conv(4, 1)").check()
    assert fault.code == "G306"
    assert fault.span is not None
    assert fault.span.text.startswith(words)
    assert [mark.span.text[:8] for mark in fault.marks] == ["choose g"]


def test_a_graph_that_does_not_fit_is_told_with_its_choice(
    space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (
        "choose g from dags(vertices=2..4) { conv: conv(4, 1)\nhalf: conv(4, 1, stride=2) }\ny = x -> walk(g, ends=add)"
    )
    for most in (300, 1):
        monkeypatch.setattr(runs, "MOST_GRAPHS", most)
        fault = make(space_of, body).check()[0]
        assert fault.code == "G204"
        assert any(note.startswith("when g = dag(") for note in fault.notes)


def test_draws_are_uniform(space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_GRAPHS", 1)
    space = make(space_of, ALIKE["under a choice"])
    drawn = Counter(map(str, space.sample(60 * space.size, seed=7)))
    assert len(drawn) == space.size
    assert chisquare(list(drawn.values())).pvalue > 0.001


LINES = [
    ("g=dag(conv,relu;0>2,2>1,1>3)", "g=dag(relu,conv;0>1,1>2,2>3)"),
    ("g=dag(conv,relu;0>1,0>2,1>3,2>3)", "g=dag(relu,conv;0>1,0>2,1>3,2>3)"),
    ("g=dag(;0>1)", "g=dag(;0>1)"),
]


@pytest.mark.parametrize(("line", "canonical"), LINES)
def test_a_graph_in_any_order_is_the_same_candidate(space_of: MakeSpace, line: str, canonical: str) -> None:
    space = make(space_of, ALIKE["a graph"])
    found = space.parse(line)
    assert str(found) in (canonical, str(space.candidate(space.number(read_line(canonical)))))
    assert found == space.parse(canonical)
    assert space.build(read_line(line)).id == space.build(found).id
    assert found.choices == {"g": str(found).partition("=")[2]}


REFUSED = [
    ("g=dag(conv;0>2)", "nothing feeds vertex 1"),
    ("g=dag(pool;0>1,1>2)", "`pool` is no label"),
    ("g=[1,2]", "a graph reads"),
    ("g=dag(relu,relu,relu;0>1,1>2,2>3,3>4)", "it has 5 vertices"),
    ("", "makes no choice `g`"),
]


@pytest.mark.parametrize(("line", "reason"), REFUSED)
def test_a_line_that_has_no_such_graph_is_refused_with_a_reason(
    space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch, line: str, reason: str
) -> None:
    for most in (300, 1):
        monkeypatch.setattr(runs, "MOST_GRAPHS", most)
        space = make(space_of, ALIKE["a graph"])
        for read in (space.parse, lambda line, space=space: space.build(read_line(line))):
            with pytest.raises(CompileError, match="G304") as refused:
                read(line)
            assert reason in str(refused.value)


def test_a_walk_joins_applies_and_ends(space_of: MakeSpace) -> None:
    """The graph of a candidate, by hand."""
    space = make(space_of, f"{GRAPH.replace('1..4', '5')}y = x -> walk(g) as w")
    built = space.build(space.parse("g=dag(conv,relu;0>1,0>2,1>2,1>3,2>3)"))
    text = "w1 = x -> conv(4, 1) as w.1\nw2 = add(x, w1) -> relu\ny = concat(w1, w2)"
    alone = ghndsl.loads(f"arch a() {{\ninput x: f32[N, 4, 8, 8]\n{text}\noutput logits = y\n}}")
    assert simplify(built).id == simplify(alone).id
    assert list(built.weights) == ["w.1.weight", "w.1.bias"]


def test_what_was_tried_is_a_note_that_strict_checks_do_not_refuse() -> None:
    path = Path(__file__).parents[1] / "golden" / "errors" / "graphs_tried.nas"
    (note,) = check_file(str(path), {}, strict=True)
    assert (note.code, note.severity) == ("G308", "note")
    assert "of its 61,199 graphs were tried" in note.message


# The spaces that ship.


@pytest.fixture(scope="module", name="nasbench101")
def _nasbench101() -> Space:
    return ghndsl.load_space("nasbench101")


def test_nasbench101_is_counted_and_its_cells_have_the_published_size(nasbench101: Space, tmp_path: Path) -> None:
    space = nasbench101
    assert (space.size, space.feasible) == (423_624, 423_624)
    assert space.choices == {
        "Cell.g": ("dags(2..7 vertices, 1..9 edges; conv3x3, conv1x1, maxpool3x3): 423,624 graphs",)
    }
    # The cell of the authors' example, which their table says to have 2,694,282 parameters; vertices in their order.
    line = "Cell.g=dag(conv1x1,conv3x3,conv3x3,conv3x3,maxpool3x3;0>1,0>2,0>3,0>5,1>6,2>6,3>4,4>6,5>6)"
    assert space.build(space.parse(line)).params == 2_694_282
    assert "423,624 candidates" in to_dot(space).source
    render(space, tmp_path / "space.svg")


def test_cells_of_nasbench101_are_built_at_any_scale(nasbench101: Space) -> None:
    space = ghndsl.load_space("nasbench101", width=10, cells=1, size=8)
    rng = random.Random(0)
    for number in [0, 1, space.size - 1, *(rng.randrange(space.size) for _ in range(40))]:
        candidate = space.candidate(number)
        assert candidate == nasbench101.candidate(number)
        graph = space.build(candidate)
        assert graph.outputs["logits"].shape[1] == 10
        assert params_by_hand(str(candidate), 10) == graph.params, candidate


def params_by_hand(line: str, width: int) -> int:
    """The parameters of a network of one cell a stack, reckoned from the line as the authors' code lays widths out."""
    labels, edges = line[len("Cell.g=dag(") : -1].split(";")
    ops = [None, *(labels.split(",") if labels else []), None]
    pairs = {(int(u), int(v)) for u, v in (edge.split(">") for edge in edges.split(","))}
    total = 3 * 9 * width + 2 * width + (4 * width + 1) * 10
    for stack in range(3):
        out = width * 2**stack
        source = width if stack == 0 else out // 2
        total += cell_by_hand(ops, pairs, source, out)
    return total


def cell_by_hand(ops: list[str | None], pairs: set[tuple[int, int]], source: int, out: int) -> int:
    last = len(ops) - 1
    ends = [v for v in range(1, last) if (v, last) in pairs]
    widths = {v: out // len(ends) + (place < out % len(ends)) for place, v in enumerate(ends)}
    for v in range(last - 1, 0, -1):
        widths.setdefault(v, max((widths[u] for u in range(v + 1, last) if (v, u) in pairs), default=0))
    conv = {"conv3x3": 9, "conv1x1": 1}
    total = sum(conv.get(ops[v] or "", 0) * w * w + (2 * w if ops[v] in conv else 0) for v, w in widths.items())
    projected = [widths[v] if v < last else out for v in range(1, last + 1) if (0, v) in pairs]
    return total + sum(source * w + 2 * w for w in projected)


def test_the_blocks_of_graph_hypernetworks_are_counted_by_their_order() -> None:
    space = ghndsl.load_space("ghn_cifar", width=4, blocks=2, size=8)
    (choice,) = space.choices["Block.g"]
    assert space.size > 10**50
    assert "ordered graphs, isomorphic ones counted apart" in choice
    for candidate in space.sample(3, seed=0):
        assert space.candidate(space.number(candidate)) == space.parse(str(candidate)) == candidate
        graph = space.build(candidate)
        assert len({node.path for node in graph.nodes if ".node" in node.path}) > 0
        assert graph.outputs["logits"].shape[1] == 10
