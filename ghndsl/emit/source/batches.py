"""The tree of modules goes in; its modules come out in batches, each after what its modules hold."""

from __future__ import annotations

from collections.abc import Mapping

from ghndsl.emit.source.modules import Holder, Leaf, Unit, walk
from ghndsl.emit.source.naming import stem


def batches(root: Unit) -> list[list[Unit | Holder]]:
    """All modules but the root; those of one name are in one batch, unless one of them may hold another."""
    modules = list(walk(root))
    recursive = _recursive(modules)
    levels: dict[str, int] = {}
    heights: dict[Unit | Holder, int] = {}
    before: Mapping[Unit | Holder, int] | None = None
    while heights != before:
        before = dict(heights)
        for module in modules:
            inner = [heights[member] for member in module.members.values() if not isinstance(member, Leaf)]
            word = stem(module)
            heights[module] = 1 + max(inner, default=0)
            if word not in recursive:
                heights[module] = levels[word] = max(levels.get(word, 0), heights[module])
    found: list[list[Unit | Holder]] = [[] for _ in range(max(heights.values()))]
    for module, height in heights.items():
        if module is not root:
            found[height - 1].append(module)
    return [batch for batch in found if batch]


def _recursive(modules: list[Unit | Holder]) -> set[str]:
    """The names whose modules hold one of the same name, be it by way of others."""
    held: dict[str, set[str]] = {}
    for module in modules:
        inner = {stem(member) for member in module.members.values() if not isinstance(member, Leaf)}
        held.setdefault(stem(module), set()).update(inner)
    found: set[str] = set()
    for word, inner in held.items():
        reached: set[str] = set()
        rest = list(inner)
        while rest:
            other = rest.pop()
            if other not in reached:
                reached.add(other)
                rest += held[other]
        found.update({word} & reached)
    return found
