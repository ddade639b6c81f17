"""A stage and its tensors go in; the operator's node is made, or the block's body run, and the results come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias, cast

from ghndsl import ops
from ghndsl.diagnostics import Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.block_calls import BlockCalls, are, tensors_in_words
from ghndsl.language.bounds import is_flat
from ghndsl.language.context import RefusalError
from ghndsl.language.run import Marks, OutOfBoundsError
from ghndsl.language.stages import is_complete, lacking, leading_tensors, spare, with_tensors
from ghndsl.language.suggestions import gathered, strided_shortcut, written_input
from ghndsl.language.unknown import option_hint
from ghndsl.language.values import (
    At,
    BlockName,
    Named,
    OperatorName,
    Pending,
    Result,
    Shared,
    Stage,
    describe,
    is_tensor,
    items_of,
    static,
)
from ghndsl.types import SymbolicSize

__all__ = ["Calls", "Marks", "OutOfBoundsError"]


_SHORT = 30
"""Arguments below this length are repeated in a help line."""
_WHOLE = "a whole number has no point"
_PART = "learn as many as there may be, and take a part: `(parameter(1, 512, 64) as pos)[:, :T]`"
_STEPS = 5
"""Steps that making a node counts for: about as many as take that long."""


class Calls(BlockCalls):
    """Applies stages to tensors in the frame at hand."""

    def supply(
        self, callee: Stage, given: Sequence[Result], named: Mapping[str, Result], node: tree.Call, at: At | None
    ) -> Result:
        """A call of a stage: applied when its tensors are complete, else a stage that lacks the first ones."""
        if not isinstance(callee, OperatorName | BlockName):
            return self._supply_stage(callee, given, named, node, at)
        positions = [a.value.span for a in node.arguments if a.name is None]
        tensors, rest = leading_tensors(callee, given)
        first = len(given) - len(rest)
        for span, value in zip(positions[first:], rest, strict=True):
            if is_tensor(value) and value != ():
                self._check_late(callee, given, len(tensors), span, value)
            elif isinstance(callee, OperatorName) and callee.tensors is None:
                self._check_listed(callee, tensors, span, value)
        places: list[tuple[int | str, Span]] = list(enumerate(positions[first:]))
        for argument in node.arguments:
            if argument.name is not None:
                places += [(argument.name, argument.value.span), (f"{argument.name}=", argument.name_span)]
        pending = Pending(callee, tuple(tensors), tuple(rest), tuple(named.items()), node.span, tuple(places))
        if is_complete(pending, given):
            return self.apply(pending, (), at, node.span, list(zip(positions, given, strict=True)))
        return pending if is_flat((*given, *named.values())) else self.sane(pending, node.span)

    def _check_late(
        self, callee: OperatorName | BlockName, given: Sequence[Result], first: int, span: Span, value: Result
    ) -> None:
        """Refuses a tensor that stands behind other arguments, or is one too many."""
        count = sum(is_tensor(item) and item != () for item in given)
        most = count if callee.tensors is None else callee.tensors + callee.optional
        if isinstance(callee, OperatorName) and count > most:
            wanted = tensors_in_words(callee.tensors or 0, callee.optional)
            raise self.refuse(
                "G120", f"`{callee.name}` takes {wanted}, {count} {are(count)} given", span, [(span, value)]
            )
        if isinstance(callee, OperatorName) or first < most:
            hint = f"write `{callee.name}({span.text}, ...)`" if len(span.text) < _SHORT else None
            raise self.refuse("G120", f"`{callee.name}` takes its tensors first", span, [(span, value)], hint)

    def _check_listed(self, callee: OperatorName, tensors: Sequence[Result], span: Span, value: Result) -> None:
        """Refuses what stands in the place of the tensors of an operator that takes any number."""
        if value == () and not tensors:
            raise self.refuse("G120", f"`{callee.name}` takes at least one tensor, and this list is empty", span)
        if not ops.attributes(callee.cls):
            raise self.refuse("G120", f"`{callee.name}` takes tensors, not {describe(value)}", span)

    def _supply_stage(
        self, callee: Stage, given: Sequence[Result], named: Mapping[str, Result], node: tree.Call, at: At | None
    ) -> Result:
        wanted = lacking(callee)
        if named or not all(map(is_tensor, given)) or len(given) > wanted + spare(callee):
            message = f"this stage lacks {tensors_in_words(wanted, spare(callee))} and takes nothing else"
            raise self.refuse("G120", message, node.span)
        if len(given) < wanted:
            return with_tensors(callee, tuple(given))
        marks = [(a.value.span, value) for a, value in zip(node.arguments, given, strict=True)]
        return self.apply(callee, tuple(given), at, node.span, marks)

    def apply(self, stage: Stage, sources: tuple[Result, ...], at: At | None, span: Span, marks: Marks) -> Result:
        """The results of a stage for its tensors; its weights go under `at`, or take the next number."""
        self.step(span)
        if isinstance(stage, OperatorName | BlockName):
            return self.apply_pending(Pending(stage), sources, at, span, marks)
        if isinstance(stage, Pending):
            return self.apply_pending(stage, sources, at, span, marks)
        if isinstance(stage, Named):
            return self.apply(stage.stage, sources, (at or self.place()).under(stage.label), span, marks)
        if isinstance(stage, Shared):
            return self._apply_shared(stage, sources, span, marks)
        result: Result = None
        for position, inner in enumerate(stage.stages):
            place = at and (at.under(inner.label) if isinstance(inner, Named) else at.under(str(position)))
            inner = inner.stage if isinstance(inner, Named) and at else inner  # noqa: PLW2901
            result = self.apply(inner, sources if position == 0 else (result,), place, span, marks)
        return result

    def _apply_shared(self, stage: Shared, sources: tuple[Result, ...], span: Span, marks: Marks) -> Result:
        self.enter_shared(stage)
        try:
            return self.apply(stage.stage, sources, stage.at, span, marks)
        finally:
            self.leave_shared()

    def apply_pending(
        self, pending: Pending, sources: tuple[Result, ...], at: At | None, span: Span, marks: Marks
    ) -> Result:
        """The results of a call for the tensors that it lacks."""
        tensors = (*sources, *pending.tensors)
        if isinstance(pending.callee, BlockName):
            return self.apply_block(pending.callee, pending, tensors, at, span, marks)
        values = self._operands(pending.callee, tensors, span, marks)
        op = self.bound(pending.callee, pending, span, marks)
        path = at.path if at else self.frame.next_operator()
        try:
            return self.emit(op, values, path, span, marks)
        except RefusalError as refused:
            fault = refused.diagnostic
            hint = fault.help or (written_input(pending, values) if fault.code in ("G201", "G204") else None)
            raise RefusalError(replace(fault, help=hint)) from None

    def _operands(
        self, callee: OperatorName, tensors: tuple[Result, ...], span: Span, marks: Marks
    ) -> tuple[Value, ...]:
        wanted = callee.tensors
        if wanted is None and len(tensors) == 1 and isinstance(tensors[0], tuple):
            tensors = items_of(tensors[0])
        for tensor in tensors:
            if not isinstance(tensor, Value):
                message = f"`{callee.name}` takes {'tensors' if wanted is None else 'a tensor'}, not {describe(tensor)}"
                place = next((place for place, value in marks if value is tensor), span)
                raise self.refuse("G120", message, place)
        if wanted is None and not tensors:
            raise self.refuse("G120", f"`{callee.name}` takes at least one tensor", span)
        if wanted is not None and not wanted <= len(tensors) <= wanted + callee.optional:
            count = len(tensors)
            message = f"`{callee.name}` takes {tensors_in_words(wanted, callee.optional)}, {count} {are(count)} given"
            raise self.refuse("G120", message, span, marks)
        return cast("tuple[Value, ...]", tensors)

    def bound(self, callee: OperatorName, pending: Pending, span: Span, marks: Marks) -> ops.Operator:
        """The operator with its attributes."""
        given: list[tuple[int | str, Result]] = [*enumerate(pending.positional), *pending.named]
        for key, value in given:
            if not static(value):
                message = f"an attribute of `{callee.name}` cannot be {describe(value)}"
                hint = option_hint(value.name) if isinstance(value, OperatorName) else None
                raise self.refuse("G120", message, dict(pending.places).get(key, span), (), hint)
        try:
            return _bind(callee.name, pending.positional, pending.named, _kind(tuple([value for _, value in given])))
        except ops.SignatureError as error:
            place = self._place_of(error, callee, pending) or pending.span or span
            fraction = _fraction(error, callee, pending)
            if fraction is not None:
                place = dict(pending.places).get(fraction, place)
                raise self.refuse("G120", str(error), place, (), error.help or _WHOLE) from None
            size = dict(given).get(error.argument) if error.argument is not None else None
            later = dict(pending.places).get(error.by_place) if error.by_place is not None else None
            if later and later.start > place.start:
                message = "an argument by position stands behind those by name"
                hint = f"by its position it is `{error.argument}`: name it"
                raise self.refuse("G120", message, later, (), hint) from None
            unknown = size if isinstance(size, SymbolicSize) else _first_symbolic(value for _, value in given)
            if unknown is not None and "whole number" in str(error):
                message = f"{str(error).partition(', not ')[0]}, and the size {unknown} is not known here"
                hint = _PART if callee.name == "parameter" else None
                raise self.refuse("G124", message, place, (), hint) from None
            raise self.refuse("G120", str(error), place, (), gathered(pending) or error.help) from None
        except ops.ShapeError as error:
            culprit = _named_attribute(str(error), callee, pending)
            place = culprit or pending.span or span
            hint = gathered(pending) or error.help
            raise self.refuse("G201", str(error), place, () if culprit else marks, hint) from None

    def _place_of(self, error: ops.SignatureError, callee: OperatorName, pending: Pending) -> Span | None:
        """The argument that a signature refuses; of one that no attribute takes, its name alone."""
        if error.argument is None:
            return None
        unknown = isinstance(error.argument, str) and all(
            attribute.name != error.argument for attribute in ops.attributes(callee.cls)
        )
        return dict(pending.places).get(f"{error.argument}=" if unknown else error.argument)

    def emit(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span, marks: Marks) -> Result:
        """Makes the node of an operator."""
        self.steps += _STEPS
        try:
            results = self.add_node(op, tensors, path, span)
        except ops.ShapeError as error:
            code = "G204" if len(tensors) > 1 else "G201"
            hint = error.help or (strided_shortcut(marks) if isinstance(op, ops.Add) else None)
            raise self.refuse(code, str(error), span, marks, hint) from None
        return results[0] if len(results) == 1 else results


def _fraction(error: ops.SignatureError, callee: OperatorName, pending: Pending) -> int | None:
    """The position of the first fraction in a list written without brackets, which is refused as a whole."""
    place = error.argument
    order = [attribute.name for attribute in ops.attributes(callee.cls) if attribute.positional]
    if callee.cls.rest is None or not isinstance(place, int) or order.index(callee.cls.rest) != place:
        return None
    rest = enumerate(pending.positional[place:], place)
    return next((position for position, value in rest if isinstance(value, float)), None)


def _named_attribute(message: str, callee: OperatorName, pending: Pending) -> Span | None:
    """The place of the attribute that a message begins with."""
    word = re.match(r"`(\w+)`", message)
    attributes = {attribute.name: attribute for attribute in ops.attributes(callee.cls)}
    if not word or word[1] not in attributes:
        return None
    places = dict(pending.places)
    order = [attribute.name for attribute in attributes.values() if attribute.positional]
    return places.get(word[1]) or (places.get(order.index(word[1])) if word[1] in order else None)


_Kind: TypeAlias = "type | tuple[_Kind, ...]"


def _kind(value: Result) -> _Kind:
    """The kind of an argument, item by item: 1, 1.0 and true are equal and would share a place in the memory of calls.

    >>> _kind((1, (True, 2.0))) == (int, (bool, float))
    True
    """
    return tuple(map(_kind, value)) if isinstance(value, tuple) else type(value)


@lru_cache(maxsize=4096)
def _bind(
    name: str,
    positional: tuple[Result, ...],
    named: tuple[tuple[str, Result], ...],
    kinds: _Kind,
) -> ops.Operator:
    return ops.bind(
        ops.TABLE[name], cast("tuple[ops.Static, ...]", positional), cast("dict[str, ops.Static]", dict(named))
    )


def _first_symbolic(values: Iterable[Result]) -> SymbolicSize | None:
    """The first size that is not known, in lists too."""
    for value in values:
        found = _first_symbolic(value) if isinstance(value, tuple) else value
        if isinstance(found, SymbolicSize):
            return found
    return None
