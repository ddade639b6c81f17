"""Nothing crashes: hostile and broken texts are refused, in one clear error with a place, and soon."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ghndsl
from ghndsl import resources
from ghndsl.diagnostics import CompileError, Source
from ghndsl.language import Limits, module_from_text
from ghndsl.space import Space
from ghndsl.space.check import check_file

HEAD = "arch net() {\n    input x: f32[N, 3, 8, 8]\n"


def refused(text: str) -> CompileError:
    with pytest.raises(CompileError) as caught:
        ghndsl.loads(text)
    for diagnostic in caught.value.diagnostics:
        assert str(diagnostic)
        if diagnostic.span is not None:
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.span.source.text)
    return caught.value


HOSTILE = {
    "huge range": ("for i in range(10 ** 9) { x = x -> relu }\n output y = x", "G126"),
    "huge interval": ("for i in 1..10 ** 9 { x = x -> relu }\n output y = x", "G126"),
    "huge power": ("output y = x -> conv(2 ** 10 ** 9, 1)", "G126"),
    "towers of powers": ("output y = x -> conv(9 ** 9 ** 9 ** 9, 1)", "G126"),
    "huge layer is only counted": ("output y = x -> relu -> conv(10 ** 15, 1) -> flatten(9)", "G201"),
    "lists that double": ("l = [1]\n for i in range(60) { l = l + l }\n output y = x", "G126"),
    "loops in loops": ("for i in range(9999) { for j in range(9999) { k = i * j } }\n output y = x", "G126"),
    "many nodes": ("for i in range(99999) { for j in range(9) { x = x -> relu } }\n output y = x", "G126"),
    "deep brackets": ("k = " + "(" * 10_000 + "1" + ")" * 10_000 + "\n output y = x", "G004"),
    "division by zero": ("k = 1 // 0\n output y = x -> conv(k, 1)", "G122"),
    "zero bytes in the middle": ("k = \0\n output y = x", "G102"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts(name: str) -> None:
    body, code = HOSTILE[name]
    assert [fault.code for fault in refused(f"{HEAD}    {body}\n}}").diagnostics] == [code]


def test_a_long_condition_on_measures(tmp_path: Path) -> None:
    file = tmp_path / "a.nas"
    rows = "choose k from 1..9\n output y = x -> linear(k)\n where params > 0"
    file.write_text(f"space s() {{\n input x: f32[N, 4]\n {rows}{' and true' * 390}\n}}\n", encoding="utf-8")
    assert check_file(str(file), {}) == []


def test_weights_that_cannot_be() -> None:
    assert "no tensor has so many numbers" in str(refused(f"{HEAD}    output y = x -> conv(10 ** 18, 3)\n}}"))


LOOPS = 60
HOSTILE_SPACES = {
    "choices in nested loops": (f"{'for i in range(2) { ' * LOOPS}choose k from [1, 2]{'}' * LOOPS}", "G126"),
    "faults in nested loops": (f"{'for i in range(2) { ' * LOOPS}z = y{'}' * LOOPS}", "G126"),
    "options that depend on many": ("choose c from range(3000)\n choose d from range(c + 1)", "G126"),
    "states that no bound keeps apart": ("choose 9 ks from range(40)\n k = sum(ks)", "G306"),
    "graphs of very many edges": ("choose g from dags(vertices=2..7, edges=2 ** 63) { relu: relu }", "G307"),
    "graphs of very many vertices": ("choose g from dags(vertices=2 ** 63) { relu: relu }", "G307"),
}


@pytest.mark.parametrize("name", HOSTILE_SPACES)
def test_hostile_spaces(name: str) -> None:
    body, code = HOSTILE_SPACES[name]
    module = module_from_text(Source("a.nas", f"space s() {{\n input x: f32[N, 3, 8, 8]\n {body}\n output y = x\n}}"))
    faults = Space(module, module.main(("space",)), {}, Limits(steps=100_000)).check()
    assert [fault.code for fault in faults] == [code]


def test_endless_recursion() -> None:
    before = "block A(x) { return x -> B }\nblock B(x) { return x -> relu -> A }\n"
    assert "G125" in str(refused(f"{before}{HEAD}    output y = x -> A\n}}"))


def test_a_very_long_sum() -> None:
    text = f"{HEAD}    output y = x -> conv({' + '.join(['1'] * 20_000)}, 1)\n}}"
    error = refused(text)
    assert [fault.code for fault in error.diagnostics] == ["G004"]
    assert len(str(error)) < 2_000, "the excerpt shows the whole line"


def test_a_huge_file_is_not_read(tmp_path) -> None:
    with (tmp_path / "big.arch").open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(CompileError, match="G003"):
        ghndsl.load(str(tmp_path / "big.arch"))


@pytest.mark.parametrize("data", [bytes(range(256)), b"arch a() {\0}", b"\xff\xfe" * 50])
def test_binary_junk(data: bytes, tmp_path) -> None:
    (tmp_path / "junk.arch").write_bytes(data)
    with pytest.raises(CompileError, match="G002"):
        ghndsl.load(str(tmp_path / "junk.arch"))


GOLDEN = Path(__file__).parent.parent / "golden" / "errors"
PAGES = [Path(__file__).parents[2] / "docs" / "language.md", *sorted(resources.errors().glob("G[123]*.md"))]
TEXTS = [
    *(p.read_text(encoding="utf-8") for p in sorted(resources.specs().rglob("*.*")) if p.suffix in (".arch", ".nas")),
    *(p.read_text(encoding="utf-8") for p in sorted(GOLDEN.iterdir()) if p.suffix != ".txt"),
    *(
        text
        for page in PAGES
        for text in re.findall(r"```ghndsl\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ),
]
TOKEN = re.compile(r'\s+|#[^\n]*|"[^"\n]*"|\w+|->|\.\.|\*\*|//|[=!<>]=|.', re.DOTALL)
TOKENS = sorted({token for text in TEXTS for token in TOKEN.findall(text) if not token.isspace() and token[0] != "#"})
PIECES = [
    "",
    "\n",
    "{",
    "}",
    "(",
    ")",
    "->",
    " as ",
    "choose ",
    "0",
    "-1",
    '"',
    "x",
    "N",
    "[",
    "]",
    ",",
    "é",
    "\t",
    "not ",
    "..",
]
SMALL = {"cells": 1, "width": 4, "size": 8, "layers": 2, "blocks": 1, "depth": 1, "classes": 3}


def alike(token: str) -> list[str]:
    """The tokens of a kind: words, numbers or signs."""
    return [
        other
        for other in TOKENS
        if (other[0].isalpha(), other[0].isdigit()) == (token[0].isalpha(), token[0].isdigit())
    ]


def check(text: str, name: str) -> None:
    """Whatever is wrong with a text is told with a place inside of it, in two forms."""
    path = Path(name)
    path.write_text(text, encoding="utf-8", newline="")
    settings = {key: value for key, value in SMALL.items() if f"{key}: int" in text}
    for fault in check_file(name, settings):
        assert str(fault)
        assert json.dumps(fault.to_json())
        for span in (fault.span, *(mark.span for mark in fault.marks)):
            assert span is None or 0 <= span.start <= span.end <= len(span.source.text)


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with contextlib.chdir(tmp_path_factory.mktemp("mutated")):
        yield


@settings(max_examples=100)
@given(
    st.sampled_from(TEXTS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(PIECES)), max_size=3)
)
def test_texts_with_other_characters_are_read_or_refused(text: str, changes: list[tuple[float, int, str]]) -> None:
    for place, cut, piece in changes:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + cut :]
    check(text, "mutated.nas")


@settings(max_examples=200)
@given(st.sampled_from(TEXTS), st.data())
def test_texts_with_other_tokens_are_read_or_refused(text: str, data: st.DataObject) -> None:
    tokens = TOKEN.findall(text)
    places = st.sampled_from([place for place, token in enumerate(tokens) if not token.isspace()])
    for _ in range(data.draw(st.integers(1, 3))):
        here, there = data.draw(places), data.draw(places)
        change = data.draw(st.sampled_from(["drop", "double", "swap", "replace", "replace by its kind", "move"]))
        if change == "drop":
            tokens[here] = " "
        elif change == "double":
            tokens[here] += f" {tokens[here]}"
        elif change == "swap":
            tokens[here], tokens[there] = tokens[there], tokens[here]
        elif change == "move":
            tokens[here], tokens[there] = " ", f"{tokens[there]} {tokens[here]}"
        else:
            known = alike(tokens[here]) if change == "replace by its kind" else TOKENS
            tokens[here] = data.draw(st.sampled_from(known))
    check("".join(tokens), "mutated.arch" if "space" not in text else "mutated.nas")


@settings(max_examples=40)
@given(
    st.sampled_from(TEXTS),
    st.sampled_from(["\r\n", "\n\n", " \t\n", "\n\ufeff", "\r", " "]),
    st.booleans(),
    st.booleans(),
)
def test_texts_written_in_other_ways_are_read_or_refused(text: str, end: str, marked: bool, cut: bool) -> None:
    check("\ufeff" * marked + text.rstrip("\n" * cut).replace("\n", end), "mutated.nas")
