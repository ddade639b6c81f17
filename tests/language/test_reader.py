"""The reader agrees with lark, whose tables it reads by: on what a text is made of, and on where and why it is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import lark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl import resources
from ghndsl.diagnostics import CompileError, Source
from ghndsl.language import Limits, lalr, parse, tables
from ghndsl.language.parsed import BLANKS, Parsed, Rule, Token
from ghndsl.language.reader import Reader, UnexpectedError

GRAMMAR = resources.grammar("ghndsl").read_text(encoding="utf-8")
GOLDEN = Path(__file__).parent.parent / "golden" / "errors"
PATHS = sorted(
    path for root in (resources.specs(), GOLDEN) for path in root.rglob("*.*") if path.suffix in (".arch", ".nas")
)
TEXTS = [path.read_text(encoding="utf-8") for path in PATHS]
PIECES = (
    *("", "\n", "{", "}", "(", ")", "[", "]", ",", ":", "->", "=", "==", "<", "**", "*", "-", "..", ".", "%", "&", '"'),
    *(" as ", "choose ", "not ", "in", "if ", "else", "for ", "true", "x", "N", "é", "0", "-1", "1.5", "1e9K", "3x"),
    *("ify", "asx", "in1", "elsex", "useful"),
    *("\t", "\f", "\ufeff", "\r\n", "#c\n", " # c\n\n", "##"),
)


class Brackets(lark.lark.PostLex):
    """Drops the newlines inside parentheses and square brackets."""

    always_accept = ("_NL",)

    def process(self, stream: Iterator[lark.Token]) -> Iterator[lark.Token]:
        depth = 0
        for token in stream:
            depth += (token.type in ("LPAR", "LSQB")) - (token.type in ("RPAR", "RSQB"))
            if token.type != "_NL" or depth <= 0:
                yield token


class Word(lark.lexer.PatternStr):
    """A word of the language, which ends where a name would."""

    def to_regexp(self) -> str:
        return super().to_regexp() + r"(?!\w)"


def end_words(terminal: lark.lexer.TerminalDef) -> None:
    """Lark takes a word as it is spelled wherever no name can stand: `ifx` as `if` and `x`."""
    if isinstance(terminal.pattern, lark.lexer.PatternStr) and terminal.pattern.value.isalpha():
        terminal.pattern.to_regexp = Word(terminal.pattern.value).to_regexp  # type: ignore[method-assign]


@cache
def oracle() -> lark.Lark:
    return lark.Lark(
        GRAMMAR, start=list(lalr.STARTS), parser="lalr", lexer="contextual", postlex=Brackets(), keep_all_tokens=True,
        maybe_placeholders=False, edit_terminals=end_words,
    )  # fmt: skip


class Outline:
    """Builds nothing but the names of rules and their parts."""

    def build(self, rule: str, parts: list[Parsed]) -> Rule:
        start, end = (parts[0].start, parts[-1].end) if parts else (0, 0)
        return Rule(rule, start, end, [outline(part) for part in parts], 0)


def outline(part: Parsed | lark.Token | lark.Tree[lark.Token]) -> object:
    if isinstance(part, Token | lark.Token) and part.type == "_NL":
        # Blanks before the end of a line belong to it, or to nothing.
        return "_NL", (part.text if isinstance(part, Token) else str(part)).lstrip(BLANKS)
    if isinstance(part, Token):
        return part.type, part.text, part.start, part.end
    if isinstance(part, lark.Token):
        return part.type, str(part), part.start_pos, part.end_pos
    if isinstance(part, Rule):
        return part.data, part.value
    return part.data, [outline(child) for child in part.children]


def found_by_lark(text: str, start: str) -> object:
    try:
        return outline(oracle().parse(text, start=start))
    except lark.UnexpectedToken as error:
        place = len(text) if error.token.type == "$END" else error.token.start_pos or 0
        return error.token.type, begun(error.token.type, place, text), frozenset(error.accepts or error.expected)
    except lark.UnexpectedCharacters as error:
        return None, error.pos_in_stream, frozenset(error.allowed or ())


def found_by_us(text: str, start: str) -> object:
    try:
        return outline(Reader(text, tables.tables(), start, Outline(), Limits()).read())
    except UnexpectedError as error:
        return error.type, begun(error.type, error.start, text), error.expected


def begun(kind: str | None, place: int, text: str) -> int:
    """Where a token begins, blanks before the end of a line included, which belong to it or to nothing."""
    while kind == "_NL" and place > 0 and text[place - 1] in BLANKS:
        place -= 1
    return place


@pytest.mark.parametrize("text", TEXTS, ids=[path.name for path in PATHS])
def test_every_spec_and_golden_text(text: str) -> None:
    assert found_by_us(text, "start") == found_by_lark(text, "start")


# What lark would read as a word of the language and another word behind it.
RUN_TOGETHER = (
    *("1 if1 == 1 else2", "1 if 1 == 1 elsex", "true andtrue", "true orfalse", "1 notin [1]", "1 inx", "x asc"),
    *("x -> f asc", "x{i}ify", "[x forx in y]", "[x for x iny]", "[x for x in y ifx]", "1..2 notin x"),
)
RUN_TOGETHER_TEXTS = (
    *("usestd.conv (A)", "archi a() { }", "archa() { }", "blocks B(x) { }", "motifM() { }", "spaces() { }"),
    *("arch a() {\n inputx: f32[N]\n}", "arch a() {\n if x { } elsey { }\n}", "arch a() {\n if x { } else ify { }\n}"),
    *("arch a() {\n for i inx { }\n}", "arch a() {\n choose k fromx\n}", "arch a() {\n choose kfrom [1]\n}"),
)


@pytest.mark.parametrize(
    ("text", "start"), [(t, "expression") for t in RUN_TOGETHER] + [(t, "start") for t in RUN_TOGETHER_TEXTS]
)
def test_a_word_of_the_language_ends_where_a_name_would(text: str, start: str) -> None:
    assert found_by_us(text, start) == found_by_lark(text, start)
    with pytest.raises(UnexpectedError):
        Reader(text, tables.tables(), start, Outline(), Limits()).read()


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(PIECES)), min_size=1, max_size=3),
    st.floats(0, 1),
)
def test_mutated_texts(text: str, changes: list[tuple[float, int, str]], end: float) -> None:
    for place, cut, piece in changes:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + cut :]
    text = text if end > 0.5 else text[: int(2 * end * len(text))]
    assert found_by_us(text, "start") == found_by_lark(text, "start")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "x", "f", " ", "(", "+", "->", "as", ", "]), max_size=8).map("".join))
def test_expressions(text: str) -> None:
    assert found_by_us(text, "expression") == found_by_lark(text, "expression")


def test_the_shipped_tables_are_those_of_the_grammar() -> None:
    """When this fails: `make grammar`."""
    path = resources.grammar("ghndsl").with_suffix(".tables.json")
    assert path.read_text(encoding="utf-8") == lalr.written(lalr.compile_grammar(GRAMMAR))


@pytest.mark.parametrize("broken", [None, "", "{}", "[1]", '{"grammar": 0}', "\0"])
def test_other_tables_are_not_used(broken: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grammar = tmp_path / "ghndsl.lark"
    grammar.write_text(GRAMMAR.replace('"arch"', '"network"'), encoding="utf-8")
    if broken is not None:
        grammar.with_suffix(".tables.json").write_text(broken, encoding="utf-8")
    monkeypatch.setattr(resources, "grammar", lambda name: grammar)
    tables.tables.cache_clear()
    try:
        assert parse(Source("a.arch", "network a() { }")).definitions[0].kind == "network"
        with pytest.raises(CompileError, match="`arch` cannot stand here"):
            parse(Source("a.arch", "arch a() { }"))
    finally:
        tables.tables.cache_clear()


def test_tables_do_not_depend_on_hash_seeds(tmp_path: Path) -> None:
    for seed in "123":
        command = [sys.executable, "-m", "ghndsl.language.lalr", str(tmp_path / seed)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed}, timeout=120)
    made = {(tmp_path / seed).read_bytes() for seed in "123"}
    assert len(made) == 1
    assert json.loads(made.pop())["grammar"] == tables.checksum(GRAMMAR)


def test_lark_is_not_loaded_to_read_or_to_refuse() -> None:
    code = (
        "import sys, ghndsl\n"
        "ghndsl.load('resnet18')\n"
        "try: ghndsl.loads('arch a( {')\n"
        "except ghndsl.CompileError: pass\n"
        "assert 'lark' not in sys.modules and 'pickle' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
