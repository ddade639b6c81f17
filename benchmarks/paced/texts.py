"""A number of nodes or channels goes in; the text of a network of that size comes out."""

from __future__ import annotations

import random

from ghndsl.language import Limits

LIMITS = Limits(text=40_000_000, words=4_000_000, nodes=1_000_000, items=1_000_000, steps=100_000_000)
"""For texts that no person writes."""


def chain(nodes: int) -> str:
    """Layers one after another."""
    return (
        "arch large() {\n    input x: f32[N, 8]\n"
        f"    for i in range({nodes // 2}) {{ x = x -> linear(8) as l{{i}} -> relu }}\n    output y = x\n}}\n"
    )


def wired(nodes: int) -> str:
    """Layers of which each takes the sum of two drawn from all before it."""
    rng = random.Random(0)
    taken = [(rng.randrange(i + 1), rng.randrange(i + 1)) for i in range(nodes // 2)]
    lines = [f"    x{i + 1} = (x{a} + x{b}) -> linear(8) as l{i}\n" for i, (a, b) in enumerate(taken)]
    return f"arch large() {{\n    input x0: f32[N, 8]\n{''.join(lines)}    output y = x{len(lines)}\n}}\n"


def wide(channels: int) -> str:
    """Eight convolutions of so many channels."""
    return (
        f"arch wide() {{\n    input x: f32[N, {channels}, 8, 8]\n"
        f"    for i in range(8) {{ x = x -> conv({channels}, 3, padding=1) as c{{i}} -> relu }}\n    output y = x\n}}\n"
    )
