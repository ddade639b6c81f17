"""A block and its arguments go in; its body is run in a frame of its own, and what it returns comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ghndsl.diagnostics import Span, did_you_mean
from ghndsl.ir import Scope
from ghndsl.language import tree
from ghndsl.language.context import Frame, PoisonedError
from ghndsl.language.parameters import Parameters
from ghndsl.language.run import Marks
from ghndsl.language.stages import is_weightless
from ghndsl.language.values import POISON, At, BlockName, Pending, Result, text
from ghndsl.records import record

_STEPS = 15
"""Steps that entering a block counts for: about as many as take that long."""


@record
class _Given:
    """An argument, and its place where that is known."""

    value: Result
    span: Span | None = None


class BlockCalls(Parameters):
    """Calls blocks and motifs."""

    def apply_block(
        self, block: BlockName, pending: Pending, tensors: tuple[Result, ...], at: At | None, span: Span, marks: Marks
    ) -> Result:
        """What a block returns for its tensors; its weights go under `at`, or take the next number."""
        definition = block.definition
        if self.depth >= self.limits.depth:
            message = f"blocks call each other more than {self.limits.depth} deep"
            hint = "a block that calls itself needs a way out: `... if n > 0 else x`"
            raise self.exhausted("G125", message, span, hint)
        self.steps += _STEPS
        arguments = self._arguments(block, pending, tensors, span, marks)
        numbered, nodes = self.frame.numbered, self.nodes_made()
        place = at or self.frame.next_block(definition.name)
        choices = definition.name if definition.kind == "motif" else place.choices
        use = self.uses.get(definition.name, 0)
        self.uses[definition.name] = use + 1
        outer = self.frame
        scope = Scope(definition.kind, definition.name, place.path, outer.scope, (), outer.loops, use, span)
        frame = Frame(block.module, scope, At(place.path, choices))
        self._bind_parameters(definition, arguments, frame, span, marks)
        self.frame = frame
        self.depth += 1
        try:
            result = self.run_block(block, frame, span)
        finally:
            self.frame = outer
            self.depth -= 1
        if result is POISON:
            raise PoisonedError
        if self.nodes_made() == nodes and is_weightless(result):
            # A function of settled values is no part of the network, so it takes no number among its parts.
            outer.numbered = numbered
        return result

    def _arguments(
        self, block: BlockName, pending: Pending, tensors: tuple[Result, ...], span: Span, marks: Marks
    ) -> dict[str, _Given]:
        """The arguments of a call by the names of the parameters."""
        definition = block.definition
        places = dict(pending.places)
        names = [parameter.name for parameter in definition.parameters]
        given: dict[str, _Given] = {}
        for name, value in pending.named:
            if name not in names:
                message, hint = no_parameter(definition, name)
                raise self.refuse("G120", message, places.get(f"{name}=", span), help=hint)
            given[name] = _Given(value, places.get(name))
        open_tensors = [name for name in block.tensor_names if name not in given]
        if len(tensors) != len(open_tensors):
            self.check_types(definition)
            wanted, count = len(open_tensors), len(tensors)
            message = f"`{definition.name}` takes {tensors_in_words(wanted)}, {count} {are(count)} given"
            raise self.refuse("G120", message, span, marks, _untyped(definition, pending))
        for name, value in zip(open_tensors, tensors, strict=True):
            given[name] = _Given(value, next((place for place, known in marks if known is value), None))
        for index, name in enumerate(self._positions(definition, pending, places, span)):
            if name in given:
                raise self.refuse("G120", f"`{name}` is given twice", places.get(index, span))
            given[name] = _Given(pending.positional[index], places.get(index))
        return given

    def _positions(
        self, definition: tree.Definition, pending: Pending, places: Mapping[int | str, Span], span: Span
    ) -> list[str]:
        """The names of the parameters that the arguments given by position are for."""
        count = len(pending.positional)
        names = [parameter.name for parameter in definition.parameters if not parameter.is_tensor]
        if count > len(names):
            message = f"`{definition.name}` takes {len(names)} argument{'s' * (len(names) != 1)} beside its tensors"
            raise self.refuse("G120", f"{message}, {count} are given", places.get(len(names), span))
        return names[:count]

    def _bind_parameters(
        self, definition: tree.Definition, given: Mapping[str, _Given], frame: Frame, span: Span, marks: Marks
    ) -> None:
        shown: list[tuple[str, str]] = []
        for parameter in definition.parameters:
            name = parameter.name
            if name not in given and parameter.default is None:
                raise self.refuse("G120", f"`{definition.name}` needs `{name}`", span)
            argument = given[name] if name in given else self._default(parameter, frame)
            self.charge(argument.value)
            near = marks if parameter.is_tensor else ()
            # A tensor that only has the wrong shape is shown as a mark beside the call that refuses it.
            is_default = name not in given
            place = span if parameter.is_tensor and argument.value and not is_default else argument.span or span
            frame.names[name] = self.fitted(parameter, argument.value, frame, place, near)
            if not parameter.is_tensor:
                shown.append((name, text(frame.names[name])))
        frame.scope = replace(frame.scope, arguments=tuple(shown))

    def _default(self, parameter: tree.Parameter, frame: Frame) -> _Given:
        assert parameter.default is not None
        outer, self.frame = self.frame, frame
        try:
            return _Given(self.value(parameter.default), parameter.default.span)
        finally:
            self.frame = outer


def tensors_in_words(count: int, more: int = 0) -> str:
    """A count of tensors, and how many more there may be.

    >>> tensors_in_words(1), tensors_in_words(0), tensors_in_words(1, 2), tensors_in_words(3, 1)
    ('1 tensor', 'no tensors', '1 to 3 tensors', '3 or 4 tensors')
    """
    if more:
        return f"{count} {'or' if more == 1 else 'to'} {count + more} tensors"
    return f"{count or 'no'} tensor{'s' * (count != 1)}"


def are(count: int) -> str:
    """The verb that goes with a count."""
    return "is" if count == 1 else "are"


def _untyped(definition: tree.Definition, pending: Pending) -> str | None:
    """A help line for parameters that take tensors because their author left out the type."""
    more = len(pending.positional) > sum(not parameter.is_tensor for parameter in definition.parameters)
    untyped = [one for one in definition.parameters if one.type is None and (one.default is not None or more)]
    return f"without a type, `{untyped[-1].name}` takes a tensor: write `{untyped[-1].name}: int`" if untyped else None


def no_parameter(definition: tree.Definition, name: str) -> tuple[str, str | None]:
    """The message and the help line for an argument that no parameter takes."""
    names = [parameter.name for parameter in definition.parameters]
    return f"`{definition.name}` has no parameter `{name}`", did_you_mean(name, names)
