"""What a text may look like, and what it may ask for: encodings and line ends, syntax people trip over, and bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import ghndsl
from ghndsl.diagnostics import CompileError, Diagnostic, Source
from ghndsl.ir import Graph
from ghndsl.language import elaborate, load_module, misread, parse, tree
from ghndsl.language.layout.text import format_text
from ghndsl.language.limits import Limits
from ghndsl.language.parse import parse_expression
from ghndsl.language.tree import KEYWORDS
from ghndsl.space.load import parse_limits

MakeGraph = Callable[..., Graph]
Faults = Callable[..., tuple[Diagnostic, ...]]

PLAIN = "arch a() {\n    # a comment\n    input x: f32[N, 4]\n    y = x -> relu\n        -> gelu\n    output z = y\n}\n"
LOOKS: dict[str, bytes] = {
    "a byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "carriage returns": PLAIN.replace("\n", "\r\n").encode(),
    "tabs": PLAIN.replace("    ", "\t").encode(),
    "no newline at the end": PLAIN.rstrip().encode(),
    "blank lines and trailing spaces": PLAIN.replace("\n", "  \n \t\n\n").encode(),
    "one line": b"arch a() { input x: f32[N, 4]\n output z = x -> relu -> gelu }",
    "a comment at the end": PLAIN.encode() + b"# the end",
    "form feeds": PLAIN.replace("\n", "\f\n").encode(),
}


@pytest.mark.parametrize("look", LOOKS)
def test_looks(tmp_path: Path, look: str) -> None:
    path = tmp_path / "a.arch"
    path.write_bytes(LOOKS[look])
    module = load_module(path)
    assert [node.op.name for node in elaborate(module, module.main(("arch",))).nodes] == ["relu", "gelu"]


def test_documentation_is_the_lines_above() -> None:
    file = parse(
        Source("a.arch", "# no\n## One.\n##  Two.\nblock B(x) { return x }\n## Three.\n\nblock C(x) { return x }")
    )
    assert [definition.doc for definition in file.definitions] == ["One.\nTwo.", ""]


# (a statement, the place that is wrong, words of the message or help)
TRAPS: list[tuple[str, str, str]] = [
    ("y = x + x -> relu", "->", "parentheses"),
    ("y = x -> relu + x", "+", "parentheses"),
    ("y = x -> relu as a * 2", "*", "parentheses"),
    ("y = not x -> relu", "->", "parentheses"),
    ("if x -> relu { }", "->", "in the head of `if`"),
    ("for i in x -> split(2) { }", "->", "in the head of `for`"),
    ("y = 1 +\n    2", "+", "the line ends here"),
    ("y = relu as", "s", "a label is missing"),
    ("x -> relu", "->", "a statement names what it computes"),
    ("relu(x)", "(", "else give a name"),
    ("y = 'same'", "'", "double quotes"),
    ('y = "same', '"same', "no end on its line"),
    ("y = True", "True", "write `true`"),
    ("y = x.T", "x.T", "has no `.T`"),
    ("if k = 3 { }", "=", "`==` compares"),
    ("elif k { }", "elif", "`else if`"),
    ("retrun x", "retrun", "did you mean `return`"),
    ("for = 3", "=", "`for` is a keyword"),
    ("y = in", "in", "keyword"),
    ("y = 3x", "3x", "no number"),
    ("y = 3; z = 4", ";", "means nothing here"),
    ("y = [1, 2", "[", "`]`"),
    ("y = x[1:2:3:4]", ":", "`]`"),
    ("y = a if b", "\n", "`else`"),
]


@pytest.mark.parametrize(("statement", "place", "words"), TRAPS, ids=[case[0] for case in TRAPS])
def test_traps(faults_of: Faults, statement: str, place: str, words: str) -> None:
    (fault,) = faults_of(f"arch a(k: int = 3) {{\n    input x: f32[N, 4]\n    {statement}\n    output z = x\n}}")
    assert words in str(fault)
    assert fault.span is not None
    if place == "\n":
        assert fault.span.source.text[fault.span.end] == "\n"
    else:
        assert fault.span.text == place


def test_syntax_errors_of_all_definitions_are_reported(faults_of: Faults) -> None:
    text = (
        "use std.conv (ConvBN\nblock A(x) {\n return x +\n}\nblock B(x) {\n return x\nblock C(x) { return x -> + }\n"
        "block D(x) { return x }\narch a() {\n input x: f32[N]\n output y = x $\n}\n"
    )
    places = [fault.span.source.position(fault.span.start) for fault in faults_of(text) if fault.span]
    assert places == [(1, 14), (3, 11), (7, 1), (7, 26), (11, 15)]


# (statements, where the faults are): a definition that is closed ends there, however far in the next one stands
INDENTED: list[tuple[str, list[tuple[int, int]]]] = [
    ("  arch a() { y = + }\n  block B(x) { return + }\n", [(1, 20), (2, 25)]),
    ("arch a() {\n}\n\tblock B(x) { return + }\n\tspace C() { y = + }", [(3, 24), (4, 20)]),
    ("arch a() {\n  block B(x) { return x }\n  y = +\n}\nblock C(x) { return + }", [(2, 3), (5, 23)]),
    ("arch a() { # }\n  y = +\n}\n block C(x) { return + }", [(2, 7), (4, 24)]),
    ('arch a() { s = "}"\n  y = +\n}\n block C(x) { return + }', [(2, 7), (4, 24)]),
]


@pytest.mark.parametrize(("text", "places"), INDENTED)
def test_syntax_errors_of_indented_definitions(faults_of: Faults, text: str, places: list[tuple[int, int]]) -> None:
    assert [fault.span.source.position(fault.span.start) for fault in faults_of(text) if fault.span] == places


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_keywords_are_labels(word: str) -> None:
    body = f"input x: f32[N, 4]\n choose op {{\n {word}: x\n b: x -> linear(4) as {word}.0\n }}\n output {word} = op\n"
    text = f"space s() {{\n {body}}}\n"
    ((space,),) = [parse(Source("s.nas", text)).definitions]
    choice, output = space.body[1:]
    assert isinstance(choice, tree.Choose)
    assert isinstance(output, tree.Output)
    assert [branch.label for branch in choice.branches or ()] == [word, "b"]
    assert output.label.word == word
    assert parse(Source("s.nas", format_text(text))).definitions == (space,)


NUMBERS = {
    "0": 0,
    "7": 7,
    "2K": 2000,
    "1.5K": 1500.0,
    "0.5": 0.5,
    "1e-5": 1e-5,
    "1.5e3": 1500.0,
    "10": 10,
    "0M": 0,
    "1E2": 100.0,
}
NO_NUMBERS = (
    "007",
    "00",
    "01.5",
    "0x10",
    "1_000",
    ".5",
    "5.",
    "1e",
    "1k",
    "1KK",
    "٣",
    "1٣",
    "1.٣",
    "1e٣",
    "2.0x",
    "1.5.2",
)


@pytest.mark.parametrize("word", NUMBERS)
def test_numbers(word: str) -> None:
    read = parse_expression(Source("a", word))
    assert isinstance(read, tree.Constant)
    assert (read.value, type(read.value)) == (NUMBERS[word], type(NUMBERS[word]))


@pytest.mark.parametrize("word", NO_NUMBERS)
def test_no_numbers(faults_of: Faults, word: str) -> None:
    with pytest.raises(CompileError):
        parse_expression(Source("a", word))
    (fault,) = faults_of(f"arch a() {{\n input x: f32[N]\n k = {word}\n output y = x\n}}")
    assert fault.code in ("G101", "G102")
    assert fault.help


SMALL = Limits(text=20_000, words=4_000, steps=20_000, nodes=200, items=1_000)
# (statements, code): what would take for ever, or all memory, is refused at once
TOO_MUCH: dict[str, tuple[str, str]] = {
    "a long range": ("k = range(10 ** 30)", "G126"),
    "a long interval": ("k = 1..10 ** 30", "G126"),
    "a doubled list": ("l = [1]\n for i in range(99) { l = l + l }", "G126"),
    "lists in lists": ("l = [1]\n for i in range(99) { l = [l, l] }", "G126"),
    "a deep list": ("l = [1]\n for i in range(99) { l = [l] }", "G126"),
    "a list that grows": ("l = [1]\n for i in range(999) { l = l + [i] }", "G126"),
    "a list that is searched": ("l = range(999)\n for i in l { k = 1000 in l }", "G126"),
    "a doubled string": ('s = "a"\n for i in range(99) { s = s + s }', "G126"),
    "doubled stages": ("f = relu\n for i in range(99) { f = f -> f }", "G126"),
    "deep stages": ("f = relu\n for i in range(99) { f = f -> relu }", "G126"),
    "deep labels": ("f = relu\n for i in range(99) { f = relu -> f as a }", "G126"),
    "repeated repeats": ("f = repeat(999, repeat(999, relu))", "G126"),
    "a power": ("k = 2 ** 10 ** 9", "G126"),
    "a power of powers": ("k = 2\n for i in range(99) { k = k * k }", "G126"),
    "a large number": (f"k = {'9' * 500}", "G126"),
    "an endless number": ("k = 1e999", "G126"),
    "a large whole number": ("k = int(1e300)", "G126"),
    "a size that grows": ("d = N + 1\n for i in range(99) { d = d * d }", "G126"),
    "a size of divisions": ("d = N + 1\n for i in range(99) { d = d // 3 + d // 5 }", "G126"),
    "a power of sizes": ("d = N + 1\n for i in range(9) { d = d ** 8 }", "G126"),
    "loops in loops": ("for i in range(999) { for j in range(999) { k = 1 } }", "G126"),
    "ranges in a loop": ("for i in range(999) { l = range(999) }", "G126"),
    "intervals in a loop": ("for i in range(999) { l = 1..999 }", "G126"),
    "empty loops": ("for i in range(999) { for j in range(999) { } }", "G126"),
    "comprehensions": ("l = [[j for j in range(999) if false] for i in range(999)]", "G126"),
    "many nodes": ("for i in range(999) { x = x -> relu }", "G126"),
    "endless recursion": ("x = x -> Endless", "G125"),
    "recursion that doubles": ("x = x -> Wide(40)", "G126"),
    "a static function that doubles": ("k = Fibonacci(60)", "G126"),
    "brackets": (f"k = {'(' * 200}1{')' * 200}", "G004"),
    "braces": ("if true { " * 200, "G004"),
    "a long sum": (f"k = {'1 + ' * 1500}1", "G004"),
    "a tower": (f"k = {'2 ** ' * 1500}1", "G004"),
    "negations": (f"k = {'not ' * 1500}true", "G004"),
    "conditionals": (f"k = {'1 if true else ' * 600}1", "G004"),
    "else if": (f"if true {{ }}{' else if true { }' * 500}", "G004"),
    "calls of calls": (f"k = relu{'()' * 1500}", "G004"),
    "many words": (f"k = [{'1, ' * 3000}]", "G003"),
    "a long word": (f"{'k' * 2000} = 1", "G003"),
    "a long text": (f"k = 1{' ' * 30_000}", "G003"),
}
ENDLESS = """
block Endless(x) { return x -> Endless }
block Wide(x, n: int) { return (x -> Wide(n - 1)) + (x -> Wide(n - 1)) if n > 0 else x }
block Fibonacci(n: int) { return Fibonacci(n - 1) + Fibonacci(n - 2) if n > 1 else n }
"""


@pytest.mark.parametrize("name", TOO_MUCH)
def test_bounds(faults_of: Faults, name: str) -> None:
    statements, code = TOO_MUCH[name]
    (fault,) = faults_of(f"{ENDLESS}arch a() {{\n input x: f32[N, 4]\n {statements}\n output y = x\n}}", SMALL)
    assert fault.code == code
    assert len(str(fault)) < 3_000


# What goes beyond a limit of reading, and the limit that is named.
OVER: dict[str, str] = {
    f"k = {'1 + ' * 1500}1": "--limit syntax=",
    f"k = {'-' * 1500}1": "--limit syntax=",
    f"k = {'(' * 200}1{')' * 200}": "--limit nesting=",
    f"k = [{'1, ' * 3000}]": "--limit words=",
    f"k = 1{' ' * 30_000}": "--limit text=",
}


@pytest.mark.parametrize("statement", OVER, ids=OVER.values())
def test_limits_of_reading_are_named(faults_of: Faults, statement: str) -> None:
    (fault,) = faults_of(f"arch a() {{\n {statement}\n}}", SMALL)
    assert OVER[statement] in (fault.help or "")


def test_recursion_may_be_deep(graph_of: MakeGraph) -> None:
    nested = "y = x\n if n > 0 { for i in [1] { if true { y = ((x -> relu) -> Deep(n - 1)) } } }"
    graph = graph_of(
        f"block Deep(x, n: int) {{ {nested}\n return y }}\narch a() {{ input x: f32[N]\n output y = x -> Deep(60) }}"
    )
    assert len(graph.nodes) == 60


@pytest.mark.parametrize(
    "text", ["\n" * 500_000, "#" + "a" * 500_000, " " * 500_000, "arch a() { k = 1" + "\n # b" * 100_000]
)
def test_long_emptiness_is_read_at_once(faults_of: Faults, text: str) -> None:
    (fault,) = faults_of(text)
    assert fault.code in ("G101", "G105")


def test_limits_can_be_given_in_python() -> None:
    few = ghndsl.Limits(nodes=3)
    text = "arch a() {\n input x: f32[N]\n for i in range(4) { x = x -> relu }\n output y = x\n}"
    for load in (lambda: ghndsl.load("resnet18", limits=few), lambda: ghndsl.loads(text, limits=few)):
        with pytest.raises(CompileError, match="G126"):
            load()
    assert len(ghndsl.loads(text, limits=ghndsl.Limits(nodes=4)).nodes) == 4
    with pytest.raises(CompileError, match="G125"):
        _ = ghndsl.load_space("digits", limits=ghndsl.Limits(depth=1)).size


# A long line that no fault is in, before a fault that its own line explains.
LONG = ("# " + "elseif " * 9_000, "k = [" + "1, " * 9_000 + "1]")


@pytest.mark.parametrize("long", LONG, ids=["a remark", "a list"])
def test_a_fault_is_explained_by_its_own_line(faults_of: Faults, long: str, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []
    searching = _Searching(misread.HEAD, searched)
    monkeypatch.setattr(misread, "HEAD", searching)
    (fault,) = faults_of(f"arch a() {{\n input x: f32[N]\n {long}\n y = x + x -> relu\n output z = y\n}}")
    assert "parentheses" in str(fault)
    assert searched == [len(" y = x + x ")]


class _Searching:
    """A pattern that notes how much it is given to search."""

    def __init__(self, pattern: re.Pattern[str], searched: list[int]) -> None:
        self.pattern = pattern
        self.searched = searched

    def search(self, text: str) -> re.Match[str] | None:
        self.searched.append(len(text))
        return self.pattern.search(text)


# A word of `--limit`, and what is said of it.
WRONG_LIMITS = {
    "node=3": "there is no limit `node`; there are text, words, nesting",
    "nodes": "`nodes` is a whole number from 1 on",
    "nodes=many": "such as `nodes=200K`, not `many`",
    "errors=0": "such as `errors=100`, not `0`",
    "words=none": "such as `words=500K`, not `none`",
    "text=": "such as `text=8M`, not ``",
    "nodes=0": "not `0`",
    "nodes=1.5": "not `1.5`",
    "nodes=1 +": "not `1 +`",
    "=3": "there is no limit ``",
}


@pytest.mark.parametrize("word", WRONG_LIMITS)
def test_wrong_limits(word: str) -> None:
    with pytest.raises(ValueError, match=re.escape(WRONG_LIMITS[word])):
        parse_limits([word])


def test_limits_are_numbers_as_the_language_writes_them() -> None:
    assert parse_limits(["nodes=100K", "steps=2*1M", "nodes=5"]) == Limits(nodes=5, steps=2_000_000)
