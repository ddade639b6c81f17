"""A text and a generator of chance go in; the text with one edit comes out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from mutating.nodes import Places, places
from mutating.tokens import by_kind, tokens


@dataclass(frozen=True)
class Pool:
    """All texts: what an edit puts into one may come from any other."""

    texts: tuple[str, ...]

    def token(self, rng: random.Random, kind: str) -> str:
        """A token of a kind that stands somewhere."""
        return rng.choice(by_kind(self.texts)[kind])

    def any_token(self, rng: random.Random) -> str:
        """A token of any kind."""
        return self.token(rng, rng.choice(sorted(by_kind(self.texts))))


Edit = Callable[[str, random.Random, Pool], str]

ODD = (
    *"{}()[]<>=+-*/%.,:;!?@#$^&|~`'\"\\\n\r\t\f\v 0a_é\0\x1b\x7f",
    *("\u00a0", "\u200b", "\u202e", "\u2028", "\u0301", "ª", "²", "Ⅷ", "ſ", "İ", "Ω", "变", "🧠", "\ufeff", "\ufffd"),
)
"""Characters that end, begin or mean something, and those that only look so."""


def characters(text: str, rng: random.Random, pool: Pool) -> str:
    """Deletes, inserts, doubles or moves a few characters."""
    at = rng.randrange(len(text) + 1)
    end = min(len(text), at + rng.choice((0, 1, 1, 2, 5, 20)))
    piece = text[at:end]
    new = rng.choice(("", piece * 2, piece[::-1], "".join(rng.choices(ODD, k=rng.choice((1, 1, 2, 5))))))
    return text[:at] + new + text[end:]


def token(text: str, rng: random.Random, pool: Pool) -> str:
    """Deletes, doubles, swaps or replaces a token."""
    found = tokens(text)
    places = [place for place, one in enumerate(found) if one.kind != "blank"]
    if not places:
        return text
    words = [one.text for one in found]
    here, there = rng.choice(places), rng.choice(places)
    way = rng.randrange(8)
    if way == 0:
        words[here] = ""
    elif way == 1:
        words[here] += rng.choice(("", " ")) + words[here]
    elif way == 2:
        words[here], words[there] = words[there], words[here]
    elif way == 3:
        words[here] = pool.any_token(rng)
    elif way == 4:
        words[here] += f" {pool.any_token(rng)} "
    else:
        words[here] = pool.token(rng, found[here].kind)
    return "".join(words)


NUMBERS = (
    "0",
    "-1",
    "1",
    "2",
    "3",
    "0.5",
    "1e300",
    "1e-300",
    "7K",
    "2G",
    str(2**63),
    "9" * 30,
    "9" * 200,
    "none",
    "true",
)


def number(text: str, rng: random.Random, pool: Pool) -> str:
    """Changes a number to one that is too small, too large, or none."""
    return _replaced(text, rng, r"\b\d[\w.]*\b", rng.choice(NUMBERS))


def rename(text: str, rng: random.Random, pool: Pool) -> str:
    """Changes a name, in one place or in all, to one that means something else."""
    names = sorted({found[0] for found in re.finditer(r"\b[^\W\d]\w*", text)})
    if not names:
        return text
    old, new = rng.choice(names), rng.choice((rng.choice(names), pool.token(rng, "name"), pool.token(rng, "keyword")))
    if rng.random() < 0.5:
        return re.sub(rf"\b{old}\b", new, text)
    return _replaced(text, rng, rf"\b{old}\b", new)


def _replaced(text: str, rng: random.Random, pattern: str, new: str) -> str:
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    start, end = rng.choice(found).span()
    return text[:start] + new + text[end:]


def subtree(text: str, rng: random.Random, pool: Pool) -> str:
    """Replaces a part of the tree by a part of this or of another text, most often one of the same kind."""
    mine = places(text)
    other = text if rng.random() < 0.4 else rng.choice(pool.texts)
    theirs = places(other)
    if not mine or not theirs:
        return token(text, rng, pool)
    start, end, kind = rng.choice(mine)
    alike: Places = [place for place in theirs if place[2] == kind] if rng.random() < 0.8 else theirs
    if not alike:
        return text
    first, last, _ = rng.choice(alike)
    return text[:start] + other[first:last] + text[end:]


def statement(text: str, rng: random.Random, pool: Pool) -> str:
    """Drops, doubles or moves a statement or a definition."""
    mine = [place for place in places(text) if place[2] in ("statement", "definition")]
    if not mine:
        return token(text, rng, pool)
    start, end, _ = rng.choice(mine)
    piece = text[start:end]
    if rng.random() < 0.5:
        return text[:start] + text[end:]
    at = rng.choice(mine)[0]
    return f"{text[:at]}{piece}\n{text[at:]}"
