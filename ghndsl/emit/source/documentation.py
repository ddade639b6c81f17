"""A use of a block goes in; what its text says of the block, in lines that begin with `##`, comes out."""

from __future__ import annotations

from ghndsl.diagnostics import CompileError, Source
from ghndsl.emit.source.modules import Holder, Unit, first_node, is_under
from ghndsl.ir import Graph, Node, Scope
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
        label, around = module.path.rpartition(".")[2], self._around(module)
        place = f"block `{around.name}`" if around else f"network `{self.graph.name}`"
        kind = "part" if isinstance(module, Unit) else "layers"
        return f"The {kind} `{label}` of the {place}, as at `{module.path}`."

    def _around(self, module: Unit | Holder) -> Scope | None:
        """The innermost block that a module lies in."""
        scopes = first_node(self.graph, module).scope.chain()
        is_around = (one for one in scopes if one.path != module.path and is_under(module.path, one.path))
        found = next(is_around, None)
        return found if found is not None and found.parent is not None else None

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
