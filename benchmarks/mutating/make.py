"""A seed and a number go in; one broken file comes out, the same whenever they are."""

from __future__ import annotations

import random
from functools import cache

from mutating import edits, shapes
from mutating.edits import Edit, Pool
from mutating.judge import judge
from mutating.texts import texts

_EDITS: dict[str, list[Edit]] = {
    "characters": [edits.characters],
    "tokens": [edits.token],
    "tree": [edits.subtree, edits.subtree, edits.statement, edits.number, edits.rename],
    "depth and length": [shapes.deep, shapes.nested, shapes.long],
}
_WEIGHTS = (15, 25, 55, 5)
_SOUND = 0.85
"""How often a text is taken that has no fault of its own."""


@cache
def pool() -> Pool:
    """Every text of the checkout."""
    return Pool(tuple(texts()))


@cache
def sound() -> tuple[str, ...]:
    """The texts without a fault, which reach the last steps of a compilation."""
    return tuple(text for text in pool().texts if not judge(text.encode()).codes)


def mutated(seed: int, number: int) -> tuple[str, bytes]:
    """The kind of edits, and the file."""
    rng = random.Random(f"{seed}/{number}")
    text = rng.choice(sound() if rng.random() < _SOUND else pool().texts)
    kind = rng.choices(list(_EDITS), _WEIGHTS)[0]
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5)) if kind != "depth and length" else 1):
        text = rng.choice(_EDITS[kind])(text, rng, pool())
    return kind, shapes.written(text, rng)
