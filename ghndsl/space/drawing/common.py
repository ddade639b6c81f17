"""The flows of several candidates go in; what they have in common comes out, if that is how they flow."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.outline.grouping import entering
from ghndsl.emit.outline.words import below
from ghndsl.ir import Graph, Node, Port, Value
from ghndsl.ops import Operator, written
from ghndsl.records import record
from ghndsl.space.drawing.folding import folded
from ghndsl.space.drawing.sketch import StandIn
from ghndsl.types import Dim, TensorType, symbol

_ANY = symbol("_")
"""A size that is not the same in all candidates, as the language writes it in patterns."""


@record
class Flowing:
    """A flow, folded, and what of it is not the same in all candidates.

    `varied` are the nodes whose attributes are not, by the number of their first result; `moved` and `loose` the boxes
    whose paths are not, and which are repeated as often as was chosen, by their own paths. Not `is_common` says that
    even the flow is only that of some candidates.
    """

    graph: Graph
    cluster: Cluster
    varied: frozenset[int] = frozenset()
    moved: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    is_common: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether it is node by node the same in all candidates."""
        return self.is_common and not (self.moved or self.loose)


def common(graphs: Sequence[Graph]) -> Flowing:
    """The first of the graphs, with `_` for sizes that the others do not share."""
    forms = {_form(graph): graph for graph in reversed(graphs)}
    if len(forms) == 1:
        graph, varied = _merged(graphs)
        return Flowing(graph, folded(graph), varied)
    graph, cluster = graphs[0], folded(graphs[0])
    first = _rows(graph, cluster)
    loose, moved = set[str](), set[str]()
    for other in forms.values():
        rows = _rows(other, folded(other))
        if [row.drawn for row in rows] != [row.drawn for row in first]:
            return Flowing(graph, cluster, is_common=False)
        pairs = list(zip(first, rows, strict=True))
        loose.update(mine.path for mine, theirs in pairs if mine.times != theirs.times)
        moved.update(mine.path for mine, theirs in pairs if mine.below != theirs.below)
    varied = frozenset(node.results[0].id for node in graph.nodes if node.results)
    return Flowing(graph, cluster, varied, frozenset(moved), frozenset(loose))


@record
class _Row:
    """What is drawn and from where edges lead to it, how often it is repeated, and the path of the first copy.

    The path is also told as it is below the block around all of it.
    """

    drawn: Hashable
    times: int = 1
    path: str = ""
    below: str = ""


def _rows(graph: Graph, cluster: Cluster) -> list[_Row]:
    """All boxes and frames in order."""
    owners = {port.value.id: -1 - at for at, port in enumerate(graph.arguments)}
    rows: list[_Row] = []

    def row(drawn: Hashable, times: int, path: str) -> _Row:
        return _Row(drawn, times, path, below(path, cluster.scopes))

    def add(inner: Cluster) -> None:
        for child in inner.children:
            if isinstance(child, Box):
                sources = frozenset(owners[value.id] for value in entering(child.nodes))
                owners.update((value.id, len(rows)) for node in child.nodes for value in node.results)
                name = child.scopes[0].name if child.scopes else _did(child.nodes[0])
                rows.append(row((name, sources), child.times, child.nodes[0].path))
                continue
            rows.append(row("frame", len(child.copies), child.nodes[0].path))
            add(child)
            for copy in child.copies[1:]:
                for drawn, node in zip(child.copies[0], copy, strict=True):
                    owners.update(
                        (new.id, owners[old.id]) for old, new in zip(drawn.results, node.results, strict=True)
                    )
            rows.append(_Row("end"))

    add(cluster)
    return [*rows, _Row(tuple([owners[port.value.id] for port in graph.results]))]


def _did(node: Node) -> Hashable:
    return node.op.block if isinstance(node.op, StandIn) else node.op.name


def _form(graph: Graph) -> Hashable:
    """The wiring of a graph, what is done in it, and of its types all but the sizes."""
    place: dict[int, int] = {}
    rows: list[Hashable] = []
    for value in (port.value for port in graph.arguments):
        rows.append((place.setdefault(value.id, len(place)), _rank(value)))
    for node in graph.nodes:
        inputs = tuple([place.setdefault(value.id, len(place)) for value in node.inputs])
        for value in node.results:
            place[value.id] = len(place)
        rows.append((_did(node), inputs, tuple(map(_rank, node.results))))
    return (*rows, *[place.get(port.value.id) for port in graph.results])


def _rank(value: Value) -> Hashable:
    return value.type.rank, value.type.dtype


def _merged(graphs: Sequence[Graph]) -> tuple[Graph, frozenset[int]]:
    """Graphs of one form as one, and the nodes whose attributes differ."""
    values: dict[int, Value] = {}

    def merge(same: Sequence[Value]) -> Value:
        first = same[0]
        return values.setdefault(first.id, Value(first.id, _type([value.type for value in same])))

    ports = [
        Port(same[0].name, merge([port.value for port in same]), same[0].is_exit, same[0].span)
        for same in zip(*(graph.arguments for graph in graphs), strict=True)
    ]
    nodes: list[Node] = []
    varied: set[int] = set()
    for same in zip(*(graph.nodes for graph in graphs), strict=True):
        results = [merge(found) for found in zip(*(node.results for node in same), strict=True)]
        nodes.append(_like(same[0], [values[value.id] for value in same[0].inputs], results))
        if len({_written(node.op) for node in same}) > 1:
            varied.add(results[0].id)
    ends = [Port(port.name, values[port.value.id], port.is_exit, port.span) for port in graphs[0].results]
    first = graphs[0]
    return Graph(first.name, tuple(ports), tuple(nodes), tuple(ends), first.doc), frozenset(varied)


def _written(op: Operator) -> str:
    return "" if isinstance(op, StandIn) else written(op)


def _like(node: Node, inputs: Sequence[Value], results: Sequence[Value]) -> Node:
    """The node with values of other types; its weights stay those of one candidate."""
    made = Node(node.op, tuple(inputs), tuple(results), node.path, node.scope, node.span)
    vars(made).update(input_types=node.input_types, weights=node.weights, macs=0)
    return made


def _type(types: Sequence[TensorType]) -> TensorType:
    shape: list[Dim] = []
    for sizes in zip(*(kind.shape for kind in types), strict=True):
        shape.append(sizes[0] if all(size == sizes[0] for size in sizes) else _ANY)
    return TensorType(tuple(shape), types[0].dtype)
