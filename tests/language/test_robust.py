"""Nothing crashes: hostile and broken texts are refused, in one clear error with a place, and soon."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ghndsl
from ghndsl import resources
from ghndsl.diagnostics import CompileError, Source
from ghndsl.language import elaborate, module_from_text
from ghndsl.space import Space

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
    "huge layer is only counted": ("output y = x -> relu -> conv(10 ** 30, 1) -> flatten(9)", "G201"),
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


TEXTS = [p.read_text(encoding="utf-8") for p in sorted(resources.specs().rglob("*.*")) if p.suffix in (".arch", ".nas")]
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


@settings(max_examples=150)
@given(
    st.sampled_from(TEXTS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(PIECES)), max_size=3)
)
def test_mutated_specs_are_read_or_refused(text: str, changes: list[tuple[float, int, str]]) -> None:
    for place, cut, piece in changes:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + cut :]
    try:
        module = module_from_text(Source("mutated.nas", text), resources.specs() / "spaces")
        for definition in module.definitions.values():
            if definition.kind == "arch":
                elaborate(module, definition)
            if definition.kind == "space":
                Space(module, definition, {"cells": 1} if "cells" in text else {}).check()
    except CompileError as error:
        for fault in error.diagnostics:
            assert str(fault)
            assert fault.span is None or 0 <= fault.span.start <= fault.span.end <= len(fault.span.source.text)
