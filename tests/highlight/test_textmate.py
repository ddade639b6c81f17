"""The TextMate grammar is what the tables say, and gives each word the colour that the Pygments lexer gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from pygments import token

from ghndsl import resources
from ghndsl.highlight import GhndslLexer
from ghndsl.highlight.textmate import textmate

FILE = resources.root() / "grammars" / "ghndsl.tmLanguage.json"
TEXTS = {
    path.name: path.read_text(encoding="utf-8")
    for path in sorted(resources.specs().rglob("*.*"))
    if path.suffix in (".arch", ".nas")
}
TEXTS["long_heads.nas"] = """space s() {
    choose g from dags(
        vertices=2..7,  # the most { that there are
        edges=[1, (9)][0]..9,
    ) {
        none: identity
        conv: relu
    }
    choose op from [
        relu,
    ]
    choose size from [1, 2]
    if size == 1 { choose n from [1, 2] }
    choose skip { conv: x -> op }
    conv = conv(3)
}
"""
KINDS = {
    "comment.block.documentation": token.String.Doc,
    "comment.line": token.Comment.Single,
    "constant.language": token.Keyword.Constant,
    "constant.numeric.float": token.Number.Float,
    "constant.numeric.integer": token.Number.Integer,
    "constant.other.size": token.Name.Constant,
    "entity.name.function": token.Name.Function,
    "entity.name.label": token.Name.Label,
    "entity.name.namespace": token.Name.Namespace,
    "entity.name.type": token.Name.Class,
    "keyword.control": token.Keyword,
    "keyword.control.import": token.Keyword.Namespace,
    "keyword.operator": token.Operator,
    "keyword.operator.word": token.Operator.Word,
    "punctuation.separator": token.Punctuation,
    "storage.type": token.Keyword.Declaration,
    "string.quoted.double": token.String.Double,
    "support.function.builtin": token.Name.Builtin,
    "support.function.operator": token.Name.Builtin,
    "support.type": token.Keyword.Type,
    "variable.other": token.Name,
    "variable.other.member": token.Name.Attribute,
    "variable.parameter": token.Name.Attribute,
}


def test_the_file_is_what_the_tables_say() -> None:
    assert FILE.read_text(encoding="utf-8") == textmate(), "run `make grammar`"


def patterns(node: object) -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in patterns(item)]
    if not isinstance(node, dict):
        return []
    return [node[key] for key in ("match", "begin", "end") if key in node] + patterns([*node.values()])


def test_patterns_mean_the_same_in_both_dialects() -> None:
    found = patterns(json.loads(textmate()))
    assert len(found) > 20
    for pattern in found:
        re.compile(pattern)
        assert not re.search(r"\(\?P|\(\?#|\\Z|\\u", pattern), "Oniguruma reads this in another way"
        for width in re.findall(r"\(\?<[=!](.*?)\)", pattern):
            assert not set(width) & set("*+?|"), "Oniguruma looks back by a fixed width only"


@pytest.mark.parametrize("name", TEXTS)
def test_editors_and_pygments_agree(name: str, name_characters: Callable[[Any, str], list[str]]) -> None:
    text = TEXTS[name]
    names = name_characters(json.loads(textmate()), text)
    for start, kind, word in GhndslLexer().get_tokens_unprocessed(text):
        for offset, char in enumerate(word):
            scope = names[start + offset].removesuffix(".ghndsl")
            if scope and not char.isspace():
                assert KINDS[scope] is kind, f"{word!r} at {start}"
            elif not scope:
                assert kind in (token.Whitespace, token.Punctuation), f"{word!r} at {start} has no name"
