"""The names of helpers go in; their texts, and those of the helpers that they need, come out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_HELPERS = Path(__file__).with_name("helpers.py")


@cache
def defined() -> dict[str, str]:
    """The functions and classes that a file may hold, by name."""
    text = _HELPERS.read_text(encoding="utf-8")
    nodes = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return {node.name: ast.get_source_segment(text, node) or "" for node in nodes}


def needed(names: Iterable[str]) -> dict[str, str]:
    """Some helpers and those they need, with their texts, in the order of their file."""
    known = defined()
    wanted: set[str] = set()
    rest = list(names)
    while rest:
        name = rest.pop()
        if name not in wanted:
            wanted.add(name)
            rest += [other for other in known if re.search(rf"\b{other}\b", known[name]) and other != name]
    return {name: text for name, text in known.items() if name in wanted}
