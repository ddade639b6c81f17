"""A flat graph goes in; its nodes come out under the blocks they were written in: a tree, and who uses each value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from ghndsl.ir import Graph, Node, Scope, Value


@dataclass(eq=False)
class Group:
    """A use of a block and what stands in it, in the order of the graph; no scope for the architecture itself."""

    scope: Scope | None
    children: list[Part] = field(default_factory=list["Part"])

    @property
    def name(self) -> str:
        """The name of the block."""
        return self.scope.name if self.scope else ""

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes in it, at any depth; to be asked for once it is complete."""
        return nodes_of(self.children)

    def chain(self) -> list[Group]:
        """This block, the one that is all it holds, and so on."""
        found: list[Group] = [self]
        while len(found[-1].children) == 1 and isinstance(only := found[-1].children[0], Group):
            found.append(only)
        return found

    def core(self) -> Group:
        """The innermost of the chain: where there is more to see than another block."""
        return self.chain()[-1]

    def height(self) -> int:
        """How many levels of blocks there are, this one counted."""
        return 1 + max((child.height() for child in self.children if isinstance(child, Group)), default=0)


Part: TypeAlias = Node | Group
"""What a block is made of."""


def nodes_of(parts: Sequence[Part]) -> tuple[Node, ...]:
    """All nodes in some parts, in order."""
    return tuple(node for part in parts for node in (_walk(part) if isinstance(part, Group) else (part,)))


def _walk(group: Group) -> Iterator[Node]:
    # Blocks may be nested deeper than Python's own recursion goes.
    stack: list[Part] = list(reversed(group.children))
    while stack:
        part = stack.pop()
        if isinstance(part, Node):
            yield part
        else:
            stack += reversed(part.children)


def grouped(graph: Graph) -> Group:
    """The tree of a graph.

    >>> import ghndsl
    >>> [part.name for part in grouped(ghndsl.load("resnet18")).children if isinstance(part, Group)]
    ['ResNet']
    """
    top = Group(None)
    groups: dict[Scope, Group] = {}
    for node in graph.nodes:
        group = top
        for scope in reversed(list(node.scope.chain())[:-1]):
            if scope not in groups:
                groups[scope] = Group(scope)
                group.children.append(groups[scope])
            group = groups[scope]
        group.children.append(node)
    return top


Users: TypeAlias = dict[int, set[Node | None]]
"""By the id of a value, the nodes that take it; None among them if it is an output."""


def users(graph: Graph) -> Users:
    """Who takes each value."""
    found: Users = {port.value.id: {None} for port in graph.results}
    for node in graph.nodes:
        for value in node.inputs:
            found.setdefault(value.id, set()).add(node)
    return found


def entering(nodes: Sequence[Node]) -> list[Value]:
    """The values that nodes take from elsewhere, each once, in the order of their first use."""
    made = {value.id for node in nodes for value in node.results}
    return list({value.id: value for node in nodes for value in node.inputs if value.id not in made}.values())


def leaving(nodes: Sequence[Node], users: Users) -> list[Value]:
    """The values that nodes make and others take, or nobody, or the outputs of the graph, in the order of making."""
    own = set(nodes)
    made = [value for node in nodes for value in node.results]
    return [value for value in made if not (takers := users.get(value.id)) or not takers <= own]
