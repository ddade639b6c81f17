"""The grammar is LALR(1) without conflicts, and reads every spec there is."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lark
import pytest

from ghndsl import resources
from ghndsl.diagnostics import Source
from ghndsl.language import parse
from ghndsl.language.tree import KEYWORDS, walk

EXAMPLES = resources.root().parent / "shared" / "design" / "examples"
SPECS = sorted(path for path in resources.specs().rglob("*") if path.suffix in (".arch", ".nas"))


@contextmanager
def lark_messages() -> Iterator[list[str]]:
    """What lark logs: it resolves shift/reduce conflicts without a word but there."""
    messages: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    handler, level = Handler(), lark.logger.level
    lark.logger.addHandler(handler)
    lark.logger.setLevel(logging.DEBUG)
    try:
        yield messages
    finally:
        lark.logger.removeHandler(handler)
        lark.logger.setLevel(level)


def conflicts(grammar: str, start: list[str]) -> list[str]:
    with lark_messages() as messages:
        lark.Lark(grammar, start=start, parser="lalr", debug=True)
    return [message for message in messages if "conflict" in message.lower()]


def test_the_grammar_has_no_conflicts() -> None:
    text = resources.grammar("ghndsl").read_text(encoding="utf-8")
    assert conflicts(text, ["start", "expression"]) == []


def test_a_conflict_would_be_noticed() -> None:
    dangling = 'start: "if" start | "if" start "else" start | "x"\n%ignore " "'
    assert conflicts(dangling, ["start"])


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_shipped_specs_parse(path: Path) -> None:
    parse(Source(path.name, path.read_text(encoding="utf-8")))


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the design's examples do not lie beside this checkout")
def test_examples_of_the_design_parse() -> None:
    paths = [path for path in EXAMPLES.iterdir() if path.suffix in (".arch", ".nas")]
    assert paths
    for path in paths:
        assert parse(Source(path.name, path.read_text(encoding="utf-8"))).definitions, path


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_every_node_knows_its_place(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    for node in walk(parse(source).definitions):
        assert 0 <= node.span.start < node.span.end <= len(source.text)
        assert node.span.text == node.span.text.strip()


def test_keywords_are_the_words_of_the_grammar() -> None:
    parser = lark.Lark(resources.grammar("ghndsl").read_text(encoding="utf-8"), start="start", parser="lalr")
    words = {t.pattern.value for t in parser.terminals if t.pattern.type == "str" and t.pattern.value.isalpha()}
    assert words == KEYWORDS
