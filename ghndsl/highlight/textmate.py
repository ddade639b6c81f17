"""The language's own tables go in; the TextMate grammar that editors colour by comes out, as JSON."""

from __future__ import annotations

import json
import re
from typing import TypeAlias

from ghndsl.highlight.words import BLANK, LABEL, SIGN, SIZE, Words

Rule: TypeAlias = "dict[str, object]"


def textmate() -> str:
    """The grammar, which `make grammar` writes into `grammars/`.

    >>> json.loads(textmate())["fileTypes"]
    ['arch', 'nas']
    """
    words = Words()
    grammar = {
        "name": "ghndsl",
        "scopeName": "source.ghndsl",
        "fileTypes": ["arch", "nas"],
        "patterns": [*_includes("comment"), *_statements(words), *_includes("expression")],
        "repository": {
            "comment": _any(_match(r"##.*$", "comment.block.documentation"), _match(r"#.*$", "comment.line")),
            "expression": _any(*_labels(words), *_words(words), *_brackets(words)),
        },
    }
    return json.dumps(grammar, indent=2, ensure_ascii=False) + "\n"


def _statements(words: Words) -> list[Rule]:
    return [
        _match(rf"({words.declarations})[ \t]+({words.name})", "storage.type", "entity.name.type"),
        _match(r"\b(use)\b[ \t]+([\w.]+)", "keyword.control.import", "entity.name.namespace"),
        _path(r"\b(output|exit)\b[ \t]+(?=[\w{])"),
        _choice(),
    ]


def _choice() -> Rule:
    """From `choose` to the end of its line, but for lines in its brackets and its branches."""
    branch = _match(rf"(\w+){BLANK}(:)", "entity.name.label", "punctuation.separator")
    branches = _block(r"\{", [*_includes("comment"), branch, *_includes("expression")])
    return _block(r"\b(choose)\b", [branches, *_includes("comment", "expression")], r"$|(?=\})")


def _labels(words: Words) -> list[Rule]:
    stage = rf"(->)[ \t]*(?!{words.keywords}|{words.operators})({words.name})"
    return [_path(r"\b(as)\b[ \t]*(?=[\w{])"), _match(stage, "keyword.operator", "entity.name.function")]


def _path(begin: str) -> Rule:
    """From a word to the end of the dotted label after it."""
    computed = _block(r"\{", _includes("comment", "expression"))
    return {**_block(begin, [_match(rf"({LABEL})", "entity.name.label"), computed]), "end": rf"(?!\.|\{{|{LABEL})"}


def _words(words: Words) -> list[Rule]:
    return [
        _match(rf"(:){BLANK}({words.types})", "punctuation.separator", "support.type"),
        _match(rf"(:){BLANK}\[({words.types})\]", "punctuation.separator", "support.type"),
        _match(words.string, "string.quoted.double"),
        _match(words.float, "constant.numeric.float"),
        _match(words.integer, "constant.numeric.integer"),
        _match(words.constants, "constant.language"),
        _match(words.word_operators, "keyword.operator.word"),
        _match(words.declarations, "storage.type"),
        _match(words.keywords, "keyword.control"),
        _match(rf"(?<!\.)\.(?!\.)({words.name})", "variable.other.member"),
        _match(words.operators, "support.function.operator"),
        _match(words.functions, "support.function.builtin"),
        _match(SIZE, "constant.other.size"),
        _match(rf"{words.name}(?={BLANK}\()", "entity.name.function"),
        _match(words.name, "variable.other"),
        _match(rf"->|{SIGN}", "keyword.operator"),
    ]


def _brackets(words: Words) -> list[Rule]:
    inner = _includes("comment", "expression")
    attribute = _match(rf"({words.name}){BLANK}(=)(?!=)", "variable.parameter", "keyword.operator")
    return [_block(r"\(", [attribute, *inner], r"[)\]}]"), _block(r"\[", inner, r"[)\]}]")]


def _match(pattern: str, *names: str) -> Rule:
    """What a pattern finds, or each of its groups, gets a name."""
    if not re.compile(pattern).groups:
        return {"match": pattern, "name": f"{names[0]}.ghndsl"}
    return {"match": pattern, "captures": _captures(*names)}


def _captures(*names: str) -> Rule:
    return {str(number): {"name": f"{name}.ghndsl"} for number, name in enumerate(names, 1)}


def _block(begin: str, patterns: list[Rule], end: str = r"\}") -> Rule:
    named = {"beginCaptures": _captures("keyword.control")} if re.compile(begin).groups else {}
    return {"begin": begin, **named, "end": end, "patterns": patterns}


def _any(*rules: Rule) -> Rule:
    return {"patterns": list(rules)}


def _includes(*names: str) -> list[Rule]:
    return [{"include": f"#{name}"} for name in names]
