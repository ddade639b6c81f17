"""The definitions of a text go in; their names that hide an operator, a block or a function come out."""

from __future__ import annotations

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic, Mark, Span
from ghndsl.language import tree
from ghndsl.language.builtins import FUNCTIONS
from ghndsl.language.lint.reads import own_names
from ghndsl.language.modules import Module


def shadowing(module: Module, definition: tree.Definition) -> list[Diagnostic]:
    """The names of a definition, its own among them if it is a block, that hide what they would mean otherwise."""
    found = [_hiding(name, span, module) for name, span in own_names(definition).items()]
    if definition.kind in ("block", "motif"):
        found.append(_hiding(definition.name, definition.name_span, None))
    return [warning for warning in found if warning]


def shadowing_imports(module: Module) -> list[Diagnostic]:
    """The names of a `use` that hide an operator or a function."""
    found = [_hiding(name.id, name.span, None) for use in module.uses for name in use.names]
    return [warning for warning in found if warning]


def _hiding(name: str, span: Span, module: Module | None) -> Diagnostic | None:
    hidden = _hidden(name, module)
    if hidden is None:
        return None
    what, marks = hidden
    return Diagnostic("G142", f"`{name}` hides {what} of that name", span, marks, help=_HELP, severity="warning")


_HELP = "give it another name"


def _hidden(name: str, module: Module | None) -> tuple[str, tuple[Mark, ...]] | None:
    """What a name means where nothing hides it, and where that is defined."""
    found = module.find(name) if module else None
    if found is not None and found[0].kind in ("block", "motif"):
        return f"the {found[0].kind}", (Mark(found[0].name_span, "defined here"),)
    if name in ops.TABLE:
        return "the operator", ()
    return ("the function", ()) if name in FUNCTIONS else None
