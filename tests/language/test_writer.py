"""Any tree the grammar can express is written so that it is read again, whatever comments are put into its text."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from ghndsl import resources
from ghndsl.diagnostics import CompileError, Source, Span
from ghndsl.language import parse, tree
from ghndsl.language.layout.text import format_text
from ghndsl.language.parse import parse_expression
from ghndsl.language.writer import write, write_expression

SLOW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
HERE = Span(Source("", ""), 0, 0)


def read(text: str) -> tree.File:
    return parse(Source("a.nas", text))


# Trees: every node of the grammar, small, with long names now and then so that lines break

WORDS = ["x", "N", "conv", "größe", "_", "y1", "e5", "scaled_dot_product_attention", "a_name_that_takes_many_columns"]
names = st.sampled_from(WORDS).map(lambda word: tree.Name(HERE, word))
label_words = st.sampled_from([*WORDS, "0", "01", "1e5", "in", "not", "block", "else", "features"])
constants = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 10**20),
    st.floats(0, allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=20),
).map(lambda value: tree.Constant(HERE, value))
BINARY = ["or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "..", "+", "-", "*", "/", "//", "%", "**"]
several_names = st.lists(names, min_size=1, max_size=3).map(tuple)


def some(items: st.SearchStrategy[tree.Expression], least: int = 0) -> st.SearchStrategy[tuple[tree.Expression, ...]]:
    return st.lists(items, min_size=least, max_size=4).map(tuple)


def optional(items: st.SearchStrategy[tree.Expression]) -> st.SearchStrategy[tree.Expression | None]:
    return st.none() | items


@st.composite
def labels(draw: st.DrawFn, inner: st.SearchStrategy[tree.Expression]) -> tree.Label:
    """Words and computed expressions, never two words side by side."""
    parts: list[tuple[str | tree.Expression, ...]] = []
    for _ in range(draw(st.integers(1, 3))):
        pieces = draw(st.lists(st.one_of(label_words, inner), min_size=1, max_size=3))
        isolated = [b for a, b in pairwise(pieces) if not isinstance(b, str) or not isinstance(a, str)]
        parts.append((pieces[0], *isolated))
    return tree.Label(HERE, tuple(parts))


def larger(inner: st.SearchStrategy[tree.Expression]) -> st.SearchStrategy[tree.Expression]:
    slices = st.builds(tree.Slice, st.just(HERE), optional(inner), optional(inner), optional(inner))
    arguments = st.builds(tree.Argument, st.just(HERE), st.none() | st.sampled_from([*WORDS, "from", "as"]), inner)
    here = st.just(HERE)
    return st.one_of(
        st.builds(tree.Sequence, here, some(inner), st.just("[")),
        st.builds(tree.Sequence, here, some(inner, 1), st.just("(")),
        st.builds(tree.Comprehension, here, inner, several_names, inner, optional(inner)),
        st.builds(tree.Call, here, inner, st.lists(arguments, max_size=4).map(tuple)),
        st.builds(tree.Index, here, inner, st.lists(inner | slices, min_size=1, max_size=3).map(tuple)),
        st.builds(tree.Member, here, inner, st.sampled_from(WORDS)),
        st.builds(tree.Unary, here, st.sampled_from(["-", "+", "not"]), inner),
        st.builds(tree.Binary, here, st.sampled_from(BINARY), inner, inner),
        st.builds(tree.Conditional, here, inner, inner, inner),
        st.builds(tree.Labelled, here, inner, labels(inner)),
        st.builds(tree.Chain, here, some(inner, 2)),
    )


expressions = st.recursive(names | constants, larger, max_leaves=12)
types = st.one_of(
    st.builds(tree.WordType, st.just(HERE), st.sampled_from(["int", "op", *WORDS])),
    st.builds(tree.ShapeType, st.just(HERE), st.none() | st.sampled_from(["f32", "i64"]), some(expressions)),
)


@st.composite
def branches(draw: st.DrawFn) -> tuple[tree.Branch, ...]:
    # A line that begins with one of these goes on with the line before it.
    after = label_words.filter(lambda word: word not in ("else", "and", "or", "in"))
    values = draw(some(expressions))
    return tuple(tree.Branch(HERE, draw(after if i else label_words), value) for i, value in enumerate(values))


@st.composite
def choices(draw: st.DrawFn) -> tree.Choose:
    if draw(st.booleans()):
        return tree.Choose(HERE, (draw(names),), None, None, draw(branches()))
    count = draw(st.none() | st.tuples(st.integers(0, 3), st.integers(0, 3)))
    return tree.Choose(HERE, draw(several_names), count, draw(expressions), draw(st.none() | branches()))


def simple_statements() -> st.SearchStrategy[tree.Statement]:
    here = st.just(HERE)
    return st.one_of(
        st.builds(tree.Assign, here, several_names, st.none() | types, some(expressions, 1)),
        st.builds(tree.Input, here, names, types),
        st.builds(tree.Output, here, labels(expressions), expressions, st.booleans()),
        st.builds(tree.Return, here, some(expressions, 1)),
        st.builds(tree.Where, here, expressions),
        choices(),
    )


def bodies(inner: st.SearchStrategy[tree.Statement]) -> st.SearchStrategy[tree.Statement]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(tree.For, st.just(HERE), several_names, expressions, several),
        st.builds(tree.If, st.just(HERE), expressions, several, several),
    )


statements = st.recursive(simple_statements(), bodies, max_leaves=6)
parameters = st.builds(tree.Parameter, st.just(HERE), st.sampled_from(WORDS), st.none() | types, optional(expressions))
documentation = st.lists(st.sampled_from(["One.", "", "Two  words"]), max_size=2).map("\n".join)
definitions = st.builds(
    tree.Definition,
    st.just(HERE),
    st.sampled_from(tree.DEFINITIONS),
    st.sampled_from(WORDS),
    st.lists(parameters, max_size=4).map(tuple),
    st.lists(statements, max_size=4).map(tuple),
    documentation,
    st.just(HERE),
)
uses = st.one_of(
    st.builds(tree.Use, st.just(HERE), st.sampled_from(["std.conv", "a"]), st.just(False), several_names),
    st.builds(tree.Use, st.just(HERE), st.sampled_from(["a.arch", 'b "c"\\d.arch']), st.just(True), several_names),
)
files = st.builds(
    tree.File,
    st.just(HERE),
    st.lists(uses, max_size=2).map(tuple),
    st.lists(definitions, max_size=3).map(tuple),
)


# Every kind of expression in every place where one may stand

A, B, C = (tree.Name(HERE, word) for word in "abc")
KINDS: list[tree.Expression] = [
    A,
    tree.Constant(HERE, 3),
    tree.Constant(HERE, 1e-5),
    tree.Sequence(HERE, (A,), "("),
    tree.Sequence(HERE, (A, B), "["),
    tree.Comprehension(HERE, A, (B,), C, A),
    tree.Call(HERE, A, (tree.Argument(HERE, None, B), tree.Argument(HERE, "k", C))),
    tree.Index(HERE, A, (B, tree.Slice(HERE, None, C, None))),
    tree.Member(HERE, A, "b"),
    tree.Conditional(HERE, A, B, C),
    tree.Labelled(HERE, A, tree.Label(HERE, (("b", C),))),
    tree.Chain(HERE, (A, B)),
    *(tree.Unary(HERE, sign, A) for sign in ("-", "+", "not")),
    *(tree.Binary(HERE, sign, A, B) for sign in BINARY),
]
PLACES: dict[str, Callable[[tree.Expression], tree.Expression]] = {
    **{f"left of {sign}": lambda x, s=sign: tree.Binary(HERE, s, x, C) for sign in BINARY},
    **{f"right of {sign}": lambda x, s=sign: tree.Binary(HERE, s, C, x) for sign in BINARY},
    **{f"after {sign}": lambda x, s=sign: tree.Unary(HERE, s, x) for sign in ("-", "+", "not")},
    "then": lambda x: tree.Conditional(HERE, A, x, B),
    "test": lambda x: tree.Conditional(HERE, x, A, B),
    "otherwise": lambda x: tree.Conditional(HERE, A, B, x),
    "first link": lambda x: tree.Chain(HERE, (x, A, B)),
    "last link": lambda x: tree.Chain(HERE, (A, B, x)),
    "labelled": lambda x: tree.Labelled(HERE, x, tree.Label(HERE, (("l",),))),
    "in a label": lambda x: tree.Labelled(HERE, A, tree.Label(HERE, (("l", x), (x, "r")))),
    "called": lambda x: tree.Call(HERE, x, ()),
    "argument": lambda x: tree.Call(HERE, A, (tree.Argument(HERE, None, x), tree.Argument(HERE, "k", x))),
    "indexed": lambda x: tree.Index(HERE, x, (A,)),
    "index": lambda x: tree.Index(HERE, A, (x, tree.Slice(HERE, x, x, x), tree.Slice(HERE, None, None, x))),
    "of a member": lambda x: tree.Member(HERE, x, "m"),
    "item": lambda x: tree.Sequence(HERE, (x, x), "["),
    "alone in a tuple": lambda x: tree.Sequence(HERE, (x,), "("),
    "comprehension": lambda x: tree.Comprehension(HERE, x, (A,), x, x),
}


@pytest.mark.parametrize("place", PLACES)
def test_parentheses_are_those_that_are_needed(place: str) -> None:
    for kind in KINDS:
        node = PLACES[place](kind)
        text = write_expression(node)
        assert parse_expression(Source("", text)) == node, text
        for shorter in without_a_pair(text):
            with pytest.raises((AssertionError, CompileError)):
                assert parse_expression(Source("", shorter)) == node, text


def without_a_pair(text: str) -> list[str]:
    """The text without one pair of parentheses, each in turn."""
    found, opened = [], []
    for place, char in enumerate(text):
        if char == "(":
            opened.append(place)
        elif char == ")":
            begin = opened.pop()
            found.append(text[:begin] + text[begin + 1 : place] + text[place + 1 :])
    return found


@settings(max_examples=300)
@given(expressions)
def test_an_expression_is_read_again(node: tree.Expression) -> None:
    assert parse_expression(Source("", write_expression(node))) == node


@SLOW
@given(files)
def test_a_file_is_read_again(file: tree.File) -> None:
    text = write(file)
    again = read(text)
    assert again == file
    assert [d.doc for d in again.definitions] == [d.doc for d in file.definitions]
    assert format_text(text) == text, "what is written is in the canonical layout"
    assert write(again) == text


# Messy texts: comments, new lines and brackets wherever they may stand

TOKEN = re.compile(r'"(?:[^"\\\n]|\\["\\])*"|#[^\n]*|\w+|->|\.\.|\*\*|//|[<>=!]=|[^\s]')
CONTINUING = {"->", "else", "and", "or", "in", "not", "+", "-", "*", "/", "//", "%", "<", ">", "<=", ">=", "==", "!="}
FILLINGS = ["  # {}\n", "\n # {}\n", "\n\n\t# {}\n\n \n#{}\n", "\n", "\n\n\n", "  ", "\f# {}\n\n"]
SPECS = [p.read_text(encoding="utf-8") for p in sorted(resources.specs().rglob("*.*")) if p.suffix in (".arch", ".nas")]
PARTS = [part for spec in SPECS for part in re.split(r"\n\n(?=#|use|block|motif|arch|space)", spec)]


def gaps(text: str) -> tuple[list[str], list[int]]:
    """What stands between the tokens of a text and the tokens, in turn; the gaps in which a line may end."""
    pieces, place, depth, open_gaps = [], 0, 0, []
    for match in [*TOKEN.finditer(text), None]:
        start, end, token = (match.start(), match.end(), match[0]) if match else (len(text), len(text), "")
        gap = text[place:start]
        is_number = not gap and (token == "." or text[place - 1 : place] in (".", "e", "E"))
        if "\n" in gap or (depth and not is_number) or (gap == " " and token in CONTINUING):
            open_gaps.append(len(pieces))
        pieces += [gap, token]
        place, depth = end, depth + (token in ("(", "[")) - (token in (")", "]"))
    return pieces, open_gaps


@st.composite
def messy_texts(draw: st.DrawFn) -> str:
    """The text of a tree or of a part of a spec, messed up in a way that the grammar allows."""
    text = draw(st.one_of(files.map(write), st.sampled_from(PARTS)))
    pieces, places = gaps(text)
    for number in range(draw(st.integers(0, 12)) if places else 0):
        place = draw(st.sampled_from(places))
        filling = draw(st.sampled_from(FILLINGS)).replace("{}", f"c{number}")
        # What follows a comment on its line would be a part of it.
        is_after = pieces[place - 1 : place] and pieces[place - 1].startswith("#")
        pieces[place] = "\n" + filling if is_after else filling if "\n" in filling else pieces[place] + filling
    names = [i for i, piece in enumerate(pieces) if i % 2 and re.fullmatch(r"[A-Za-z]\w*", piece)]
    for place in draw(st.lists(st.sampled_from(names), max_size=2)) if names else []:
        pieces[place] = f"({pieces[place]})"
    messy = "".join(pieces)
    messy = draw(
        st.sampled_from([messy, messy.rstrip("\n"), messy.replace("\n", "\r\n"), re.sub(r"(?m)^ +", "\t", messy)])
    )
    try:
        assume(read(messy) == read(text))
    except CompileError:
        reject()
    return messy


def comments(text: str) -> list[str]:
    """The comments of a text, found without the formatter's help."""
    return [token.rstrip() for token in TOKEN.findall(text) if token.startswith("#")]


@SLOW
@given(messy_texts())
def test_a_messy_text_keeps_what_it_says(messy: str) -> None:
    made = format_text(messy)
    assert read(made) == read(messy)
    assert comments(made) == comments(messy)
    assert format_text(made) == made
