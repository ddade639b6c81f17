"""A TextMate grammar, as far as ours uses one, and a text go in; the name of each character comes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Grammar = dict[str, Any]


def scopes(grammar: Grammar, text: str) -> list[str]:
    """The innermost name of every character; empty where the grammar names nothing."""
    names = [""] * len(text)
    stack: list[Grammar] = [{"patterns": grammar["patterns"], "end": r"(?!)"}]
    start = 0
    for line in text.splitlines(keepends=True):
        _read(grammar, line, stack, lambda begin, end, name, at=start: _name(names, at + begin, at + end, name))
        start += len(line)
    return names


def _name(names: list[str], begin: int, end: int, name: str) -> None:
    names[begin:end] = [name] * (end - begin)


def _read(grammar: Grammar, line: str, stack: list[Grammar], name: Callable[[int, int, str], None]) -> None:
    """One line, as editors read: the leftmost match of the rules of the innermost block, its end before the others."""
    place = 0
    while place <= len(line):
        inner = stack[-1]
        rules = [{"ends": True, "match": inner["end"]}, *_flat(grammar, inner["patterns"])]
        found = [(m.start(), number, m) for number, rule in enumerate(rules) if (m := _first(rule).search(line, place))]
        if not found:
            return
        _, number, match = min(found, key=lambda one: one[:2])
        rule = rules[number]
        if rule.get("ends"):
            stack.pop()
        elif "begin" in rule:
            stack.append(rule)
        elif "name" in rule:
            name(*match.span(), rule["name"])
        for group, kind in rule.get("captures", rule.get("beginCaptures", {})).items():
            name(*match.span(int(group)), kind["name"])
        assert match.end() > place or rule.get("ends"), f"{rule} would match nothing for ever"
        place = match.end()


def _first(rule: Grammar) -> re.Pattern[str]:
    return re.compile(rule.get("begin") or rule["match"])


def _flat(grammar: Grammar, patterns: list[Grammar]) -> Iterator[Grammar]:
    for rule in patterns:
        included = rule.get("include")
        if included:
            yield from _flat(grammar, grammar["repository"][included.removeprefix("#")]["patterns"])
        else:
            yield rule


@pytest.fixture(scope="session")
def name_characters() -> Callable[[Grammar, str], list[str]]:
    return scopes
