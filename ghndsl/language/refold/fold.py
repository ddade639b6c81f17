"""A flat graph goes in; the same graph comes out as blocks, calls and loops, found again from its scopes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from ghndsl.ir import Graph, Node, Scope
from ghndsl.language.refold.bodies import closed
from ghndsl.language.refold.definitions import Definitions
from ghndsl.language.refold.entries import Entries
from ghndsl.language.refold.labels import label, labelled
from ghndsl.language.refold.loops import fold_loops
from ghndsl.language.refold.naming import named
from ghndsl.language.refold.program import Body, Item, Output, Program
from ghndsl.language.refold.records import Record
from ghndsl.language.refold.sequences import sequences
from ghndsl.language.refold.sharing import share
from ghndsl.language.refold.uses import Use, flat_tree, use_tree
from ghndsl.language.refold.words import RESERVED, identifier


def fold(graph: Graph, *, is_flat: bool = False) -> Program:
    """The program that makes a graph, node for node, with the same paths; a flat one has neither blocks nor loops.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder
    >>> from ghndsl.types import TensorType
    >>> build = GraphBuilder("two")
    >>> x = build.input("x", TensorType((1, 4)))
    >>> for i in range(2):
    ...     scope = Scope("block", "Layer", f"layers.{i}", Scope("arch", "two"))
    ...     for op, path in ((ops.Linear(4), "fc"), (ops.Relu(), "0")):
    ...         (x,) = build.add(op, [x], f"{scope.path}.{path}", scope)
    >>> build.output("y", x)
    >>> program = fold(build.finish())
    >>> [(one.name, len(one.body.items)) for one in program.definitions.values()]
    [('Layer', 2)]
    """
    return _Folding(graph, is_flat=is_flat).program()


class _Folding:
    """Folds one graph."""

    def __init__(self, graph: Graph, *, is_flat: bool) -> None:
        self.graph = graph
        self.is_flat = is_flat
        self.root = _wrapped(graph, flat_tree(graph) if is_flat else use_tree(graph))
        shared = share(graph, self.root)
        self.entries = Entries(graph.nodes, shared, graph.arguments[0].value.id if graph.arguments else -1)
        values = [port.value for port in graph.arguments] + [v for node in graph.nodes for v in node.results]
        self.fresh = count(1 + max(value.id for value in values))
        types = {value.id: value.type for value in values}
        stages = {one.stage.id: graph.nodes[number].op.name for number, one in shared.items()}
        stages.update((use.stage.id, use.scope.name) for use in self.root.walk() if use.stage)
        self.definitions = Definitions(types, stages, _variants(graph.nodes, self.root))
        for number, one in shared.items():
            if not graph.nodes[number].inputs and one.stage.callee is None:
                one.stage.callee = self.definitions.weight(graph.nodes[number])
        self.last: dict[int, int] = {v.id: number for number, node in enumerate(graph.nodes) for v in node.inputs}
        self.last.update((port.value.id, len(graph.nodes)) for port in graph.results)

    def program(self) -> Program:
        for batch in _batches(self.root):
            self.definitions.add([self._record(use) for use in batch])
        body = self._main()
        made = self.definitions.made
        inputs = tuple([(port.name, port.value.type) for port in self.graph.arguments])
        taken = {identifier(self.graph.name), *(name for name, _ in inputs)}
        taken.update(name for _, kind in inputs for name in kind.symbols)
        names = named(made, self.definitions.uses, taken)
        whole = {number: replace(one, name=names[number]) for number, one in made.items()}
        return Program(self.graph.name, inputs, body, whole)

    def _record(self, use: Use) -> Record:
        made = [value.id for node in self.graph.nodes[use.first : use.end] for value in node.results]
        # A block gives back something, if nothing that is needed.
        escaping = {value for value in made if self.last.get(value, -1) >= use.end} or {made[-1]}
        return Record(use, tuple(self._looped(self._items(use, escaping), escaping)), escaping)

    def _looped(self, items: list[Item], escaping: Collection[int]) -> list[Item]:
        return items if self.is_flat else fold_loops(items, escaping, self.fresh)

    def _items(self, use: Use, escaping: Iterable[int]) -> list[Item]:
        entries = list(self.entries.of(use))
        uses = Counter(value for entry in entries for value in entry.inputs)
        uses.update(escaping)
        return list(labelled(sequences(entries, use.base, uses), use.base))

    def _main(self) -> Body:
        found = self._items(self.root, [port.value.id for port in self.graph.results])
        inputs = [port.value.id for port in self.graph.arguments]
        return closed(inputs, self._looped(list(self._with_outputs(found)), ()), ())

    def _with_outputs(self, found: Sequence[Item]) -> Iterator[Item]:
        """The items, and each output as soon as it is there and those before it are."""
        known = {port.value.id for port in self.graph.arguments}
        rest = list(reversed(self.graph.results))
        for item in (None, *found):
            if item is not None:
                yield item
                known.update(item.results)
            while rest and rest[-1].value.id in known:
                port = rest.pop()
                yield Item(Output(label(port.name), port.is_exit), (port.value.id,), ())


def _batches(root: Use) -> list[list[Use]]:
    """The uses in batches, each after those that its uses make."""
    heights: dict[Use, int] = {}
    for use in reversed(list(root.walk())):
        heights[use] = 1 + max((heights[inner] for inner in use.uses()), default=0)
    kept = [use for use in root.walk() if use is not root and not use.is_dissolved]
    batches: list[list[Use]] = [[] for _ in range(heights[root])]
    for use in kept:
        batches[heights[use] - 1].append(use)
    return batches


def _variants(nodes: Sequence[Node], root: Use) -> Mapping[str, int]:
    """In how many ways the uses of each name differ, by their operators."""
    kinds: dict[str, set[tuple[str, ...]]] = {}
    for use in root.walk():
        kinds.setdefault(use.scope.name, set()).add(tuple([node.op.name for node in nodes[use.first : use.end]]))
    return {name: len(ways) for name, ways in kinds.items()}


def _wrapped(graph: Graph, root: Use) -> Use:
    """The root, its parts in a block of their own when the names of inputs hide what they need."""
    symbols = {name for port in graph.arguments for name in port.value.type.symbols}
    if not {"_", *RESERVED} & graph.inputs.keys() and symbols.isdisjoint(graph.inputs):
        return root
    outer = Use(root.scope, None, root.first, root.end)
    root.scope, root.parent = Scope("block", "Network", "", root.scope), outer
    outer.parts.append(root)
    return outer
