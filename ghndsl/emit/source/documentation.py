"""A use of a block goes in; what its text says of the block, in lines that begin with `##`, comes out."""

from __future__ import annotations

from ghndsl.diagnostics import CompileError, Source
from ghndsl.emit.source.modules import Holder, Unit
from ghndsl.ir import Graph, Node
from ghndsl.language.parse import parse


class Documentation:
    """Reads the texts that a graph was made of, each once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._known: dict[Source, dict[str, str]] = {}

    def of(self, module: Unit | Holder) -> str:
        """What is written above the block of a module; else what its label says."""
        if isinstance(module, Unit) and module.scope is not None:
            node = self._inside(module)
            found = self._read(node.span.source).get(module.scope.name, "") if node and node.span else ""
            return found or f"The block `{module.scope.name}`, as at `{module.path}`."
        return (
            f"What lies below `{module.path}`." if isinstance(module, Unit) else f"Holds what lies at `{module.path}`."
        )

    def _inside(self, module: Unit) -> Node | None:
        """A node that is written in the block itself."""
        nodes = (self.graph.nodes[number] for number in module.uses[0].nodes)
        return next((node for node in nodes if node.scope.name == (module.scope and module.scope.name)), None)

    def _read(self, source: Source) -> dict[str, str]:
        if source not in self._known:
            try:
                definitions = parse(source).definitions
            except CompileError:
                definitions = ()
            self._known[source] = {one.name: one.doc for one in definitions}
        return self._known[source]
