"""The tools of the longer run against broken texts: they break texts, see what must not be, and make it small."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from ghndsl.diagnostics import Diagnostic, Source, Span

ROOT = Path(__file__).parents[2]


@pytest.fixture
def mutating(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return {
        name: importlib.import_module(f"mutating.{name}") for name in ("judge", "make", "reduce", "texts", "tokens")
    }


def test_tokens_are_the_text(mutating: dict[str, ModuleType]) -> None:
    texts = mutating["texts"].texts()
    assert len(texts) > 100
    for text in texts:
        assert "".join(token.text for token in mutating["tokens"].tokens(text)) == text


def test_a_number_is_one_broken_text(mutating: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    make = mutating["make"]
    monkeypatch.setattr(make, "sound", lambda: make.pool().texts)
    made = [make.mutated(0, number) for number in range(60)]
    assert made == [make.mutated(0, number) for number in range(60)]
    assert made != [make.mutated(1, number) for number in range(60)]
    assert {kind for kind, _ in made} == {"characters", "tokens", "tree", "depth and length"}
    whole = {text.encode() for text in make.pool().texts}
    assert sum(data not in whole for _, data in made) > 50


def endless() -> list[Diagnostic]:
    return endless()


OUTSIDE = Diagnostic("G101", "nowhere", Span(Source("a.arch", "x"), 3, 9))
WRONG = {
    "an exception": (lambda: 1 // 0, "ZeroDivisionError"),
    "an endless recursion": (endless, "RecursionError"),
    "a place outside of the text": (lambda: [OUTSIDE], "outside"),
    "two lines": (lambda: [Diagnostic("G101", "one\ntwo")], "not told in one line"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_must_not_be_is_seen(what: str, mutating: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    act, told = WRONG[what]
    monkeypatch.setattr(mutating["judge"], "check_file", lambda *_: act())
    assert told in mutating["judge"].judge(b"arch a() {}").failure


def test_what_may_be_is_no_failure(mutating: dict[str, ModuleType]) -> None:
    judge = mutating["judge"].judge
    texts = {b"arch a() { input x: f32[N]\n output y = x }": (), b"arch a() {": ("G101",), b"\xff": ("G002",)}
    assert {data: judge(data).codes for data in texts} == texts
    assert [judge(data).failure for data in texts] == [None] * 3


def test_a_failure_is_made_small(mutating: dict[str, ModuleType]) -> None:
    text = (ROOT / "specs" / "networks" / "resnet.arch").read_bytes()
    assert mutating["reduce"].reduced(text, lambda data: b"max_pool" in data) == b"max_pool"
    assert mutating["reduce"].reduced(b"\xff\xfe", lambda data: True) == b"\xff\xfe"
