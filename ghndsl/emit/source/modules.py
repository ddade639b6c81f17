"""The modules of a network, as a tree: those that compute, those that only hold others, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.emit.source.segments import Segment
from ghndsl.ir import Graph, Node, Scope
from ghndsl.ops import Weight


@dataclass(eq=False)
class Unit:
    """A module that computes: `uses` are the nodes of each of its uses, all alike."""

    path: str
    uses: list[Segment]
    scope: Scope | None
    members: dict[str, Member] = field(default_factory=dict[str, "Member"])


@dataclass(eq=False)
class Holder:
    """A module that only holds others."""

    path: str
    members: dict[str, Member]


@dataclass(eq=False)
class Leaf:
    """One of torch's modules, by the first node that calls it; or a tensor, when there is a `weight`.

    `members` are others of torch's modules that some paths put into it.
    """

    path: str
    node: Node
    weight: Weight | None = None
    members: dict[str, Leaf] = field(default_factory=dict[str, "Leaf"])


Member: TypeAlias = Unit | Holder | Leaf


class UnprintableError(Exception):
    """No module could be written that has these paths; `node` is where."""

    def __init__(self, message: str, node: Node) -> None:
        super().__init__(message)
        self.node = node


def is_under(path: str, above: str) -> bool:
    """Whether a path lies below another, or is it; all do below the empty one."""
    return not above or path == above or path.startswith(f"{above}.")


def first_node(graph: Graph, module: Member) -> Node:
    """A node that a module, or the first of what it holds, computes."""
    while isinstance(module, Holder):
        module = next(iter(module.members.values()))
    return graph.nodes[module.uses[0].nodes[0]] if isinstance(module, Unit) else module.node


def walk(unit: Unit | Holder) -> Iterator[Unit | Holder]:
    """A module and all that it holds, inner ones first."""
    for member in unit.members.values():
        if not isinstance(member, Leaf):
            yield from walk(member)
    yield unit


def parts_of(module: Unit | Holder | Leaf, above: Sequence[str] = ()) -> Iterator[tuple[tuple[str, ...], Unit | Leaf]]:
    """What a module can call, with its names from the module on."""
    for name, member in module.members.items():
        if not isinstance(member, Holder):
            yield (*above, name), member
        if not isinstance(member, Unit):
            yield from parts_of(member, (*above, name))
