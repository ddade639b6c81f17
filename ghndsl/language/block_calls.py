"""A block and its arguments go in; its body is run in a frame of its own, and what it returns comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ghndsl.diagnostics import Span, did_you_mean
from ghndsl.ir import Scope
from ghndsl.language import tree
from ghndsl.language.context import Frame, PoisonedError
from ghndsl.language.parameters import Parameters
from ghndsl.language.run import Marks
from ghndsl.language.values import POISON, At, BlockName, Pending, Result, text

_STEPS = 15
"""Steps that entering a block counts for: about as many as take that long."""


@dataclass(frozen=True)
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
            raise self.exhausted("G125", message, span)
        self.steps += _STEPS
        arguments = self._arguments(block, pending, tensors, span, marks)
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
                message = f"`{definition.name}` has no parameter `{name}`"
                raise self.refuse("G120", message, places.get(f"{name}=", span), help=did_you_mean(name, names))
            given[name] = _Given(value, places.get(name))
        open_tensors = [name for name in block.tensor_names if name not in given]
        if len(tensors) != len(open_tensors):
            wanted = len(open_tensors)
            message = f"`{definition.name}` takes {wanted} tensor{'s' * (wanted != 1)}, {len(tensors)} are given"
            raise self.refuse("G120", message, span, marks)
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
            argument = given[name] if name in given else _Given(self._default(parameter, frame))
            self.charge(argument.value)
            near = marks if parameter.is_tensor else ()
            # A tensor that only has the wrong shape is shown as a mark beside the call that refuses it.
            place = span if parameter.is_tensor and argument.value else argument.span or span
            frame.names[name] = self.fitted(parameter, argument.value, frame, place, near)
            if not parameter.is_tensor:
                shown.append((name, text(frame.names[name])))
        object.__setattr__(frame.scope, "arguments", tuple(shown))

    def _default(self, parameter: tree.Parameter, frame: Frame) -> Result:
        assert parameter.default is not None
        outer, self.frame = self.frame, frame
        try:
            return self.value(parameter.default)
        finally:
            self.frame = outer
