"""A text and a generator of chance go in; the bytes of a file come out, odd in how they are written, not in what."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from mutating.edits import Pool
from mutating.nodes import places

DEPTHS = (2, 10, 60, 90, 100, 110, 390, 401, 1_500, 10_000)


def deep(text: str, rng: random.Random, pool: Pool) -> str:
    """Wraps an expression in many brackets or signs, or repeats what stands beside it."""
    found = [place for place in places(text) if place[2] == "expression"]
    if not found:
        return text
    start, end, _ = rng.choice(found)
    inner, depth = text[start:end], rng.choice(DEPTHS)
    before, after = rng.choice(_AROUND)
    return text[:start] + before * depth + inner + after * depth + text[end:]


_AROUND = (
    *(("(", ")"), ("[", "]"), ("(", ""), ("[", ""), ("", ")"), ("relu(", ")"), ("[x for x in ", "]")),
    *(("-", ""), ("- ", ""), ("not ", ""), ("1 + ", ""), ("2 ** ", ""), ("1 if true else ", "")),
    *(("", " + 1"), ("", " -> relu"), ("", "[0]"), ("", ".a"), ("", "(1)"), ("", " as a.b"), ("", ", 1")),
    *(("x -> ", ""), ("", " -> [relu]"), ("", " < 1"), ("", " and true"), ("", "..1"), ("repeat(2, ", ")")),
)


def nested(text: str, rng: random.Random, pool: Pool) -> str:
    """Puts a statement into many bodies."""
    found = [place for place in places(text) if place[2] == "statement"]
    if not found:
        return text
    start, end, _ = rng.choice(found)
    inner, depth = text[start:end], rng.choice(DEPTHS)
    before, after = rng.choice(_BODIES)
    return text[:start] + before * depth + inner + after * depth + text[end:]


_BODIES = (
    *(("if true { ", " }"), ("for i in range(1) { ", " }"), ("for i in range(2) { ", " }"), ("if true { } else ", "")),
    *(("choose a { b: x }\n", ""), ("choose a from [1, 2]\n", ""), ("", "\nwhere true"), ("if a { ", "")),
)


def long(text: str, rng: random.Random, pool: Pool) -> str:
    """Puts a very long word, string, number, remark, line or gap into a text."""
    at, count = rng.randrange(len(text) + 1), rng.choice((999, 1_001, 5_000, 100_000))
    piece = rng.choice(
        ("a", "A", "9", "é", "\n", " ", "\t", "a.", "a, ", "a = 1\n", "#\n", "(", "{", '"', "->", "x -> ")
    )
    return text[:at] + rng.choice(("", " ", '"', "#", "\n")) + piece * count + text[at:]


def written(text: str, rng: random.Random) -> bytes:
    """The text as a file: now and then with other ends of lines, marks, tabs, zeros, or no last newline."""
    way = rng.randrange(40)
    change = _WAYS.get(way)
    text = change(text) if change else text
    data = text.encode("utf-8", "replace")
    if way == 7:
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice((b"\xff", b"\xc3", b"\0", b"\xed\xa0\x80")) + data[at:]
    return data.decode("utf-8", "replace").encode("utf-16") if way == 8 and rng.random() < 0.2 else data


_WAYS: dict[int, Callable[[str], str]] = {
    0: lambda text: text.replace("\n", "\r\n"),
    1: lambda text: text.replace("\n", "\r"),
    2: lambda text: text.replace("    ", "\t"),
    3: lambda text: "\ufeff" + text,
    4: lambda text: text.rstrip(),
    5: lambda text: text.replace(" ", "\u00a0"),
    6: lambda text: re.sub(r"\n", "\n\ufeff", text, count=1),
    9: lambda text: text.replace("\n", " "),
    10: lambda text: text.replace(" ", ""),
    11: lambda text: text.replace("\n", "\n\n\n"),
}
