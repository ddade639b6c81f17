"""A space of 10^100 candidates, and some that ship, go in; what counting, drawing and telling apart takes comes out."""

from __future__ import annotations

import random
import time

from ghndsl import Space, load_space
from ghndsl.dags import in_words
from ghndsl.space.load import loads_space

HUGE = """
block Layer(x) {
    choose kernel from [1, 3, 5, 7, 9]
    choose act {
        relu: relu
        gelu: gelu
    }
    return x -> conv(8, kernel, padding="same") -> act
}

space huge() {
    input x: f32[N, 8, 16, 16]
    for i in range(100) {
        x = x -> Layer as layer{i}
    }
    output y = x
}
"""


def huge(count: int, rounds: int) -> str:
    """Seconds from text to size, and draws of a space with 200 choices that are all read; the least of all rounds."""
    counted: list[float] = []
    drawn: list[float] = []
    for _ in range(rounds):
        start = time.process_time()
        space = loads_space(HUGE)
        if space.size != 10**100:
            raise ValueError(f"the space has {space.size} candidates")
        counted.append(time.process_time() - start)
        start = time.process_time()
        choices = sum(len(candidate.choices) for candidate in space.draws(count, random.Random(0)))
        drawn.append((time.process_time() - start) / choices)
    return (
        f"10^100 candidates of 200 choices: read and counted in {1e3 * min(counted):.0f} ms; "
        f"{1 / (200 * min(drawn)):,.0f} candidates, {1 / min(drawn):,.0f} choices drawn and read a second."
    )


def distinct(names: list[str]) -> str:
    """How many architectures spaces have, by building all candidates, or bounds by building a few."""
    lines = ["| space | candidates | distinct architectures | s |", "| --- | --- | --- | --- |"]
    for name in names:
        space = load_space(name)
        start = time.process_time()
        told = _told(space)
        lines.append(f"| `{name}` | {in_words(space.size)} | {told} | {time.process_time() - start:.1f} |")
    return "\n".join(lines)


def _told(space: Space) -> str:
    bounds = space.distinct.bounds()
    if bounds.least == bounds.most:
        return in_words(bounds.least)
    return f"{in_words(bounds.least)} to {in_words(bounds.most)}: {bounds.because}"
