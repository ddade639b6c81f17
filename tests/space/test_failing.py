"""Ill-shaped candidates: which choices lead to a fault, and in how many candidates it is, against building all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.space import Space, read_line
from ghndsl.space.checking.combinations import Combinations, combinations
from ghndsl.space.checking.faults import faults
from ghndsl.space.checking.seeking import Seeking
from ghndsl.space.planning import planner
from ghndsl.space.ways.diagram import Diagram

MakeSpace = Callable[..., Space]


class Run(Protocol):
    """One candidate: its line, and whether every `where` holds and nothing is wrong with it."""

    line: str
    is_feasible: bool
    faults: tuple[str, ...]


class BruteForce(Protocol):
    """Every candidate of a space."""

    runs: list[Run]


BLOCKS = """
block B(x) {
    choose act from [relu, gelu]
    choose k from [3, 5]
    return x -> conv(4, k) -> act -> adaptive_avg_pool(4)
}
motif M(x, s: int) {
    choose k from [1, 3, 5]
    choose act from [relu, gelu]
    return x -> conv(4, k, padding=k // 2, stride=s) -> act -> Inner as i
}
block Inner(x) {
    choose j from [1, 3, 5]
    return x -> conv(4, j) -> adaptive_avg_pool(4)
}
block Tree(x, n: int) {
    choose k from [1, 3]
    if n == 0 { return x -> conv(4, k) -> conv(4, k) }
    return x -> Tree(n - 1) as in -> conv(4, k)
}
motif Idle(x) {
    choose act from [relu, gelu]
    choose k from [3, 5]
    _z = x -> conv(4, k)
    return x -> act -> conv(4, 3, stride=2, padding=1)
}
"""

# What stands in the space, and how many of how many candidates fail, where that can be told.
ILL: list[tuple[str, tuple[int, int] | None]] = [
    ("choose s from [1, 2, 4]\nchoose k from [1, 3, 5]\ny = x -> conv(4, 1, stride=s) -> conv(4, k)", (3, 9)),
    ("choose k from [1, 3, 9]\nchoose d from [1, 2]\nchoose b from [1, 2]\ny = x -> conv(4, k, dilation=d)", (4, 12)),
    ("choose d from 1..3\ny = x\nfor i in range(d) { choose k from [1, 3, 5]\ny = y -> conv(4, k) }", (11, 39)),
    ("choose n from 1..2\ny = x\nfor i in range(n) { y = y -> B as a{i} }", None),
    ("y = x -> M(1) as a -> M(2) as b", None),
    ("choose s from 1..2\ny = x -> M(1) as a\nif s == 2 { y = y -> M(2) as b }", None),
    ("y = x -> Tree(2) as t", None),
    ("y = x -> Idle as a -> Idle as b", (2, 4)),
    (
        "choose k from [1, 3, 5]\nchoose j from [1, 3, 5]\nwhere k >= j\ny = x -> conv(4, k) -> conv(4, j, dilation=2)",
        (2, 6),
    ),
    ("choose op { a: x\nb: x -> conv(8, 1)\nc: x -> conv(2, 1) }\nchoose z from [1, 2]\ny = op + x", (4, 6)),
    ("choose 1..2 j from range(3)\ny = x -> conv(4, 1 + 3 * sum(j))", (1, 6)),
    ("choose k from [1, 2]\nif k == 1 { output z = x }", (1, 2)),
]


def found_in(space: Space, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Combinations]:
    """The notes of a space's one fault, and the combinations that were found."""
    kept: list[Diagram] = []

    def watched(diagram: Diagram, most: int, base: str = "", *, counted: bool = False) -> list[Diagnostic]:
        kept.append(diagram)
        return faults(diagram, most, base, counted=counted)

    monkeypatch.setattr(planner, "faults", watched)
    (fault,) = space.check()
    seeking = Seeking(kept[-1], lambda one: (one.code, one.span) == (fault.code, fault.span), 10**6)
    return list(fault.notes), combinations(seeking)


@pytest.mark.parametrize(("body", "count"), ILL, ids=[case[0] for case in ILL])
def test_combinations_are_those_of_building_all(
    space_of: MakeSpace,
    brute_force: Callable[[Space], BruteForce],
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    count: tuple[int, int] | None,
) -> None:
    end = "" if "output" in body else "\noutput logits = y"
    space = space_of(f"{BLOCKS}space s() {{\ninput x: f32[N, 4, 8, 8]\n{body}{end}\n}}")
    notes, found = found_in(space, monkeypatch)
    assert found.is_all
    runs = [run for run in brute_force(space).runs if run.is_feasible]
    lines = [(set(read_line(run.line).texts), bool(run.faults)) for run in runs]
    sets = [set(one.choices) for one in found.found]
    for choices, is_faulty in lines:
        assert is_faulty == any(one <= choices for one in sets)
    for one in sets:
        for left_out in one:
            assert any(one - {left_out} <= choices and not is_faulty for choices, is_faulty in lines)
    counts = [note for note in notes if note.startswith("so it is in")]
    assert counts == ([f"so it is in {count[0]} of {count[1]} candidates"] if count else [])
    if count:
        assert count == (sum(is_faulty for _, is_faulty in lines), len(lines))


def test_combinations_are_shown_shortest_first_and_the_rest_counted(space_of: MakeSpace) -> None:
    body = "choose a from range(1, 13)\nchoose b from range(1, 13)\ny = x -> conv(4, a) -> conv(4, b)"
    space = space_of(f"space s() {{\ninput x: f32[N, 4, 8, 8]\n{body}\noutput z = y\n}}")
    fault, other = sorted(space.check(), key=lambda one: one.span or 0)
    assert fault.notes == (*(f"when a = {a}" + _differs(a) for a in range(9, 13)), "so it is in 48 of 144 candidates")
    shown = [note for note in other.notes if note.startswith("when")]
    assert len(shown) == 8
    assert [note.count(" = ") for note in shown] == sorted(note.count(" = ") for note in shown)
    assert other.notes[8].startswith("and when ")
    assert other.notes[-1].startswith("so it is in ")


def _differs(kernel: int) -> str:
    told = f": `conv` with kernel {kernel} does not fit an input of size 8 (padding 0)"
    return told if kernel > 9 else ""


def test_work_is_bounded(space_of: MakeSpace) -> None:
    """A fault that thousands of combinations lead to is told with some of them; so is one in a very large space."""
    loop = "s = 0\nfor i in range(12) { choose b from [0, 1]\ns = s + b }"
    (fault,) = space_of(f"space s() {{\ninput x: f32[N, 4, 8, 8]\n{loop}\noutput y = x -> conv(4, 1 + s)\n}}").check()
    assert fault.notes[-1] == "so it is in 794 of 4,096 candidates"
    assert "and when other choices come together" in fault.notes
    tree = "return (x -> T(n - 1) as l) + (x -> T(n - 1) as r) if n > 0 else x"
    body = "y = x -> T(9) as t\nchoose k from [3, 9]\noutput z = y -> conv(4, k)"
    deep = f"block T(x, n: int) {{ choose k from [1, 3]\n{tree} }}"
    wide = f"{deep}\nspace s() {{\ninput x: f32[N, 4, 8, 8]\n{body}\n}}"
    (fault,) = space_of(wide).check()
    assert fault.notes[0] == "when k = 9"
    assert fault.notes[1].endswith("candidates")


KERNELS = st.lists(st.sampled_from([1, 2, 3, 5, 9]), min_size=1, max_size=3, unique=True)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(st.tuples(KERNELS, st.sampled_from([1, 2])), min_size=1, max_size=3))
def test_convolutions_of_any_kernels(space_of: MakeSpace, layers: list[tuple[list[int], int]]) -> None:
    """The count over all faults is that of candidates whose sizes run out, each at the layer where they do."""
    body = "".join(
        f"choose k{i} from {kernels}\ny{i + 1} = y{i} -> conv(4, k{i}, stride={stride})\n"
        for i, (kernels, stride) in enumerate(layers)
    )
    space = space_of(f"space s() {{\ninput y0: f32[N, 4, 8, 8]\n{body}output z = y{len(layers)}\n}}")
    sizes: list[list[int | None]] = [[8]]
    for kernels, stride in layers:
        sizes.append([n and ((n - k) // stride + 1 if n >= k else None) for n in sizes[-1] for k in kernels])
    failing = [after.count(None) - before.count(None) * len(after) // len(before) for before, after in pairwise(sizes)]
    expected = {
        f"so it is in {count * len(sizes[-1]) // len(after):,} of {len(sizes[-1]):,} candidates"
        for count, after in zip(failing, sizes[1:], strict=True)
        if 0 < count < len(after)
    }
    told = {note for fault in space.check() for note in fault.notes if note.startswith("so it is in")}
    assert told == expected
    assert bool(space.check()) == any(failing)


def test_what_is_proved(space_of: MakeSpace) -> None:
    text = "space s() {{\ninput x: f32[N, 4]\nchoose k from 1..6\n{}\noutput y = x -> linear(k)\n}}"
    assert space_of(text.format("")).proof().in_words == "proved: all 6 candidates are well-shaped"
    filtered = "proved: all 3 candidates that meet every `where` over choices are well-shaped"
    assert space_of(text.format("where k > 3")).proof().in_words == filtered
    one = "proved: the one candidate that meets every `where` over choices is well-shaped"
    assert space_of(text.format("where k > 5")).proof().in_words == one
    proved = space_of(text.format("where params % 7 == 2 and k > 5")).proof(0, 4).in_words
    assert proved.endswith("; none of 4 candidates built, for no more were found that meet every `where`")
    assert space_of(text.format("")).proof(3, 4).in_words.count("; 3 of 4 candidates built, for no more") == 1
    assert space_of(text.format("")).proof(1, 1).in_words.endswith("; 1 candidate built, none ill-shaped")


# Uses of one stage, and whether it is known that it has one shape in each candidate.
SHARED = {
    "another width a candidate": ("s = conv(4, 1) as s\ny = x -> conv(c, 1)\ny = (y -> s) + (y -> s)", True),
    "a block of another width a candidate": ("s = Two as s\ny = x -> conv(c, 1)\ny = (y -> s) + (y -> s)", True),
    "another stage a candidate": ("s = conv(4, c) as s\ny = x -> conv(4, 9 - c) -> s", True),
    "one shape at several sizes": (
        "s = Two as s\ny = add([t -> s -> mean([2, 3]) for t in [x, x -> max_pool(c)]])",
        True,
    ),
    "a block that may get two": ("s = Two as s\ny = (x -> conv(c, 1) -> s) + (x -> s)", False),
    "a stage given to a block": ("s = conv(4, 1) as s\ny = Use(x -> conv(c, 1), s) + (x -> s)", False),
    "two uses on two ways": ("s = conv(4, 1) as s\ny = (x -> s) if c == 4 else (x -> conv(c, 1) -> s)", True),
}


@pytest.mark.parametrize(("body", "is_proved"), SHARED.values(), ids=SHARED)
def test_what_is_proved_of_shared_weights(space_of: MakeSpace, body: str, is_proved: bool) -> None:
    blocks = "block Two(x) { return x -> conv(4, 1) -> relu }\nblock Use(x, f: op) { return x -> f }"
    space = space_of(
        f"{blocks}\nspace s() {{\ninput x: f32[N, 4, 8, 8]\nchoose c from [4, 8]\n{body}\noutput z = y\n}}"
    )
    proof = space.proof()
    words = "proved: all 2 candidates are well-shaped" if is_proved else "not proved: the shared weights `s` may get"
    assert proof.in_words.startswith(words)
    assert [note.code for note in proof.remarks()] == ["G308"] * (not is_proved)


def test_candidates_that_are_tried_out(space_of: MakeSpace) -> None:
    text = "space s() {\ninput x: f32[N, 4]\nchoose k from 1..6\noutput y = x -> linear(k)\nwhere params > 20\n}"
    space, heard = space_of(text), list[tuple[int, int]]()
    found = space.try_out(5, 0, lambda done, n: heard.append((done, n)))
    assert (found.built, found.faults) == (5, [])
    assert heard[-1] == (5, 5)
    clash = "choose k from 1..6\ny = x -> linear(4) as a{k} -> linear(4) as a6"
    wrong = space_of(f"space s() {{\ninput x: f32[N, 4]\n{clash}\noutput z = y\n}}")
    (fault,) = wrong.try_out(50, 0).faults
    assert (fault.code, fault.notes[0]) == ("G130", "for the candidate k=6")
    with pytest.raises(CompileError):
        space_of("space s() {\ninput x: f32[N, 4]\nchoose k from []\noutput y = x\n}").try_out(1, 0)
