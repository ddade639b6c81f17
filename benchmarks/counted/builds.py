"""A number of candidates goes in; how fast they become verified typed graphs with ids comes out, block by block or not.

Each candidate of NAS-Bench-201 is built, checked by every rule of the verifier, and hashed. Four ways take their turns:
each block elaborated wherever it is called; blocks kept that a candidate calls again; blocks kept from candidate to
candidate, as `space.build` does, from a space just loaded; and the same once many candidates were built.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from ghndsl import Space, load_space
from ghndsl.ir import Graph
from ghndsl.ir.verify import verify
from ghndsl.language.elaborate import Elaborator
from ghndsl.space import Candidate

Build: TypeAlias = Callable[[Candidate], Graph]


def table(count: int, rounds: int) -> str:
    drawn = load_space("nasbench201").sample(count, seed=0)
    warm = load_space("nasbench201")
    for candidate in warm.sample(count, seed=1):
        warm.build(candidate)
    seconds: dict[str, list[float]] = {}
    ids: set[tuple[str, ...]] = set()
    for _ in range(rounds):
        fresh = load_space("nasbench201")
        ways: dict[str, Build] = {
            "each block elaborated": lambda candidate, space=fresh: elaborated(space, candidate),
            "blocks kept within a candidate": lambda candidate, space=fresh: replace(space).build(candidate),
            f"blocks kept, the first {count:,} of a process": fresh.build,
            f"blocks kept, after {count:,} others": warm.build,
        }
        for way, build in ways.items():
            taken, found = timed(build, drawn)
            seconds.setdefault(way, []).append(taken)
            ids.add(found)
    if len(ids) != 1:
        raise ValueError("the ways do not make the same graphs")
    slowest = min(next(iter(seconds.values())))
    lines = [
        f"| {way} | {count / min(taken):,.0f} | {1e3 * min(taken) / count:.2f} | {slowest / min(taken):.1f} |"
        for way, taken in seconds.items()
    ]
    head = "| NAS-Bench-201, built, verified and hashed | candidates a second | ms each | times as fast |"
    return "\n".join([head, "| --- | --- | --- | --- |", *lines])


def elaborated(space: Space, candidate: Candidate) -> Graph:
    """The graph of a candidate as it is of a text that a person wrote: nothing is kept for another call."""
    return Elaborator(space.module, space.definition, space.settings, dict(candidate.texts), space.limits).graph()


def timed(build: Build, drawn: Sequence[Candidate]) -> tuple[float, tuple[str, ...]]:
    """Seconds of the processor for all of them, and their ids."""
    order = [*drawn]
    random.Random(2).shuffle(order)
    ids: list[str] = []
    start = time.process_time()
    for candidate in order:
        graph = build(candidate)
        verify(graph)
        ids.append(graph.id)
    return time.process_time() - start, tuple(ids)
