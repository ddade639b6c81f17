"""A module goes in; the warnings that its text alone gives come out, and the places of the names that nothing reads."""

from __future__ import annotations

from collections.abc import Iterable

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.language.lint.shadowing import shadowing, shadowing_imports
from ghndsl.language.lint.unused import unused, unused_imports
from ghndsl.language.modules import Module


def static_warnings(module: Module, faults: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What a text's author likely did not mean: names that nothing reads, and names that hide others.

    In a definition that has one of the faults, names may look unused for that alone: nothing is said of them there, nor
    of the names of a `use`, which the faulty part may have meant.
    """
    spans = [fault.span for fault in faults if fault.span]
    found: list[Diagnostic] = [] if spans else unused_imports(module)
    found += shadowing_imports(module)
    for definition in module.definitions.values():
        unread = unused(definition)
        is_faulty = any(_inside(span, definition.span) for span in spans)
        # A name that nothing reads hides nothing from anyone.
        hiding = [warning for warning in shadowing(module, definition) if warning.span not in unread.places]
        found += (*(() if is_faulty else unread.warnings), *hiding)
    return sorted(found, key=lambda warning: warning.span.start if warning.span else 0)


def unread_places(module: Module) -> frozenset[Span]:
    """The places of the names that nothing reads in a text and in all that it uses."""
    seen, waiting, places = set[Module](), [module], set[Span]()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += [other for _, other in one.imported.values()]
            places.update(*(unused(definition).places for definition in one.definitions.values()))
    return frozenset(places)


def _inside(span: Span, outer: Span) -> bool:
    return span.source is outer.source and outer.start <= span.start and span.end <= outer.end
