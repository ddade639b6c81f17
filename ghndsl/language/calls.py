"""A stage and its tensors go in; the operator's node is made, or the block's body run, and the results come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import cast

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.ir import Scope, Value
from ghndsl.language import tree
from ghndsl.language.bounds import ArithmeticFault, bounded, extent
from ghndsl.language.context import Frame, PoisonedError, RefusalError, refusal
from ghndsl.language.limits import Limits
from ghndsl.language.values import (
    At,
    BlockName,
    Composite,
    Named,
    OperatorName,
    Pending,
    Result,
    Shared,
    Stage,
    contains_poison,
    describe,
    is_stage,
    is_tensor,
    items_of,
    static,
    text,
)
from ghndsl.types import SymbolicSize, TensorType

Marks = Sequence[tuple[Span, Result]]


class Calls:
    """Applies stages to tensors in the frame at hand. What a node or a body becomes is for subclasses to say."""

    def __init__(self, limits: Limits, frame: Frame) -> None:
        self.limits = limits
        self.frame = frame
        self.steps = 0
        self.depth = 0
        self.keys = 0
        self.uses: dict[str, int] = {}

    # For subclasses

    def value(self, node: tree.Expression) -> Result:
        """What an expression stands for."""
        raise NotImplementedError

    def call(self, node: tree.Call, at: At | None) -> Result:
        """What a call stands for, its weights under `at` when it has a label."""
        raise NotImplementedError

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        """The results of an operator; raises `ShapeError`."""
        raise NotImplementedError

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        """What the body of a block returns, run in its frame."""
        raise NotImplementedError

    def enter_shared(self, stage: Shared) -> None:
        """Called before a labelled stage is used."""

    def leave_shared(self) -> None:
        """Called after a labelled stage was used."""

    # The state

    def refuse(
        self,
        code: str,
        message: str,
        span: Span | None,
        marks: Marks = (),
        help: str | None = None,  # noqa: A002
    ) -> RefusalError:
        """A refusal in the frame at hand."""
        return refusal(self.frame, code, message, span, marks, help)

    def step(self, span: Span) -> None:
        """Counts work, so that no text takes for ever."""
        self.steps += 1
        if self.steps > self.limits.steps:
            raise self.exhausted("G126", f"this takes more than {self.limits.steps:,} steps to elaborate", span)

    def charge(self, *values: Result) -> None:
        """Counts work that takes as long as lists are."""
        for value in values:
            if isinstance(value, tuple):
                self.steps += extent(value) // 8

    def sane(self, value: Result, span: Span) -> Result:
        """A new list or stage, when it is not too large."""
        self.charge(value)
        try:
            return bounded(value, self.limits.items)
        except ArithmeticFault as fault:
            raise self.refuse(fault.code, str(fault), span) from None

    def exhausted(self, code: str, message: str, span: Span) -> Exception:
        """A refusal after which nothing more is tried."""
        return OutOfBoundsError(self.refuse(code, message, span).diagnostic)

    def place(self) -> At:
        """Where a label counts from."""
        return At(self.frame.at.path, self.frame.at.choices)

    def new_key(self) -> int:
        """A number that no other labelled stage has."""
        self.keys += 1
        return self.keys

    # Calls

    def supply(
        self, callee: Stage, given: Sequence[Result], named: Mapping[str, Result], node: tree.Call, at: At | None
    ) -> Result:
        """A call of a stage: applied when its tensors are complete, else a stage that lacks the first ones."""
        positions = [a.value.span for a in node.arguments if a.name is None]
        if not isinstance(callee, OperatorName | BlockName):
            return self._supply_stage(callee, given, named, node, at)
        tensors, rest = _leading_tensors(callee, given)
        for index, value in enumerate(rest, start=len(given) - len(rest)):
            if isinstance(callee, OperatorName) and is_tensor(value) and value != ():
                wanted = callee.tensors or 0
                message = f"`{callee.name}` takes {wanted} tensor{'s' * (wanted != 1)}, {len(tensors) + 1} are given"
                raise self.refuse("G120", message, positions[index], [(positions[index], value)])
        places: list[tuple[int | str, Span]] = list(enumerate(positions[len(given) - len(rest) :]))
        places += [(a.name, a.value.span) for a in node.arguments if a.name is not None]
        pending = Pending(callee, tuple(tensors), tuple(rest), tuple(named.items()), node.span, tuple(places))
        if _complete(pending, given):
            return self.apply(pending, (), at, node.span, list(zip(positions, given, strict=True)))
        return self.sane(pending, node.span)

    def _supply_stage(
        self, callee: Stage, given: Sequence[Result], named: Mapping[str, Result], node: tree.Call, at: At | None
    ) -> Result:
        if named or not all(map(is_tensor, given)) or len(given) > _lacking(callee):
            wanted = _lacking(callee)
            message = f"this stage lacks {wanted} tensor{'s' * (wanted != 1)} and takes nothing else"
            raise self.refuse("G120", message, node.span)
        if len(given) < _lacking(callee):
            return _with_tensors(callee, tuple(given))
        marks = [(a.value.span, value) for a, value in zip(node.arguments, given, strict=True)]
        return self.apply(callee, tuple(given), at, node.span, marks)

    def apply(self, stage: Stage, sources: tuple[Result, ...], at: At | None, span: Span, marks: Marks) -> Result:
        """The results of a stage for its tensors; its weights go under `at`, or take the next number."""
        self.step(span)
        if isinstance(stage, OperatorName | BlockName):
            return self._apply_pending(Pending(stage), sources, at, span, marks)
        if isinstance(stage, Pending):
            return self._apply_pending(stage, sources, at, span, marks)
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

    def _apply_pending(
        self, pending: Pending, sources: tuple[Result, ...], at: At | None, span: Span, marks: Marks
    ) -> Result:
        if contains_poison((*sources, *pending.tensors, *pending.positional, *(v for _, v in pending.named))):
            raise PoisonedError
        tensors = (*sources, *pending.tensors)
        if isinstance(pending.callee, BlockName):
            return self._apply_block(pending.callee, pending, tensors, at, span, marks)
        values = self._operands(pending.callee, tensors, span, marks)
        op = self._bound(pending.callee, pending, span, marks)
        path = at.path if at else self.frame.next_operator()
        return self.emit(op, values, path, span, marks)

    def _operands(
        self, callee: OperatorName, tensors: tuple[Result, ...], span: Span, marks: Marks
    ) -> tuple[Value, ...]:
        wanted = callee.tensors
        if wanted is None and len(tensors) == 1 and isinstance(tensors[0], tuple):
            tensors = items_of(tensors[0])
        for tensor in tensors:
            if not isinstance(tensor, Value):
                message = f"`{callee.name}` takes {'tensors' if wanted is None else 'a tensor'}, not {describe(tensor)}"
                raise self.refuse("G120", message, span, marks)
        if wanted is None and not tensors:
            raise self.refuse("G120", f"`{callee.name}` takes at least one tensor", span)
        if wanted is not None and len(tensors) != wanted:
            message = f"`{callee.name}` takes {wanted} tensor{'s' * (wanted != 1)}, {len(tensors)} are given"
            raise self.refuse("G120", message, span, marks)
        return cast("tuple[Value, ...]", tensors)

    def _bound(self, callee: OperatorName, pending: Pending, span: Span, marks: Marks) -> ops.Operator:
        """The operator with its attributes."""
        places = dict(pending.places)
        named = dict(pending.named)
        given: list[tuple[int | str, Result]] = [*enumerate(pending.positional), *pending.named]
        for key, value in given:
            if not static(value):
                message = f"an attribute of `{callee.name}` cannot be {describe(value)}"
                raise self.refuse("G120", message, places.get(key, span))
        try:
            return _bind(callee.name, pending.positional, tuple(named.items()), _kinds(pending))
        except ops.SignatureError as error:
            known = error.argument is not None and error.argument in places
            place = places[error.argument] if known and error.argument is not None else pending.span or span
            raise self.refuse("G120", str(error), place, (), error.help) from None
        except ops.ShapeError as error:
            raise self.refuse("G201", str(error), pending.span or span, marks, error.help) from None

    def emit(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span, marks: Marks) -> Result:
        """Makes the node of an operator."""
        try:
            results = self.add_node(op, tensors, path, span)
        except ops.ShapeError as error:
            code = "G204" if len(tensors) > 1 else "G201"
            raise self.refuse(code, str(error), span, marks, error.help) from None
        return results[0] if len(results) == 1 else results

    # Blocks

    def _apply_block(
        self, block: BlockName, pending: Pending, tensors: tuple[Result, ...], at: At | None, span: Span, marks: Marks
    ) -> Result:
        definition = block.definition
        if self.depth >= self.limits.depth:
            message = f"blocks call each other more than {self.limits.depth} deep"
            raise self.exhausted("G125", message, span)
        arguments = self._arguments(block, pending, tensors, span)
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
            return self.run_block(block, frame, span)
        finally:
            self.frame = outer
            self.depth -= 1

    def _arguments(
        self, block: BlockName, pending: Pending, tensors: tuple[Result, ...], span: Span
    ) -> dict[str, Result]:
        """The arguments of a call by the names of the parameters."""
        definition = block.definition
        places = dict(pending.places)
        parameters = {parameter.name: parameter for parameter in definition.parameters}
        given: dict[str, Result] = {}
        for name, value in pending.named:
            if name not in parameters:
                raise self.refuse("G120", f"`{definition.name}` has no parameter `{name}`", places.get(name, span))
            given[name] = value
        open_tensors = [name for name in block.tensor_names if name not in given]
        if len(tensors) != len(open_tensors):
            wanted = len(open_tensors)
            message = f"`{definition.name}` takes {wanted} tensor{'s' * (wanted != 1)}, {len(tensors)} are given"
            raise self.refuse("G120", message, span)
        given |= dict(zip(open_tensors, tensors, strict=True))
        open_statics = [p.name for p in definition.parameters if not p.is_tensor]
        if len(pending.positional) > len(open_statics):
            count = len(open_statics)
            message = f"`{definition.name}` takes {count} argument{'s' * (count != 1)} beside its tensors"
            raise self.refuse("G120", f"{message}, {len(pending.positional)} are given", places.get(count, span))
        for index, (name, value) in enumerate(zip(open_statics, pending.positional, strict=False)):
            if name in given:
                raise self.refuse("G120", f"`{name}` is given twice", places.get(index, span))
            given[name] = value
        return given

    def _bind_parameters(
        self, definition: tree.Definition, given: Mapping[str, Result], frame: Frame, span: Span, marks: Marks
    ) -> None:
        shown: list[tuple[str, str]] = []
        for parameter in definition.parameters:
            if parameter.name in given:
                value = given[parameter.name]
            elif parameter.default is not None:
                value = self._default(parameter.default, frame)
            else:
                message = f"`{definition.name}` needs `{parameter.name}`"
                raise self.refuse("G120", message, span)
            self.charge(value)
            frame.names[parameter.name] = self.fitted(parameter, value, frame, span, marks)
            if not parameter.is_tensor:
                shown.append((parameter.name, text(frame.names[parameter.name])))
        object.__setattr__(frame.scope, "arguments", tuple(shown))

    def _default(self, node: tree.Expression, frame: Frame) -> Result:
        outer, self.frame = self.frame, frame
        try:
            return self.value(node)
        finally:
            self.frame = outer

    def fitted(self, parameter: tree.Parameter, value: Result, frame: Frame, span: Span, marks: Marks) -> Result:
        """An argument as its parameter takes it; refused when it is of another kind."""
        if parameter.is_tensor:
            if not is_tensor(value):
                message = f"`{parameter.name}` takes a tensor, not {describe(value)}"
                raise self.refuse("G120", message, span, marks)
            if isinstance(parameter.type, tree.ShapeType):
                self._match(parameter, parameter.type, value, frame, span, marks)
            return value
        word = parameter.type.word if isinstance(parameter.type, tree.WordType) else ""
        element = parameter.element_type
        if element is not None:
            fits = isinstance(value, tuple) and all(_fits(item, element) for item in value)
        else:
            fits = _fits(value, word)
        if value is None and isinstance(parameter.default, tree.Constant) and parameter.default.value is None:
            return None
        if not fits:
            kind = f"a list of {element}" if element else _KINDS.get(word, word)
            message = f"`{parameter.name}` must be {kind}, not {describe(value)}"
            raise self.refuse("G120", message, span, marks)
        return float(value) if word == "float" and isinstance(value, int) else value

    def _match(
        self, parameter: tree.Parameter, pattern: tree.ShapeType, value: Result, frame: Frame, span: Span, marks: Marks
    ) -> None:
        if not isinstance(value, Value):
            raise self.refuse("G203", f"`{parameter.name}` takes one tensor, not {describe(value)}", span, marks)
        outer, self.frame = self.frame, frame
        try:
            fault = self.match_shape(pattern, value.type)
        finally:
            self.frame = outer
        if fault:
            message = f"`{parameter.name}` of `{frame.scope.name}` is {pattern.span.text}, but {fault}"
            raise self.refuse("G203", message, span, marks)

    def match_shape(self, pattern: tree.ShapeType, kind: TensorType) -> str | None:
        """Binds the free names of a pattern to the sizes of a type; what does not fit, or None."""
        if pattern.dtype is not None and pattern.dtype != str(kind.dtype):
            return f"the tensor is {kind}"
        if len(pattern.sizes) != kind.rank:
            return f"the tensor {kind} has {kind.rank} dimensions"
        for wanted, size in zip(pattern.sizes, kind.shape, strict=True):
            if isinstance(wanted, tree.Name) and wanted.id not in self.frame.names:
                self.frame.names[wanted.id] = size
            elif self.value(wanted) != size:
                shown = self.value(wanted)
                named = (
                    f"`{wanted.span.text}` is {text(shown)}"
                    if wanted.span.text != text(shown)
                    else f"{text(shown)} stands"
                )
                return f"{named} where the tensor {kind} has {size}"
        return None


class OutOfBoundsError(Exception):
    """A limit was reached; elaboration stops."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a string",
    "size": "a number or a list of numbers",
    "op": "an operator, block or stage",
    "dag": "a chosen graph",
}


def _fits(value: Result, word: str) -> bool:
    whole = isinstance(value, int | SymbolicSize) and not isinstance(value, bool)
    if word == "int":
        return whole
    if word == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if word == "size":
        return whole or (isinstance(value, tuple) and all(_fits(item, "int") for item in value))
    if word == "op":
        return is_stage(value)
    return isinstance(value, bool) if word == "bool" else word == "str" and isinstance(value, str)


def _leading_tensors(callee: OperatorName | BlockName, given: Sequence[Result]) -> tuple[list[Result], list[Result]]:
    """The tensors that a call begins with, and the arguments after them."""
    wanted = callee.tensors
    if wanted is None and given and isinstance(given[0], tuple) and is_tensor(given[0]) and given[0]:
        return [given[0]], list(given[1:])
    count = 0
    limit = len(given) if wanted is None else min(wanted, len(given))
    while count < limit and is_tensor(given[count]) and (isinstance(callee, BlockName) or given[count] != ()):
        count += 1
    return list(given[:count]), list(given[count:])


def _complete(pending: Pending, given: Sequence[Result]) -> bool:
    if pending.callee.tensors is None:
        listed = bool(given) and isinstance(given[0], tuple) and bool(pending.tensors)
        return listed or len(pending.tensors) > 1
    return pending.lacking <= 0


def _lacking(stage: Stage) -> int:
    if isinstance(stage, Composite):
        return _lacking(stage.stages[0])
    if isinstance(stage, Named | Shared):
        return _lacking(stage.stage)
    return stage.lacking if isinstance(stage, Pending) else (Pending(stage).lacking)


def _with_tensors(stage: Stage, tensors: tuple[Result, ...]) -> Stage:
    """The stage with its last tensors given."""
    if isinstance(stage, Pending):
        return Pending(
            stage.callee, (*tensors, *stage.tensors), stage.positional, stage.named, stage.span, stage.places
        )
    if isinstance(stage, Composite):
        return Composite((_with_tensors(stage.stages[0], tensors), *stage.stages[1:]))
    if isinstance(stage, Named):
        return Named(_with_tensors(stage.stage, tensors), stage.label)
    if isinstance(stage, Shared):
        return Shared(_with_tensors(stage.stage, tensors), stage.at, stage.key)
    return Pending(stage, tensors)


def _kinds(pending: Pending) -> tuple[type, ...]:
    """The kinds of the arguments: 1, 1.0 and true are equal and would share a place in the memory of calls."""
    return tuple(map(type, (*pending.positional, *(value for _, value in pending.named))))


@lru_cache(maxsize=4096)
def _bind(
    name: str,
    positional: tuple[Result, ...],
    named: tuple[tuple[str, Result], ...],
    kinds: tuple[type, ...],
) -> ops.Operator:
    return ops.bind(
        ops.TABLE[name], cast("tuple[ops.Static, ...]", positional), cast("dict[str, ops.Static]", dict(named))
    )
