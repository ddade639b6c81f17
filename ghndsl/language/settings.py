"""The parameters of an architecture or a space and its settings go in; their values, and what is wrong, come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ghndsl.diagnostics import Diagnostic, did_you_mean
from ghndsl.language import tree
from ghndsl.language.context import PoisonedError, RefusalError
from ghndsl.language.statements import Statements
from ghndsl.language.values import POISON, Result, is_stage, short, static, text


def bind_settings(run: Statements, definition: tree.Definition, settings: Mapping[str, Result]) -> list[Diagnostic]:
    """Gives the parameters their values: the settings', else the defaults. Those that are refused become poison."""
    faults = list(_unknown(definition, settings))
    names = run.frame.names
    for parameter in definition.parameters:
        try:
            names[parameter.name] = _value(run, definition, parameter, settings)
        except RefusalError as refused:
            faults.append(refused.diagnostic)
            names[parameter.name] = POISON
        except PoisonedError:
            names[parameter.name] = POISON
    known = [(one.name, names[one.name]) for one in definition.parameters]
    shown = [(name, text(value)) for name, value in known if not is_stage(value) and static(value)]
    run.frame.scope = replace(run.frame.scope, arguments=tuple(shown))
    return faults


def _unknown(definition: tree.Definition, settings: Mapping[str, Result]) -> Iterator[Diagnostic]:
    """The settings that no parameter takes."""
    names = [parameter.name for parameter in definition.parameters]
    for name in settings:
        if name not in names:
            hint = did_you_mean(name, names) or _listed(names)
            message = f"`{definition.name}` has no parameter `{name}`"
            yield Diagnostic("G120", message, definition.name_span, help=hint)


_MOST_LISTED = 12


def _listed(names: list[str]) -> str:
    shown = ", ".join([f"`{name}`" for name in names[:_MOST_LISTED]])
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return f"there {'is' if len(names) == 1 else 'are'} {shown}{more}" if names else "it has none"


def _value(
    run: Statements, definition: tree.Definition, parameter: tree.Parameter, settings: Mapping[str, Result]
) -> Result:
    """The value of a parameter; raises `RefusalError`."""
    name = parameter.name
    if parameter.is_tensor:
        run.check_types(replace(definition, parameters=(parameter,)))
        kind = f"{'an' if definition.kind == 'arch' else 'a'} `{definition.kind}`"
        message = f"a parameter of {kind} needs a static type such as `int`; tensors come by `input`"
        raise run.refuse("G120", message, parameter.span)
    if name in settings:
        return _given(run, parameter, settings[name])
    if parameter.default is None:
        run.check_types(replace(definition, parameters=(parameter,)))
        hint = f"give it a default here, or a value with `--set {name}=...`"
        raise run.refuse("G120", f"`{definition.name}` needs `{name}`", parameter.span, help=hint)
    return run.fitted(parameter, run.value(parameter.default), run.frame, parameter.default.span, ())


def _given(run: Statements, parameter: tree.Parameter, value: Result) -> Result:
    """A setting as its parameter takes it."""
    try:
        return run.fitted(parameter, value, run.frame, parameter.span, ())
    except RefusalError as refused:
        note = f"it is given as a setting: `--set {parameter.name}={short(value)}`"
        fault = refused.diagnostic
        raise RefusalError(replace(fault, notes=(*fault.notes, note))) from None
