"""A number of nodes goes in; the text of an architecture with about so many, written in some way, comes out."""

from __future__ import annotations

from collections.abc import Callable

HEAD = "arch large() {\n    input x: f32[N, 8, 16, 16]\n"
CONV = "conv(8, 3, padding=1)"
BLOCKS = """block Block(x: [N, C, H, W], kernel: int = 3) {
    y = x -> conv(C, kernel, padding=kernel // 2) as conv1 -> batch_norm as bn1 -> relu
          -> conv(C, kernel, padding=kernel // 2) as conv2 -> batch_norm as bn2
    return (y + x) -> relu
}

block Stage(x, depth: int) {
    for i in range(depth) { x = x -> Block as {i} }
    return x
}

"""


def flat(nodes: int) -> str:
    """A statement for each node."""
    calls = [f"{CONV} as c{i}" if i % 2 else "relu" for i in range(nodes)]
    lines = [f"    x{i + 1} = x{i or ''} -> {call}\n" for i, call in enumerate(calls)]
    return f"{HEAD}{''.join(lines)}    output y = x{nodes}\n}}\n"


def loop(nodes: int) -> str:
    """One statement in a loop."""
    return f"{HEAD}    for i in range({nodes // 2}) {{ x = x -> {CONV} as c{{i}} -> relu }}\n    output y = x\n}}\n"


def blocks(nodes: int) -> str:
    """Blocks of seven nodes, called in loops."""
    return f"{BLOCKS}{HEAD}    for i in range({nodes // 35}) {{ x = x -> Stage(5) as s{{i}} }}\n    output y = x\n}}\n"


def chain(nodes: int) -> str:
    """One statement, one chain."""
    links = "".join(f"\n        -> {CONV if i % 2 else 'relu'}" for i in range(nodes))
    return f"{HEAD}    output y = x{links}\n}}\n"


def nested(nodes: int) -> str:
    """Blocks that call a smaller one twice."""
    levels = range(nodes.bit_length() - 1)
    doubled = "".join(f"block B{i + 1}(x) {{ return x -> B{i} -> B{i} }}\n" for i in levels)
    return f"block B0(x) {{ return x -> relu }}\n{doubled}{HEAD}    output y = x -> B{len(levels)}\n}}\n"


WAYS: tuple[Callable[[int], str], ...] = (flat, loop, blocks, chain, nested)
