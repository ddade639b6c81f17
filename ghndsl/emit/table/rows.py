"""A graph and a depth go in; the rows of a table of its layers come out: blocks with subtotals, repeats once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.outline.folding import fold
from ghndsl.emit.outline.words import below, cost, spanned, times
from ghndsl.ir import Graph, Node, Scope
from ghndsl.ops import Slice, written
from ghndsl.passes.facts import Layer, layers
from ghndsl.records import record


@record
class Row:
    """A layer, or a block with what it holds: how deep it stands, its path below what is around it, and its part.

    `params` and `macs` are those of all `times` it is repeated, but in a repeated block those of one copy; weights
    of one that `is_shared` were counted with an earlier layer. `is_equal` is False where copies differ in numbers.
    """

    depth: int
    path: str
    name: str
    type: str
    params: int
    macs: int | None
    times: int = 1
    is_block: bool = False
    is_shared: bool = False
    is_equal: bool = True

    @property
    def title(self) -> str:
        """The name, and how often it is there."""
        return self.name + times(self.times) + ("" if self.is_equal else ", numbers differ")


def table(graph: Graph, depth: int | None = None) -> list[Row]:
    """The rows in order, a block's own before those of what it holds, folded as a picture is.

    >>> import ghndsl
    >>> [row.title for row in table(ghndsl.load("resnet152")) if row.times > 1]
    ['Bottleneck ×2', 'Bottleneck ×7', 'Bottleneck ×35', 'Bottleneck ×2']
    """
    whole = fold(graph, depth)
    return list(_Table(graph).within(whole, 0, ()))


@dataclass(eq=False)
class _Table:
    graph: Graph
    parts: dict[Node, Layer] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = {layer.node: layer for layer in layers(self.graph)}

    def within(self, cluster: Cluster, depth: int, around: Sequence[Scope]) -> Iterator[Row]:
        """The rows of what a frame holds."""
        for child in cluster.children:
            if isinstance(child, Box):
                yield self._box(child, depth, around)
                continue
            yield self._frame(child, depth, around)
            yield from self.within(child, depth + 1, child.scopes or around)

    def _box(self, box: Box, depth: int, around: Sequence[Scope]) -> Row:
        paths = [below(scope.path, around) for scope in box.scopes]
        if box.scopes:
            return self._row(box, depth, spanned(paths), _named(box))
        node = box.nodes[0]
        # Signs and indices have no path: they are told by the block that they stand in, and indices as written.
        path = below(node.path, around) if node.path else f"in {node.scope.path or self.graph.name}"
        name = f"x{node.op.subscript}" if isinstance(node.op, Slice) else written(node.op)
        return self._row(box, depth, path, name)

    def _frame(self, cluster: Cluster, depth: int, around: Sequence[Scope]) -> Row:
        path = spanned([below(path, around) for path in cluster.ends or (cluster.scopes[-1].path,)])
        name = " › ".join(scope.name for scope in cluster.scopes) or "repeated"
        return self._row(cluster, depth, path, name)

    def _row(self, drawn: Box | Cluster, depth: int, path: str, name: str) -> Row:
        nodes = drawn.nodes
        weighed = [self.parts[node] for node in nodes if node.weights]
        return Row(
            depth=depth,
            path=path,
            name=name,
            type=", ".join(str(value.type) for value in nodes[-1].results),
            params=sum(layer.params for layer in weighed if not layer.is_shared),
            macs=cost(self.graph, nodes)[1],
            times=drawn.times if isinstance(drawn, Box) else max(1, len(drawn.copies)),
            is_block=isinstance(drawn, Cluster) or bool(drawn.scopes),
            is_shared=bool(weighed) and all(layer.is_shared for layer in weighed),
            is_equal=drawn.is_equal,
        )


def _named(box: Box) -> str:
    outer, inner = box.scopes[0].name, box.inside.name if box.inside else ""
    return outer if inner in ("", outer) else f"{outer} › {inner}"
