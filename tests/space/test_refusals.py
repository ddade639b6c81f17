"""Spaces and lines that are refused: with which code, at which words, and for which choices."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ghndsl.diagnostics import CompileError
from ghndsl.language.limits import Limits
from ghndsl.space import Space, read_line
from ghndsl.space.load import candidate_of

MakeSpace = Callable[..., Space]

DEFINITIONS = """
block Op(x, c: int) { choose op { skip: x
    conv: x -> conv(c, 1) }
    return op }
block Wraps(x) { return x -> Op(4) as b }
block Ks(x) { choose k from [1, 2]
    return x }
block Maybe(x) { choose k from [1, 2]
    if k == 1 { return x } }
block Faulty(x) { if foo { return x } }
block Pool(x) { choose k from [1, 3]
    return x -> max_pool(k) }
block Use(x, f: op) { return x -> f }
block Again(x) { return Again(x) }
block Never(x) { choose k from [1, 2]
    where k > 2
    return x }
motif M(x, n: int) { choose k from 1..n
    return x -> conv(4, k) }
motif More(x, n: int) { choose j from [1, 2]
    if n > 2 { x = x -> M(2) as m }
    return x }
"""

# (what stands in the space, code, the words that are wrong, a part of the message, a note)
REFUSED: list[tuple[str, str, str, str, str]] = [
    ("choose k from []", "G301", "[]", "nothing to choose from", ""),
    ("choose 3 k from [1, 2]", "G301", "choose 3 k from [1, 2]", "3 distinct ones cannot be chosen from 2", ""),
    ("choose 2..1 k from [1, 2]", "G301", "choose 2..1 k from [1, 2]", "holds no number", ""),
    ("choose k from [1, 3, 1]", "G302", "1", "`1` can be chosen twice over", ""),
    ('choose k from [relu, "relu"]', "G302", '"relu"', "`relu` can be chosen twice over", ""),
    ("choose k from 5", "G122", "5", "must be a list", ""),
    ("choose k from [1, foo]", "G110", "foo", "nothing is named `foo`", ""),
    ("choose a, b from [(1, 2), 3]", "G122", "3", "2 names cannot be given the number 3", ""),
    ("choose f from [x, x -> relu]", "G122", "x", "chosen by labelled branches", ""),
    ("where macs < 1K\ninput z: f32[N, 3, H, W]\ny = z -> conv(4, 1)", "G124", "macs", "while H, W are not", ""),
    ("where macs < 1\ninput z: f32[B, 3, 8, 8]\ny = z -> conv(4, 1)", "G124", "macs", "while B is not", ""),
    (
        "where macs < 1 or params > 0\ninput z: f32[N, 3, H, 8]\ny = z -> conv(4, 1)",
        "G124",
        "macs",
        "while H is not",
        "",
    ),
    ("a = conv(4, 1)\nb = conv(4, 1)\nchoose f from [a, b]", "G302", "b", "`conv(4,1)` can be chosen twice over", ""),
    ("choose k from [1, 3]\nwhere k > 5", "G303", "where k > 5", "no candidate of `S` meets every `where`", ""),
    ("y = x -> Never", "G303", "where k > 2", "no candidate of `S` meets every `where`", ""),
    ("choose k from [1, 3]\nwhere k", "G122", "k", "true or false", ""),
    ("choose k from [1, 3]\nchoose k from [1]", "G134", "choose k from [1]", "the path `k`", ""),
    ("y = x -> Op(4) as a -> Op(4) as a", "G134", "Op(4) as a", "the path `a.op`", "in Op"),
    ("y = x -> Wraps as a -> Op(4) as a.b", "G134", "Op(4) as a.b", "the path `a.b.op`", ""),
    ("y = x -> Op(4) as a.b -> Wraps as a", "G134", "Wraps as a", "the path `a.b.op`", ""),
    ("y = x -> Op(4) -> Op(4) as Op", "G134", "Op(4) as Op", "the path `Op.op`", ""),
    ("y = x -> M(2) -> Ks as M", "G134", "S", "the path `M.k`, in the motif `M`", ""),
    ("y = x -> M(2) as a -> M(3) as b", "G305", "M(3) as b", "`M.k` has other options here", ""),
    ("choose n from [2, 3]\ny = x -> M(2) as a -> M(n) as b", "G305", "M(n) as b", "`M.k` has other", "when n = 3"),
    ("y = x -> More(1) as a -> M(2) as b -> More(3) as c", "G306", "More(3) as c", "another motif shares", ""),
    ("choose k from [3, 9]\ny = x -> conv(4, k)", "G201", "conv(4, k)", "kernel 9 does not fit", "when k = 9"),
    (
        "choose k from [3, 5]\nchoose d from [1, 2]\ny = x -> conv(4, k, dilation=d)",
        "G201",
        "conv(4, k, dilation=d)",
        "kernel 5, dilation 2",
        "when k = 5, d = 2",
    ),
    (
        "choose a from 1..60\ns = conv(4, 1) as s\nz = x -> conv(4 if a < 60 else 5, 1) -> s\ny = z + (x -> s)",
        "G133",
        "s",
        "`weight` would be [4, 4, 1, 1] here and [4, 5, 1, 1] before",
        "when a = 60",
    ),
    (
        "choose c from [4, 8]\ns = [conv(4, 1) as s]\nz = s[0](x)\nfor i in range(2) { choose d from [1, 2] }\n"
        "y = x -> conv(c, 1) -> s[0]",
        "G133",
        "s[0]",
        "the weights `s` are shared",
        "when c = 8",
    ),
    ("y = x + (x -> Op(6) as o)", "G204", "+", "[N, 6, 8, 8]", "when o.op = conv"),
    (
        "choose s from [1, 8]\nz = x -> conv(4, 1, stride=s)\ny = z -> Pool as p",
        "G201",
        "max_pool(k)",
        "kernel 3 does not fit",
        "when s = 8, p.k = 3",
    ),
    ("choose k from [3, 9]\nwhere k > 3\ny = x -> conv(4, k)", "G201", "conv(4, k)", "kernel 9", ""),
    ("z = 1\nchoose k from [3, 5]\ny = x -> conv(4, 11)", "G201", "conv(4, 11)", "kernel 11", ""),
    ("y = x -> Faulty", "G110", "foo", "nothing is named `foo`", "in Faulty"),
    ("y = x -> Maybe", "G131", "Maybe", "`Maybe` returns nothing", "when Maybe.k = 2"),
    ("choose k from [1, 2]\nif k == 1 { output z = x }", "G131", "S", "`S` has no output", "when k = 2"),
    ("choose k from [1, 2]\nif k == 1 { output out = x }\noutput out = x", "G111", "out", "named `out`", "when k = 1"),
    ("if x { y = x }", "G122", "x", "true or false", ""),
    ("for a, b in [(1, 2), 3] { choose k from [1, 2] }", "G122", "[(1, 2), 3]", "2 names", ""),
    ("h = Op(4) as h\ny = x -> Use(h)", "G306", "f", "outside of the block that labelled it", ""),
    ("y = x -> Again", "G125", "Again(x)", "more than 64 deep", ""),
    ("y = x -> conv(4, 1) as a -> conv(4, 1) as a", "G130", "conv(4, 1) as a", "named `a`", ""),
    ("choose 10 s from range(40)", "G306", "choose 10 s from range(40)", "more than 10,000 different ways", ""),
    (
        "choose k from [1, 3]\ny = x -> conv(4, k) as a -> conv(4, 1) as a",
        "G130",
        "conv(4, 1) as a",
        "named `a`",
        "for the candidate k=",
    ),
    (
        "s = 0\nfor i in range(20) {\nchoose b from [1, 2]\ns = s + b * 2 ** i }\ny = x -> conv(s, 1)",
        "G306",
        "choose b from [1, 2]",
        "more than 10,000 different ways",
        "with i = 13",
    ),
]


def text_of(body: str) -> str:
    end = "" if "output" in body else f"\noutput logits = {'y' if 'y = ' in body else 'x'}"
    return f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\n{body}{end}\n}}\n"


@pytest.mark.parametrize(("body", "code", "words", "message", "note"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused_space(space_of: MakeSpace, body: str, code: str, words: str, message: str, note: str) -> None:
    (fault,) = space_of(text_of(body)).check()
    assert fault.code == code
    assert fault.span is not None
    assert fault.span.text == words
    assert message in str(fault)
    assert any(shown.startswith(note) for shown in fault.notes) if note else True
    assert note.startswith("when") or not any(shown.startswith("when") for shown in fault.notes)


@pytest.mark.parametrize(("body", "code"), [(case[0], case[1]) for case in REFUSED if case[1] not in ("G130", "G306")])
def test_refused_space_has_no_candidate(space_of: MakeSpace, body: str, code: str) -> None:
    with pytest.raises(CompileError, match=code):
        space_of(text_of(body)).sample(1, seed=0)


def test_all_faults_are_reported_in_one_run(space_of: MakeSpace) -> None:
    body = "choose k from [3, 9]\na = x -> conv(4, k)\nb = a -> relu\nc = x -> conv(4, 10)\ny = foo"
    assert [fault.code for fault in space_of(text_of(body)).check()] == ["G201", "G201", "G110"]


def test_a_limit_on_faults(space_of: MakeSpace) -> None:
    space = space_of(text_of("\n".join(f"a{i} = foo{i}" for i in range(100))))
    assert len(space.check()) == Limits().errors


TWO_WAYS = """choose k from [1, 3]
choose act from [relu, gelu]
choose 1..2 from_ from range(3)
if k == 3 { choose c from [8, 16] }
y = x -> conv(4, k) -> act"""

LINES = [
    ("", "makes no choice `k`"),
    ("k", "`k` is no choice of a candidate"),
    ("k=", "`k=` is no choice"),
    ("=3", "`=3` is no choice"),
    ("k=1 k=1", "chooses `k` twice"),
    ("k=2 act=relu from_=[0]", "`k` of `S` cannot be 2"),
    ("k=1 act=silu from_=[0]", "`act` of `S` cannot be silu"),
    ("k=1 act=relu", "makes no choice `from_`"),
    ("k=1 act=relu from_=0", "`from_` of `S` cannot be 0"),
    ("k=1 act=relu from_=[]", "`from_` of `S` cannot be []"),
    ("k=1 act=relu from_=[0,0]", "`from_` of `S` cannot be [0,0]"),
    ("k=1 act=relu from_=[0,1,2]", "`from_` of `S` cannot be [0,1,2]"),
    ("k=1 act=relu from_=[0] c=8", "chooses `c`, which `S` does not ask for beside"),
    ("k=3 act=relu from_=[0]", "makes no choice `c`"),
    ("k=1 act=relu from_=[0] z=8", "`S` has no choice `z`"),
    ("k=1 acts=relu from_=[0]", "did you mean `act`"),
    ("Cell.e1_0.op=none", "`S` has no choice `Cell.e1_0.op`"),
]


@pytest.mark.parametrize(("line", "message"), LINES)
def test_refused_line(space_of: MakeSpace, line: str, message: str) -> None:
    space = space_of(text_of(TWO_WAYS))
    with pytest.raises(CompileError, match="G304") as refused:
        space.parse(line)
    assert message in str(refused.value)


def test_what_a_choice_may_be_by_another_is_not_blamed(space_of: MakeSpace) -> None:
    graphs = "choose n from [3, 4]\nchoose g from dags(vertices=n) {\na: relu\nb: tanh\n}\nchoose q from [1, 2]\ny = x"
    for graph in ("n=3 g=dag(a;0>1,1>2)", "n=4 g=dag(a,b;0>1,1>2,2>3)"):
        with pytest.raises(CompileError, match="`q` of `S` cannot be 7"):
            space_of(text_of(graphs)).parse(f"{graph} q=7")


# (line, the words of it that are marked, the help line)
PLACES = [
    ("k=1 act=rely from_=[0]", "rely", "did you mean `relu`? it can be relu, gelu"),
    ("k=1 act=relu from_=[0] z=8", "z", None),
    ("k=1 axt=relu from_=[0]", "axt", "did you mean `act`?"),
    ("k=1 c=8 act=relu from_=[0]", "c", None),
    ("k=1 act=relu k=3", "k=3", None),
    ("k=1 act=relu", "k=1 act=relu", "it takes 1 to 2 distinct options in brackets, as [a,b]"),
    ("k=1 act = relu", "act", "a candidate's line reads `path=value path=value ...`, without blanks around `=`"),
    ("act=relu,k=1", "relu,k=1", "choices of a line stand apart by blanks, not by commas"),
    ("Cell.e1_0.op=none", "Cell.e1_0.op", "its choices are those of `nasbench201`"),
    ("other=1", "other", None),
    ("Cell.k=1 Cell.act=relu", "Cell.k", None),
]


@pytest.mark.parametrize(("line", "words", "hint"), PLACES, ids=[case[0] for case in PLACES])
def test_place_in_a_line(space_of: MakeSpace, line: str, words: str, hint: str | None) -> None:
    other = "space Q() {\ninput x: f32[N, 4]\nchoose other from [1, 2]\noutput y = x -> linear(other)\n}\n"
    with pytest.raises(CompileError, match="G304") as refused:
        space_of(other + text_of(TWO_WAYS), "S").parse(line)
    (fault,) = refused.value.diagnostics
    assert fault.span is not None
    assert (fault.span.source.name, fault.span.source.text, fault.span.text) == ("candidate", line, words)
    assert fault.help == hint


WORDS = ["", "-1", "1e3", "3.5", ",", "__", "9" * 5000, "٣"]


@pytest.mark.parametrize("word", WORDS)
def test_refused_words_for_a_candidate(space_of: MakeSpace, word: str) -> None:
    with pytest.raises(CompileError, match="G304"):
        candidate_of(space_of(text_of(TWO_WAYS)), word)


# (what stands in the space, the lines of its candidates)
OPTIONS = [
    ("a = conv(4, 1) as a\nb = conv(4, 1) as b\nchoose f from [a, b]\ny = x -> a -> f", ["f=a", "f=b"]),
    (
        'choose f from [conv(4, (1, 3), padding=[0, 1]), pad((1, 1, 1, 1), mode="reflect") -> relu, relu]\ny = x -> f',
        ["f=conv(4,[1,3],padding=[0,1])", 'f=pad([1,1,1,1],mode="reflect")->relu', "f=relu"],
    ),
    (
        "a = conv(4, 1) as a\nchoose 1..2 f from [Use(a), conv(4, 1)]\ny = x -> f[0]",
        ["f=[Use(a)]", "f=[conv(4,1)]", "f=[Use(a),conv(4,1)]"],
    ),
]


@pytest.mark.parametrize(("body", "lines"), OPTIONS, ids=["labels", "calls", "several"])
def test_options_that_are_stages_are_told_apart_and_read_back(space_of: MakeSpace, body: str, lines: list[str]) -> None:
    space = space_of(text_of(body))
    assert space.check() == []
    assert [str(candidate) for candidate in space] == lines
    for candidate in space:
        assert space.parse(str(candidate)) == candidate == space.encoding.decode(space.encoding.encode(candidate))
        assert space.build(read_line(str(candidate))).id == space.build(candidate).id


def test_a_space_without_end(space_of: MakeSpace) -> None:
    """It is one where the same call comes back by choice; one that ends, if too deep, is not called so."""
    endless = "block A(x) { choose k { stop: x\n more: x -> B }\nreturn k }\nblock B(x) { return x -> relu -> A }\n"
    (fault,) = space_of(endless + text_of("y = x -> A")).check()
    assert (fault.code, fault.span and fault.span.text) == ("G125", "A")
    assert fault.message.startswith("this space never ends: `B` can lead to itself again and again")
    deep = "block Deep(x, n: int) { choose k from [1, 2]\nreturn Deep(x, n - 1) as in if n > 1 else x -> relu }\n"
    (fault,) = space_of(deep + text_of("y = x -> Deep(100) as d")).check()
    assert fault.message == "blocks call each other more than 64 deep"


def test_each_condition_that_none_meets_is_marked(space_of: MakeSpace) -> None:
    body = "choose k from range(20)\nif k > 9 { where k < 5 } else { where k > 9 }"
    (fault,) = space_of(text_of(body)).check()
    assert (fault.span and fault.span.text, [mark.span.text for mark in fault.marks]) == (
        "where k < 5",
        ["where k > 9"],
    )
    assert fault.help == "here `k` is 10, 11, 12, 13, 14, 15, 16, 17, ..."
    body = "choose k from [1, 2]\nchoose j from [1, 2]\nwhere k > j\nwhere j != 1"
    (fault,) = space_of(text_of(body)).check()
    assert (fault.span and fault.span.text, fault.help) == ("where j != 1", "here `j` is 1")


@pytest.mark.parametrize("line", ["k=3  act=gelu c=16 from_=[2,0]", "c=16 from_=[0,2] k=3 act=gelu\n"])
def test_a_line_in_another_order_is_the_same_candidate(space_of: MakeSpace, line: str) -> None:
    space = space_of(text_of(TWO_WAYS))
    assert str(space.parse(line)) == "k=3 act=gelu from_=[0,2] c=16"
    assert space.build(read_line(line)).id == space.build(space.parse(line)).id


@pytest.mark.parametrize(
    "number", [-1, 36, 10**30, 10**6000, -(10**6000)], ids=["-1", "36", "30 digits", "long", "-long"]
)
def test_refused_number(space_of: MakeSpace, number: int) -> None:
    with pytest.raises(CompileError, match="numbered from 0"):
        space_of(text_of(TWO_WAYS)).candidate(number)


def test_depth_that_no_feasible_candidate_meets(space_of: MakeSpace) -> None:
    """`size` counts what a `where` rules out, even where it cannot be built."""
    deep = "block Deep(x, n: int) { choose k from [1, 2]\nreturn Deep(x, n - 1) as in if n > 1 else x -> relu }\n"
    space = space_of(deep + text_of("choose n from [1, 2, 100]\nwhere n < 50\ny = x -> Deep(n) as d"))
    assert space.check() == []
    assert space.feasible == 2 + 4
    assert space.size > 6
