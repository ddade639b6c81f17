"""A definition that nothing may run goes in; the names in it that are defined nowhere come out."""

from __future__ import annotations

from collections.abc import Iterator

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic
from ghndsl.language import tree
from ghndsl.language.builtins import FUNCTIONS
from ghndsl.language.lint.reads import expressions, given, own_names, pattern, reads, stated
from ghndsl.language.modules import Module
from ghndsl.language.tensor_syntax import MEASURES
from ghndsl.language.torch_calls import root
from ghndsl.language.unknown import unknown_name


def unknown_names(module: Module, definition: tree.Definition) -> list[Diagnostic]:
    """The names that mean nothing where they are read, whatever the arguments are.

    What is given a value above, on any way or in an earlier turn of a loop, counts as known.
    """
    found = _Names(module, definition)
    found.parameters()
    found.body(definition.body)
    return sorted(found.faults, key=lambda fault: fault.span.start if fault.span else 0)


_MOST_TOLD = 50


class _Names:
    def __init__(self, module: Module, definition: tree.Definition) -> None:
        self.module = module
        self.definition = definition
        self.all = own_names(definition)
        self.known = set[str]()
        self.faults: list[Diagnostic] = []

    def parameters(self) -> None:
        for parameter in self.definition.parameters:
            self._read(parameter.default, frozenset())
            names = pattern(parameter.type)
            self.known.update(name.id for name in names.sizes)
            self._read(names.read, frozenset())
            self.known.add(parameter.name)

    def body(self, body: tuple[tree.Statement, ...]) -> None:
        for node in body:
            is_where = isinstance(node, tree.Where) and self.definition.kind in ("arch", "space")
            self._read(expressions(node), frozenset(MEASURES if is_where else ()))
            names = stated(node)
            self.known.update(name.id for name in names.sizes)
            self._read(names.read, frozenset())
            self.known.update(name.id for name in given(node))
            if isinstance(node, tree.Output) and node.label.word and self.definition.kind in ("block", "motif"):
                # That it does not belong here is told already.
                self.known.add(node.label.word)
            if isinstance(node, tree.For):
                # A turn may read what an earlier one gave a value.
                self.known.update(name.id for inner in _inside(node) for name in inner)
                self.body(node.body)
            elif isinstance(node, tree.If):
                self.body(node.then)
                self.body(node.otherwise)

    def _read(self, node: object, also: frozenset[str]) -> None:
        functions = {id(call.callee) for call in tree.walk(node) if isinstance(call, tree.Call)}
        around = _around(node)
        for name in reads(node):
            is_function = id(name) in functions and name.id in FUNCTIONS and self.module.find(name.id) is None
            if not is_function and name.id not in also and not self._means(name.id):
                self.faults.append(self._fault(name, around.get(id(name))))

    def _fault(self, name: tree.Name, around: tree.Expression | None) -> Diagnostic:
        if len(self.faults) >= _MOST_TOLD:
            # What was likely meant is looked for among all names, which takes long, and nobody is shown so many.
            return Diagnostic("G110", f"nothing is named `{name.id}` here", name.span)
        message, hint = unknown_name(name.id, self.module, self.all, around)
        return Diagnostic("G110", message, name.span, help=hint)

    def _means(self, name: str) -> bool:
        """Whether a name means something here."""
        other = self.module.find(name)
        is_block = other is not None and other[0].kind in ("block", "motif")
        return name in self.known or is_block or name in ops.TABLE or name in self.module.missing


def _around(node: object) -> dict[int, tree.Expression]:
    """The whole call or member that each name begins, if it begins one, or the index that it is part of."""
    found: dict[int, tree.Expression] = {}
    for part in tree.walk(node):
        name = root(part) if isinstance(part, tree.Call | tree.Member) else None
        if name is not None and isinstance(part, tree.Call | tree.Member):
            found.setdefault(id(name), part)
        if isinstance(part, tree.Index):
            found.update((id(subscript), part) for subscript in part.subscripts if isinstance(subscript, tree.Name))
    return found


def _inside(node: tree.For) -> Iterator[tuple[tree.Name, ...]]:
    """The names that the statements of a loop give a value."""
    for part in tree.walk(node.body):
        if isinstance(part, tree.Assign | tree.For | tree.Choose | tree.Input):
            yield given(part) + stated(part).sizes
