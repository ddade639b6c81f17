"""A graph goes in; the text of an `.arch` comes out that elaborates to an equal graph with the same weights' names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ghndsl import ops
from ghndsl.ir import Graph, Node, Port, Scope
from ghndsl.language.tree import KEYWORDS

WIDTH = 110
"""Columns after which a chain goes on in the next line."""


def format_graph(graph: Graph) -> str:
    """The text of a graph, flat: one statement for each chain of single uses, in the order of the nodes.

    >>> from ghndsl.ir import GraphBuilder
    >>> from ghndsl.types import TensorType, symbol
    >>> build = GraphBuilder("tiny")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> (y,) = build.add(ops.Linear(2), [x], "fc", Scope("arch", "tiny"))
    >>> build.output("logits", *build.add(ops.Relu(), [y], "0", Scope("arch", "tiny")))
    >>> print(format_graph(build.finish()), end="")
    arch tiny() {
        input x: f32[N, 4]
        output logits = x -> linear(2) as fc -> relu
    }
    """
    return _Writer(graph).text()


class _Writer:
    """Writes one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        uses = Counter(value.id for node in graph.nodes for value in node.inputs)
        uses.update(port.value.id for port in graph.results)
        self.uses = uses
        self.names: dict[int, str] = {}
        self.taken = {*KEYWORDS, *ops.TABLE, *_size_names(graph)}
        self.stages: dict[str, str] = {}
        self.lines: list[str] = []
        self.count = 0

    def text(self) -> str:
        lines = [f"arch {_identifier(self.graph.name)}() {{"]
        for port in self.graph.arguments:
            self.names[port.value.id] = self._take(_identifier(port.name))
            self.lines.append(f"input {self.names[port.value.id]}: {port.value.type}")
        shared = Counter(node.path for node in self.graph.nodes if node.weights)
        for node in self.graph.nodes:
            if shared[node.path] > 1 and node.weights and node.path not in self.stages:
                self.stages[node.path] = self._fresh("shared")
                self.lines.append(f"{self.stages[node.path]} = {ops.written(node.op)} as {node.path}")
        self._nodes()
        return "\n".join([*lines, *(f"    {line}" if line else "" for line in self.lines), "}"]) + "\n"

    def _nodes(self) -> None:
        outputs = {port.value.id: port for port in self.graph.results}
        written: set[str] = set()
        section = ""
        for chain in self._chains():
            title = _title(chain[0].scope)
            if title != section:
                self.lines += ["", f"# {title}"] if title else [""]
                section = title
            last = chain[-1].results
            text = self._chain(chain)
            port = outputs.get(last[0].id) if len(last) == 1 and self.uses[last[0].id] == 1 else None
            if port is not None and self._is_next(port, written):
                self.lines += _wrapped(f"{_port(port)} = ", text)
                written.add(port.name)
                continue
            names = [self._fresh("x") for _ in last]
            self.names |= {value.id: name for value, name in zip(last, names, strict=True)}
            self.lines += _wrapped(f"{', '.join(names)} = ", text)
            for other in self.graph.results:
                if other.name not in written and other.value.id in self.names and self._is_next(other, written):
                    self.lines.append(f"{_port(other)} = {self.names[other.value.id]}")
                    written.add(other.name)
        for other in self.graph.results:
            if other.name not in written:
                self.lines.append(f"{_port(other)} = {self.names[other.value.id]}")

    def _is_next(self, port: Port, written: set[str]) -> bool:
        """Outputs keep their order: one is written when all before it are."""
        before = self.graph.results[: self.graph.results.index(port)]
        return all(other.name in written for other in before)

    def _chains(self) -> Iterator[list[Node]]:
        """The nodes in order, neighbours joined where the second alone uses the only result of the first."""
        chain: list[Node] = []
        for node in self.graph.nodes:
            if chain and self._follows(chain[-1], node):
                chain.append(node)
                continue
            if chain:
                yield chain
            chain = [node]
        if chain:
            yield chain

    def _follows(self, before: Node, node: Node) -> bool:
        alone = len(before.results) == 1 and len(node.inputs) == 1 and node.inputs[0] is before.results[0]
        plain = not isinstance(node.op, ops.Slice)
        return alone and plain and self.uses[before.results[0].id] == 1 and before.scope.motif is node.scope.motif

    def _chain(self, chain: list[Node]) -> str:
        first = chain[0]
        links = [self._link(node) for node in chain]
        if isinstance(first.op, ops.Slice):
            return " -> ".join([self.names[first.inputs[0].id] + first.op.subscript, *links[1:]])
        if len(first.inputs) == 1:
            return " -> ".join([self.names[first.inputs[0].id], *links])
        return " -> ".join([self._call(first), *links[1:]])

    def _call(self, node: Node) -> str:
        arguments = ", ".join(self.names[value.id] for value in node.inputs)
        if node.weights and node.path in self.stages:
            return f"{self.stages[node.path]}({arguments})"
        name, _, attributes = ops.written(node.op).partition("(")
        call = f"{name}({arguments}{', ' if attributes else ''}{attributes or ')'}"
        return f"{call} as {node.path}" if node.weights else call

    def _link(self, node: Node) -> str:
        if not node.weights:
            return ops.written(node.op)
        return self.stages.get(node.path) or f"{ops.written(node.op)} as {node.path}"

    def _fresh(self, stem: str) -> str:
        self.count += 1
        return self._take(f"{stem}{self.count}")

    def _take(self, name: str) -> str:
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name


def _port(port: Port) -> str:
    return f"{'exit' if port.is_exit else 'output'} {port.name}"


def _size_names(graph: Graph) -> set[str]:
    return {name for kind in graph.inputs.values() for name in kind.symbols}


def _identifier(name: str) -> str:
    word = re.sub(r"\W", "_", name)
    return word if re.match(r"[^\W\d]", word) and word not in KEYWORDS else f"_{word}"


def _title(scope: Scope) -> str:
    """The outermost block that a node lies in, as a heading."""
    chain = [s for s in scope.chain() if s.parent is not None]
    return f"{chain[-1].name} {chain[-1].path}".strip() if chain else ""


def _wrapped(head: str, text: str) -> list[str]:
    """A statement in lines that are not too long, broken before `->`."""
    rows = [head]
    for index, link in enumerate(text.split(" -> ")):
        piece = link if index == 0 else f" -> {link}"
        if index and len(rows[-1]) + len(piece) > WIDTH:
            rows.append(f"      -> {link}")
        else:
            rows[-1] += piece
    return rows
