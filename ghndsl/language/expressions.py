"""An expression of the tree goes in; the number, tensor or stage it stands for comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ghndsl import ops
from ghndsl.diagnostics import Span, did_you_mean
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.arithmetic import binary
from ghndsl.language.bounds import ArithmeticFault
from ghndsl.language.builtins import FUNCTIONS, is_function_call
from ghndsl.language.calls import Calls, Marks
from ghndsl.language.context import Frame, PoisonedError, Turn
from ghndsl.language.limits import Limits
from ghndsl.language.tensor_syntax import MEASURES, tensor_binary, tensor_index
from ghndsl.language.values import (
    POISON,
    At,
    BlockName,
    Composite,
    Named,
    OperatorName,
    Result,
    Shared,
    describe,
    is_number,
    is_stage,
    is_tensor,
    join,
)
from ghndsl.ops import Operator
from ghndsl.types import SymbolicSize


class Expressions(Calls):
    """Evaluates expressions in the frame at hand."""

    def __init__(self, limits: Limits, frame: Frame) -> None:
        super().__init__(limits, frame)
        self._evaluate: dict[type[tree.Syntax], Callable[..., Result]] = {
            tree.Name: self._name,
            tree.Constant: self._constant,
            tree.Sequence: self._sequence,
            tree.Comprehension: self._comprehension,
            tree.Conditional: self._conditional,
            tree.Unary: self._unary,
            tree.Binary: self._binary,
            tree.Index: self._index,
            tree.Member: self._member,
            tree.Call: self._call,
            tree.Labelled: self._labelled,
            tree.Chain: self._chain,
        }

    def value(self, node: tree.Expression) -> Result:
        """What an expression stands for; raises `RefusalError`, or `PoisonedError` when a part was refused before."""
        self.step(node.span)
        return self._evaluate[type(node)](node)

    def _name(self, node: tree.Name) -> Result:
        found = self.lookup(node.id)
        if found is None:
            raise self.refuse("G110", f"nothing is named `{node.id}` here", node.span, help=self._suggest(node.id))
        if found[0] is POISON:
            raise PoisonedError
        return found[0]

    def lookup(self, name: str) -> tuple[Result] | None:
        """What a name means: a value of the frame, a definition of the file, or an operator."""
        if name in self.frame.names:
            return (self.frame.names[name],)
        block = self.frame.module.find(name)
        if block is not None and block[0].kind in ("block", "motif"):
            definition, module = block
            return (BlockName(definition, module, (module.source.name, definition.name)),)
        if name in ops.TABLE:
            return (OperatorName(ops.TABLE[name]),)
        return None

    def _suggest(self, name: str) -> str | None:
        if name in ("True", "False", "None"):
            return f"write `{name.lower()}`"
        if name in MEASURES:
            return f"`{name}` is measured on the finished graph: it can stand in a `where` at the end of a space"
        if name in FUNCTIONS:
            return f"`{name}` is a function: write `{name}(...)`"
        module = self.frame.module
        definitions = [*module.definitions, *module.imported]
        return did_you_mean(name, [*self.frame.names, *definitions, *ops.TABLE, *FUNCTIONS, "true", "false", "none"])

    def _constant(self, node: tree.Constant) -> Result:
        return node.value

    def _sequence(self, node: tree.Sequence) -> Result:
        return self.sane(tuple([self.value(item) for item in node.items]), node.span)

    def _comprehension(self, node: tree.Comprehension) -> Result:
        outer = dict(self.frame.names)
        items: list[Result] = []
        for number, item in enumerate(self.items(node.iterable)):
            self.bind(node.names, item, node.iterable.span)
            self.frame.turns.append(self.turn(number, node.names))
            try:
                if node.test is None or self.truth(node.test):
                    items.append(self.value(node.item))
            finally:
                self.frame.turns.pop()
        self.frame.names = outer
        return self.sane(tuple(items), node.span)

    def turn(self, number: int, names: tuple[tree.Name, ...]) -> Turn:
        """A turn of a loop, with its variables as they stand."""
        values = [self.frame.names[name.id] for name in names]
        return Turn(number, tuple([name.id for name in names]), tuple(values))

    def items(self, node: tree.Expression) -> tuple[Result, ...]:
        """The items of what must be a list."""
        value = self.value(node)
        if not isinstance(value, tuple):
            raise self.refuse("G122", f"this must be a list, not {describe(value)}", node.span)
        return value

    def bind(self, names: tuple[tree.Name, ...], value: Result, span: Span) -> None:
        """Gives a value to one name, or its items to several."""
        if len(names) == 1:
            self.frame.names[names[0].id] = value
            return
        count = len(value) if isinstance(value, tuple) else 0
        if not isinstance(value, tuple) or count != len(names):
            found = f"{count} value{'s' * (count != 1)}" if isinstance(value, tuple) else describe(value)
            raise self.refuse("G122", f"{len(names)} names cannot be given {found}", span)
        for name, item in zip(names, value, strict=True):
            self.frame.names[name.id] = item

    def truth(self, node: tree.Expression) -> bool:
        """The truth of a condition."""
        value = self.value(node)
        if not isinstance(value, bool):
            raise self.refuse("G122", f"a condition is true or false, not {describe(value)}", node.span)
        return value

    def _conditional(self, node: tree.Conditional) -> Result:
        return self.value(node.then if self.truth(node.test) else node.otherwise)

    def _unary(self, node: tree.Unary) -> Result:
        if node.operator == "not":
            return not self.truth(node.operand)
        value = self.value(node.operand)
        if node.operator == "-" and isinstance(value, Value):
            return self._emit_all(tensor_binary("*", value, -1) or (), (value,), node.span, ())
        if not is_number(value) and not isinstance(value, SymbolicSize):
            raise self.refuse("G122", f"`{node.operator}` needs a number, not {describe(value)}", node.span)
        return -value if node.operator == "-" else value

    def _binary(self, node: tree.Binary) -> Result:
        if node.operator in ("and", "or"):
            stops = node.operator == "or"
            return stops if self.truth(node.left) is stops else self.truth(node.right)
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, Value) or isinstance(right, Value):
            return self._tensors(node, left, right, self._sign(node))
        self.charge(left, right)
        try:
            return binary(node.operator, left, right, self.limits.items)
        except ArithmeticFault as fault:
            raise self.refuse(fault.code, str(fault), self._sign(node)) from None

    def _tensors(self, node: tree.Binary, left: Result, right: Result, sign: Span) -> Result:
        operators = tensor_binary(node.operator, left, right)
        marks = ((node.left.span, left), (node.right.span, right))
        if operators is None:
            message = f"`{node.operator}` cannot join {describe(left)} and {describe(right)}"
            raise self.refuse("G122", message, sign, marks)
        tensors = tuple(value for value in (left, right) if isinstance(value, Value))
        return self._emit_all(operators, tensors, sign, marks)

    def _emit_all(self, operators: Sequence[Operator], tensors: tuple[Value, ...], span: Span, marks: Marks) -> Result:
        result: Result = tensors
        for op in operators:
            result = self.emit(op, tensors, self.frame.at.path, span, marks)
            tensors = (result,) if isinstance(result, Value) else tensors
        return result

    def _sign(self, node: tree.Binary) -> Span:
        """The place of the operator between its operands."""
        source, start, end = node.span.source, node.left.span.end, node.right.span.start
        at = source.text.find(node.operator.split()[0], start, end)
        return Span(source, at, at + len(node.operator)) if at >= 0 else node.span

    def _index(self, node: tree.Index) -> Result:
        value = self.value(node.value)
        if isinstance(value, Value):
            return self._tensor_index(node, value)
        if not isinstance(value, tuple):
            raise self.refuse("G122", f"{describe(value)} cannot be indexed", node.span)
        if len(node.subscripts) != 1:
            raise self.refuse("G123", f"a list takes one index, {len(node.subscripts)} are given", node.span)
        index = self._subscript(node.subscripts[0])
        if isinstance(index, slice):
            self.charge(value)
            return value[index]
        if type(index) is not int or not -len(value) <= index < len(value):
            shown = index if type(index) is int else describe(index)
            raise self.refuse("G123", f"{shown} is no index of a list of {len(value)}", node.subscripts[0].span)
        return value[index]

    def _tensor_index(self, node: tree.Index, value: Value) -> Result:
        subscripts = [self._subscript(subscript, (int, SymbolicSize)) for subscript in node.subscripts]
        try:
            op = tensor_index(subscripts)
        except ValueError as error:
            raise self.refuse("G123", str(error), node.span) from None
        if op is None:
            raise self.refuse("G123", "a tensor is indexed by whole numbers and slices", node.span)
        return self.emit(op, (value,), self.frame.at.path, node.span, ((node.value.span, value),))

    def _subscript(self, node: tree.Expression | tree.Slice, kinds: tuple[type, ...] = (int,)) -> Result | slice:
        if not isinstance(node, tree.Slice):
            return self.value(node)
        bounds = [None if part is None else self.value(part) for part in (node.start, node.stop, node.step)]
        for part, bound in zip((node.start, node.stop, node.step), bounds, strict=True):
            if part is not None and (not isinstance(bound, kinds) or isinstance(bound, bool)):
                raise self.refuse("G123", f"a slice goes between whole numbers, not {describe(bound)}", part.span)
        if bounds[2] == 0:
            raise self.refuse("G123", "the step of a slice must not be 0", node.span)
        return slice(*bounds)

    def _member(self, node: tree.Member) -> Result:
        value = self.value(node.value)
        raise self.refuse("G122", f"{describe(value)} has no `.{node.name}`", node.span)

    def _call(self, node: tree.Call) -> Result:
        return self.call(node, None)

    def call(self, node: tree.Call, at: At | None) -> Result:
        """A call, its weights under `at` when it has a label; a stage when it lacks a tensor."""
        given = [self.value(a.value) for a in node.arguments if a.name is None]
        if isinstance(node.callee, tree.Name) and node.callee.id not in self.frame.names:
            name = node.callee.id
            if is_function_call(name, tuple(given), ops.TABLE) and self.frame.module.find(name) is None:
                return self._function(node, name, tuple(given))
        callee = self.value(node.callee)
        if not is_stage(callee):
            raise self.refuse("G121", f"{describe(callee)} cannot be called", node.callee.span)
        named: dict[str, Result] = {}
        for argument in node.arguments:
            if argument.name is not None:
                if argument.name in named:
                    raise self.refuse("G120", f"`{argument.name}` is given twice", argument.span)
                named[argument.name] = self.value(argument.value)
        return self.supply(callee, given, named, node, at)

    def _function(self, node: tree.Call, name: str, given: tuple[Result, ...]) -> Result:
        for argument in node.arguments:
            if argument.name is not None:
                raise self.refuse("G120", f"`{name}` takes no `{argument.name}=`", argument.span)
        self.charge(*given)
        try:
            return FUNCTIONS[name](given, self.limits.items)
        except ArithmeticFault as fault:
            raise self.refuse(fault.code, str(fault), node.span) from None

    def _labelled(self, node: tree.Labelled) -> Result:
        at = self.place().under(self.label(node.label))
        inner = node.value
        if isinstance(inner, tree.Call):
            value = self.call(inner, at)
        elif isinstance(inner, tree.Chain):
            value = self.chain(inner, at)
        else:
            value = self.value(inner)
            if not is_stage(value):
                message = f"a label names a call or a stage, not {describe(value)}"
                raise self.refuse("G132", message, node.label.span)
        return self.sane(Shared(value, at, self.new_key()), node.span) if is_stage(value) else value

    def label(self, node: tree.Label) -> str:
        """A label as text, its computed parts filled in."""
        parts: list[str] = []
        for pieces in node.parts:
            part = ""
            for piece in pieces:
                value = piece if isinstance(piece, str) else self.value(piece)
                if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
                    raise self.refuse("G132", f"a label is made of words and numbers, not {describe(value)}", node.span)
                part += str(value)
            if not part.replace("_", "a").replace("-", "a").isalnum():
                raise self.refuse("G132", f"`{part}` cannot be part of a label", node.span)
            parts.append(part)
        return join(*parts)

    def _chain(self, node: tree.Chain) -> Result:
        return self.chain(node, None)

    def chain(self, node: tree.Chain, at: At | None) -> Result:
        """A chain: a value when its first link is one, else a stage. `at` numbers its links by position."""
        first = node.links[0]
        value = self._stage_link(first) if isinstance(first, tree.Labelled) else self.value(first)
        if is_stage(value):
            rest = [self._stage_link(link) for link in node.links[1:]]
            stages = (value, *[link for link in rest if is_stage(link)])
            return self.sane(Composite(stages), node.span)
        span = first.span
        for position, link in enumerate(node.links[1:]):
            value = self._apply_link(link, value, span, at and at.under(str(position)), at)
            span = link.span
        return value

    def _stage_link(self, node: tree.Expression) -> Result:
        """A link of a chain without a source: its label counts from where the chain is used."""
        if not isinstance(node, tree.Labelled):
            value = self.value(node)
        elif isinstance(node.value, tree.Call):
            value = self.call(node.value, self.place().under(self.label(node.label)))
        else:
            value = self.value(node.value)
        if not is_stage(value):
            if isinstance(node, tree.Labelled) and is_tensor(value):
                return value
            raise self.refuse("G121", f"a link of a chain is a stage, not {describe(value)}", node.span)
        return Named(value, self.label(node.label)) if isinstance(node, tree.Labelled) else value

    def _apply_link(
        self, link: tree.Expression, source: Result, source_span: Span, at: At | None, base: At | None
    ) -> Result:
        inner, place = link, at
        if isinstance(link, tree.Labelled):
            inner = link.value
            place = (base or self.place()).under(self.label(link.label))
        stage = self.value(inner)
        marks = ((source_span, source),)
        if isinstance(stage, tuple) and stage and all(map(is_stage, stage)):
            stages = [one for one in stage if is_stage(one)]
            results = [
                self.apply(one, (source,), place and place.under(str(i)), link.span, marks)
                for i, one in enumerate(stages)
            ]
            return tuple(results)
        if not is_stage(stage):
            raise self.refuse("G121", f"a link of a chain is a stage, not {describe(stage)}", link.span)
        return self.apply(stage, (source,), place, link.span, marks)
