"""The definitions of a text go in; the parameters, values, inputs and used names that nothing reads come out."""

from __future__ import annotations

from collections.abc import Iterator

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.language import tree
from ghndsl.language.lint.live import Live, Liveness
from ghndsl.language.lint.reads import (
    Pattern,
    expressions,
    own_names,
    pattern,
    reads,
    stated,
)
from ghndsl.language.modules import Module
from ghndsl.language.recursion import deep_recursion
from ghndsl.records import record

_SILENCED = "if it must be there, begin its name with `_`"


@record
class Unused:
    """What is never read in one definition: the warnings, and the places of all such names, reported or not."""

    warnings: tuple[Diagnostic, ...]
    places: frozenset[Span]


def unused(definition: tree.Definition) -> Unused:
    """The parameters, values and inputs of a definition that nothing reads.

    Not reported are names that begin with `_`, sizes in stated types, which check them, what is there for these sizes,
    and a loop's only name, since a loop that just repeats must name its turns.
    """
    found = _Unused(definition)
    with deep_recursion():
        warnings = sorted(found.warnings(), key=lambda one: one.span.start if one.span else 0)
    return Unused(tuple(warnings), frozenset(found.places))


class _Unused:
    def __init__(self, definition: tree.Definition) -> None:
        self.definition = definition
        self.read = {name.id for node in tree.statements(definition.body) for name in reads(expressions(node))}
        self.values: list[tuple[tree.Statement, tree.Name]] = []
        self.places = set[Span]()

    def warnings(self) -> Iterator[Diagnostic]:
        live = Live()
        Liveness(lambda node, name: self.values.append((node, name))).before(self.definition.body, live)
        yield from self._parameters(live)
        for node, name in self.values:
            serves = self._serves_by_sizes(stated(node))
            if isinstance(node, tree.Input) or not serves:
                self.places.add(name.span)
            is_turn = isinstance(node, tree.For) and len(node.names) == 1
            if not serves and not is_turn and not name.id.startswith("_"):
                yield self._value(node, name)

    def _parameters(self, live: Live) -> Iterator[Diagnostic]:
        later = set[str]()
        for parameter in reversed(self.definition.parameters):
            name = parameter.name
            is_read = name in live or name in later or self._serves_by_sizes(pattern(parameter.type))
            later.update(one.id for one in (*pattern(parameter.type).names, *reads(parameter.default)))
            if not is_read:
                self.places.add(parameter.name_span)
            if not is_read and not name.startswith("_"):
                message = f"the parameter `{name}` of `{self.definition.name}` is never used"
                yield Diagnostic("G141", message, parameter.name_span, help=_SILENCED, severity="warning")

    def _serves_by_sizes(self, kind: Pattern) -> bool:
        """Whether a size that a type names is computed with."""
        return any(name.id in self.read for name in kind.sizes)

    def _value(self, node: tree.Statement, name: tree.Name) -> Diagnostic:
        if isinstance(node, tree.Input):
            return Diagnostic("G146", f"the input `{name.id}` is never used", name.span, severity="warning")
        if name.id in self.read:
            message = f"the value that `{name.id}` is given here is never used"
            hint = "it is given another one before it is read"
        else:
            message, hint = f"`{name.id}` is never used", _SILENCED
        return Diagnostic("G144", message, name.span, help=hint, severity="warning")


def unused_imports(module: Module) -> list[Diagnostic]:
    """The names of a `use` that no definition of the text reads."""
    read = set[str]()
    for definition in module.definitions.values():
        own = own_names(definition)
        read.update(name.id for name in reads((definition.parameters, definition.body)) if name.id not in own)
    unread = [name for use in module.uses for name in use.names if name.id not in read]
    return [Diagnostic("G145", f"`{name.id}` is never used", name.span, severity="warning") for name in unread]
