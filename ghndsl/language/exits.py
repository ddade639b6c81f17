"""The ports and nodes of a graph go in; what is wrong with its exits, as answers on the way, comes out."""

from __future__ import annotations

from collections.abc import Iterator

from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.ir import GraphBuilder
from ghndsl.language import tree


def exit_faults(made: GraphBuilder) -> Iterator[Diagnostic]:
    """The faults of exits in the order written, one for each place: no input leads there, or no output comes after."""
    last = max((place for place, port in enumerate(made.results) if not port.is_exit), default=-1)
    exits = [(place, port) for place, port in enumerate(made.results) if port.is_exit]
    led = _led(made) if exits else frozenset[int]()
    told = set[Span | None]()
    for place, port in exits:
        is_led = port.value.id in led
        if (is_led and place < last) or port.span in told:
            continue
        told.add(port.span)
        yield late_exit(port.name, port.span) if is_led else idle_exit(port.name, port.span)


def idle_exit(name: str, span: Span | None) -> Diagnostic:
    """The fault of an exit that no input leads to."""
    hint = "an exit is an answer for what the network is given: compute it from an `input`"
    return Diagnostic("G135", f"no input leads to the exit `{name}`", span, help=hint)


def late_exit(name: str, span: Span | None) -> Diagnostic:
    """The fault of an exit behind the last output."""
    hint = "an exit is an answer on the way: write it before the last `output`, or make it an `output`"
    return Diagnostic("G135", f"the exit `{name}` stands after the last output", span, help=hint)


def may_output(node: tree.Statement) -> bool:
    """Whether a statement may give an output, so that exits before it would be none too late."""
    return any(isinstance(part, tree.Output) and not part.is_exit for part in tree.walk(node))


def _led(made: GraphBuilder) -> frozenset[int]:
    """The values that some input leads to."""
    led = {port.value.id for port in made.arguments}
    for node in made.nodes:
        if any(value.id in led for value in node.inputs):
            led.update([value.id for value in node.results])
    return frozenset(led)
