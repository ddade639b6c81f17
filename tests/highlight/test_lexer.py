"""The Pygments lexer gives every character of a text back, and colours words as the parser reads them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments import token
from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name

from ghndsl import ops, resources
from ghndsl.diagnostics import Source
from ghndsl.highlight import GhndslLexer
from ghndsl.language import parse, tree
from ghndsl.language.builtins import FUNCTIONS
from ghndsl.types import DType

GOLDEN = Path(__file__).parent.parent / "golden" / "errors"
TEXTS = {
    path.name: path.read_text(encoding="utf-8")
    for path in sorted(resources.specs().rglob("*.*"))
    if path.suffix in (".arch", ".nas")
}
LONG_HEADS = """space s() {
    input x: f32[N, 4]
    choose g from dags(
        vertices=2..7,  # the most { that there are
        edges=[1, (9)][0]..9,
    ) {
        none: identity  # as it is
        conv: relu
    }
    choose op from [
        relu,
        sigmoid,
    ]
    choose skip {
        conv: x -> op
    }
    output y = skip
}
"""
TEXTS["long_heads.nas"] = LONG_HEADS
BROKEN = {path.name: path.read_text(encoding="utf-8") for path in sorted(GOLDEN.iterdir()) if path.suffix != ".txt"}


def tokens(text: str) -> list[tuple[object, str]]:
    return [(kind, word) for _, kind, word in GhndslLexer().get_tokens_unprocessed(text)]


@pytest.mark.parametrize("name", TEXTS)
def test_specs_have_no_word_without_a_colour(name: str) -> None:
    found = tokens(TEXTS[name])
    assert "".join(word for _, word in found) == TEXTS[name]
    assert [word for kind, word in found if kind is token.Error] == []


@pytest.mark.parametrize("name", BROKEN)
def test_faulty_texts_come_back_whole(name: str) -> None:
    assert "".join(word for _, word in tokens(BROKEN[name])) == BROKEN[name]


@given(
    st.lists(st.sampled_from([*" \n\r\t{}()[]:.=->#\"'\\é\0", "as ", "choose x {", "label", "1K", "N"])).map("".join)
)
def test_any_text_comes_back_whole(text: str) -> None:
    assert "".join(word for _, word in tokens(text)) == text


COLOURS = {
    "arch": ("arch a() {}", token.Keyword.Declaration),
    "a": ("arch a() {}", token.Name.Class),
    "std.conv": ("use std.conv (ConvBN)", token.Name.Namespace),
    "output": ("    output y = x", token.Keyword),
    "logits": ("    exit logits.0 = x", token.Name.Label),
    "stem": ("x -> conv(3) as stem", token.Name.Label),
    "block": ("x -> conv(3) as block.output", token.Name.Label),
    "from": ("x -> Op as from{j + 1}.0", token.Name.Label),
    "j": ("x -> Op as from{j + 1}.0", token.Name),
    "skip": ("choose op {\n    skip: x\n}", token.Name.Label),
    "none": ("choose op {\n    none: x\n}", token.Name.Label),
    "conv": ("choose op from dags(\n    vertices=3,\n) {\n    conv: x\n}", token.Name.Label),
    "relu": ("choose a from [\n    1,\n]\nb = {relu: 1}", token.Name.Builtin),
    "Own": ("x -> Own -> relu", token.Name.Function),
    "own": ("own(x)", token.Name.Function),
    "stride": ("conv(3, stride=2)", token.Name.Attribute),
    "g": ("g.ends", token.Name),
    "ends": ("g.ends", token.Name.Attribute),
    "if": ("x if a else b", token.Keyword),
    "not in": ("a not in b", token.Operator.Word),
    "true": ("conv(3, bias=true)", token.Keyword.Constant),
    "range": ("range(3)", token.Name.Builtin),
    "int": ("block b(n: int) {}", token.Keyword.Type),
    "size": ("block b(n: [size]) {}", token.Keyword.Type),
    "f32": ("input x: f32[N]", token.Keyword.Type),
    "N": ("input x: f32[N]", token.Name.Constant),
    "W2": ("y = W2 * 3", token.Name.Constant),
    "2K": ("where params < 2K", token.Number.Integer),
    "1e-5": ("batch_norm(1e-5)", token.Number.Float),
    '"a \\" b"': ('pad("a \\" b")', token.String.Double),
    "->": ("x -> f", token.Operator),
    "..": ("1..5", token.Operator),
    "**": ("2 ** 3", token.Operator),
    "# why": ("x = 3 # why", token.Comment.Single),
    "## what": ("## what", token.String.Doc),
    "x": ("x == 3", token.Name),
}


@pytest.mark.parametrize("word", COLOURS)
def test_colours(word: str) -> None:
    text, kind = COLOURS[word]
    found = tokens(text)
    for part in word.split() if kind is token.Operator.Word else [word]:
        assert (kind, part) in found, found


@pytest.mark.parametrize(
    ("words", "text", "kind"),
    [
        (ops.TABLE, "x -> {}", token.Name.Builtin),
        (ops.TABLE, "choose act from [{}]", token.Name.Builtin),
        (FUNCTIONS, "{}(x)", token.Name.Builtin),
        (map(str, DType), "input x: {}[N]", token.Keyword.Type),
        (tree.STATIC_TYPES, "block b(n: {} = 3) {{}}", token.Keyword.Type),
        (tree.CONSTANTS, "x = {}", token.Keyword.Constant),
        (tree.DEFINITIONS, "{} name() {{}}", token.Keyword.Declaration),
        (tree.STATEMENTS, "{} name", token.Keyword),
    ],
)
def test_every_word_of_a_table_has_its_colour(words: list[str], text: str, kind: object) -> None:
    for word in words:
        assert (kind, word) in tokens(text.format(word)), word


VALUES = {
    int: token.Number.Integer,
    float: token.Number.Float,
    str: token.String.Double,
    bool: token.Keyword.Constant,
    type(None): token.Keyword.Constant,
}


def places(node: tree.Syntax) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Where the parser sees what, and the kinds of token that may begin there."""
    match node:
        case tree.Constant():
            yield node.span.start, (VALUES[type(node.value)],)
        case tree.Argument(name=str()):
            yield node.span.start, (token.Name.Attribute,)
        case tree.Label():
            yield node.span.start, (token.Name.Label, token.Punctuation)
        case tree.Branch():
            yield node.span.start, (token.Name.Label,)
        case tree.Definition():
            yield node.name_span.start, (token.Name.Class,)
            yield node.span.start, (token.Keyword.Declaration,)
        case tree.ShapeType(dtype=str()) | tree.WordType():
            yield node.span.start, (token.Keyword.Type,)
        case tree.Chain():
            for link in node.links[1:]:
                callee = link.value if isinstance(link, tree.Labelled) else link
                callee = callee.callee if isinstance(callee, tree.Call) else callee
                if isinstance(callee, tree.Name):
                    yield callee.span.start, (token.Name.Function, token.Name.Builtin)
        case _:
            pass


@pytest.mark.parametrize("name", TEXTS)
def test_the_parser_sees_the_same(name: str) -> None:
    coloured = {start: kind for start, kind, _ in GhndslLexer().get_tokens_unprocessed(TEXTS[name])}
    seen = 0
    for node in tree.walk(parse(Source(name, TEXTS[name])).definitions):
        for start, kinds in places(node):
            assert coloured.get(start) in kinds, (node, TEXTS[name][start : start + 20])
            seen += 1
    assert seen > 5


def test_pygments_finds_it() -> None:
    for alias in GhndslLexer.aliases:
        assert type(get_lexer_by_name(alias)) is GhndslLexer
    for pattern in GhndslLexer.filenames:
        assert find_lexer_class_for_filename(pattern.replace("*", "a")) is GhndslLexer


def test_finding_it_loads_no_tables() -> None:
    code = "import sys, ghndsl.highlight\nassert 'ghndsl.language' not in sys.modules and 'lark' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
