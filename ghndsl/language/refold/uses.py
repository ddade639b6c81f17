"""A graph goes in; the tree of the uses of its blocks comes out, each with the run of nodes that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ghndsl.ir import Graph, Node, Scope
from ghndsl.language.refold.callees import BlockCall
from ghndsl.records import record


@dataclass(eq=False)
class Use:
    """One use of a block: its nodes are those from `first` up to, not including, `end`.

    A dissolved use is written in the one around it; `call` is how any other is called, once that is known.
    """

    scope: Scope
    parent: Use | None
    first: int
    end: int = 0
    parts: list[Part] = field(default_factory=list["Part"])
    is_dissolved: bool = False
    stage: Stage | None = None
    call: Call | None = None

    @property
    def kept(self) -> Use:
        """The innermost use around the parts of this one that is not dissolved."""
        use = self
        while use.is_dissolved and use.parent is not None:
            use = use.parent
        return use

    @property
    def base(self) -> str:
        """The path that the labels of its parts count from."""
        return self.kept.scope.path

    def uses(self) -> Iterator[Use]:
        """The uses directly in it, those in dissolved ones included."""
        for part in self.parts:
            if isinstance(part, Use):
                yield from part.uses() if part.is_dissolved else (part,)

    def walk(self) -> Iterator[Use]:
        """This use, then all uses in it, the outer ones first."""
        yield self
        for part in self.parts:
            if isinstance(part, Use):
                yield from part.walk()


@record
class Call:
    """How a use is called: the block, and the values it is given and makes."""

    callee: BlockCall
    inputs: tuple[int, ...]
    results: tuple[int, ...]


@dataclass(eq=False)
class Stage:
    """One set of weights that is used again, or in a block that its path does not lead to.

    It is made as the example is: nodes in a chain, or a use of a block. `id` is the value that stands for it, and
    `callee` what it is made of, if that is not what the example is.
    """

    id: int
    path: str
    example: tuple[Node, ...] | Use
    callee: BlockCall | None = None


Part: TypeAlias = "int | Use | Stage"
"""The number of a node, a use, or a stage that is made there."""


def under(path: str, base: str) -> bool:
    """Whether a path is that of a part below a base, or the base itself.

    >>> under("a.b", "a"), under("a", "a"), under("ab", "a"), under("ab", "")
    (True, True, False, True)
    """
    return path == base or not base or path.startswith(f"{base}.")


def use_tree(graph: Graph) -> Use:
    """The root of the tree of uses.

    A scope whose nodes do not stand together in the graph is passed over: its parts belong to the scope around it.
    """
    chains = _chains(graph.nodes)
    kept = _contiguous(graph.nodes, chains)
    root = Use(Scope("arch", graph.name), None, 0, len(graph.nodes))
    stack = [root]
    for number, node in enumerate(graph.nodes):
        chain = [scope for scope in chains[node.scope] if scope in kept]
        common = 0
        while common < min(len(chain), len(stack) - 1) and stack[common + 1].scope is chain[common]:
            common += 1
        del stack[common + 1 :]
        for scope in chain[common:]:
            use = Use(scope, stack[-1], number)
            stack[-1].parts.append(use)
            stack.append(use)
        stack[-1].parts.append(number)
        for use in stack[1:]:
            use.end = number + 1
    return root


def flat_tree(graph: Graph) -> Use:
    """A root without uses."""
    return Use(Scope("arch", graph.name), None, 0, len(graph.nodes), list(range(len(graph.nodes))))


def _chains(nodes: Sequence[Node]) -> dict[Scope, tuple[Scope, ...]]:
    """The scopes around each, and itself, from the outermost inwards; what has no parent is the graph itself."""
    chains: dict[Scope, tuple[Scope, ...]] = {}
    for node in nodes:
        missing = [scope for scope in node.scope.chain() if scope not in chains]
        for scope in reversed(missing):
            chains[scope] = (*chains[scope.parent], scope) if scope.parent else ()
    return chains


def _contiguous(nodes: Sequence[Node], chains: dict[Scope, tuple[Scope, ...]]) -> set[Scope]:
    ends: dict[Scope, int] = {}
    scattered: set[Scope] = set()
    for number, node in enumerate(nodes):
        for scope in chains[node.scope]:
            if ends.get(scope, number) != number:
                scattered.add(scope)
            ends[scope] = number + 1
    return ends.keys() - scattered
