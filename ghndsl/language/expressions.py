"""An expression of the tree goes in; the number, tensor or stage it stands for comes out."""

from __future__ import annotations

from collections.abc import Callable

from ghndsl import ops
from ghndsl.diagnostics import Span, did_you_mean
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.bounds import ArithmeticFault
from ghndsl.language.builtins import FUNCTIONS, is_function_call
from ghndsl.language.chains import Chains
from ghndsl.language.context import Frame, PoisonedError, RefusalError, Turn
from ghndsl.language.graph_choices import MEMBERS, member
from ghndsl.language.limits import Limits
from ghndsl.language.signs import Signs
from ghndsl.language.torch_calls import root
from ghndsl.language.unknown import member_hint, quoted_hint, unknown_name
from ghndsl.language.values import (
    POISON,
    At,
    BlockName,
    ChosenGraph,
    OperatorName,
    Result,
    describe,
    is_stage,
    is_tensor,
)


class Expressions(Chains, Signs):
    """Evaluates expressions in the frame at hand."""

    def __init__(self, limits: Limits, frame: Frame) -> None:
        super().__init__(limits, frame)
        self._evaluate: dict[type[tree.Syntax], Callable[..., Result]] = {
            tree.Name: self._name,
            tree.Constant: self._constant,
            tree.Sequence: self._sequence,
            tree.Comprehension: self._comprehension,
            tree.Conditional: self._conditional,
            tree.Unary: self.unary,
            tree.Binary: self.binary,
            tree.Index: self.index,
            tree.Member: self._member,
            tree.Call: self._call,
            tree.Labelled: self.labelled,
            tree.Chain: self._chain,
        }

    def value(self, node: tree.Expression) -> Result:
        """What an expression stands for; raises `RefusalError`, or `PoisonedError` when a part was refused before."""
        self.step(node.span)
        return self._evaluate[type(node)](node)

    def _name(self, node: tree.Name) -> Result:
        found = self.lookup(node.id)
        if found is None:
            raise self._unknown(node)
        if found[0] is POISON:
            raise PoisonedError
        return found[0]

    def _unknown(self, node: tree.Name, around: tree.Expression | None = None) -> RefusalError:
        message, hint = unknown_name(node.id, self.frame.module, self.frame.names, around)
        return self.refuse("G110", message, node.span, help=hint)

    def lookup(self, name: str) -> tuple[Result] | None:
        """What a name means: a value of the frame, a definition of the file, or an operator."""
        if name in self.frame.names:
            return (self.frame.names[name],)
        if name in self.frame.module.missing:
            return (POISON,)
        block = self.frame.module.find(name)
        if block is not None and block[0].kind in ("block", "motif"):
            definition, module = block
            return (BlockName(definition, module, (module.source.name, definition.name)),)
        if name in ops.TABLE:
            return (OperatorName(ops.TABLE[name]),)
        return None

    def _constant(self, node: tree.Constant) -> Result:
        return node.value

    def _sequence(self, node: tree.Sequence) -> Result:
        return self.sane(tuple([self.value(item) for item in node.items]), node.span)

    def _comprehension(self, node: tree.Comprehension) -> Result:
        outer = dict(self.frame.names)
        items: list[Result] = []
        try:
            for number, item in enumerate(self.items(node.iterable)):
                self.bind(node.names, item, node.iterable.span)
                self.frame.turns.append(self.turn(number, node.names))
                try:
                    if node.test is None or self.truth(node.test):
                        items.append(self.value(node.item))
                finally:
                    self.frame.turns.pop()
        finally:
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
            hint = f"`range({node.span.text})` is the list of the numbers below it" if type(value) is int else None
            raise self.refuse("G122", f"this must be a list, not {describe(value)}", node.span, help=hint)
        return value

    def bind(self, names: tuple[tree.Name, ...], value: Result, span: Span) -> None:
        """Gives a value to one name, or its items to several."""
        if len(names) == 1:
            self.frame.names[names[0].id] = value
            return
        for name, item in zip(names, self.unpacked(names, value, span), strict=True):
            self.frame.names[name.id] = item

    def unpacked(self, names: tuple[tree.Name, ...], value: Result, span: Span) -> tuple[Result, ...]:
        """The items of a list that holds one for each of several names."""
        count = len(value) if isinstance(value, tuple) else 0
        if not isinstance(value, tuple) or count != len(names):
            found = f"{count} value{'s' * (count != 1)}" if isinstance(value, tuple) else describe(value)
            is_short = count > len(names) and is_tensor(value)
            hint = f"it takes {count} names; what is not needed may be named `_`" if is_short else self._alone(value)
            raise self.refuse("G122", f"{len(names)} names cannot be given {found}", span, help=hint)
        return value

    def _alone(self, value: Result) -> str | None:
        """What is told who waits for the places of what `max` finds, which torch gives too."""
        op = self.made_by(value) if isinstance(value, Value) else None
        return f"`{op.name}` gives the values alone" if isinstance(op, ops.Max | ops.Min) else None

    def _conditional(self, node: tree.Conditional) -> Result:
        return self.value(node.then if self.truth(node.test) else node.otherwise)

    def _member(self, node: tree.Member) -> Result:
        self._check_root(node)
        value = self.value(node.value)
        if not isinstance(value, ChosenGraph):
            hint = member_hint(value, node.name)
            raise self.refuse("G122", f"{describe(value)} has no `.{node.name}`", node.span, help=hint)
        if node.name not in MEMBERS:
            hint = did_you_mean(node.name, MEMBERS) or f"there are {', '.join(MEMBERS)}"
            raise self.refuse("G122", f"a graph has no `.{node.name}`", node.span, help=hint)
        return member(value, node.name)

    def _check_root(self, node: tree.Call | tree.Member) -> None:
        """Refuses a call or a member that begins with a name that means nothing, as torch's modules are named."""
        name = root(node)
        if name is not None and self.lookup(name.id) is None:
            raise self._unknown(name, node)

    def _call(self, node: tree.Call) -> Result:
        return self.call(node, None)

    def call(self, node: tree.Call, at: At | None, *, is_link: bool = False) -> Result:
        """A call, its weights under `at` when it has a label; a stage when it lacks a tensor."""
        given = [self.value(a.value) for a in node.arguments if a.name is None]
        if isinstance(node.callee, tree.Name) and node.callee.id not in self.frame.names:
            name = node.callee.id
            must_be_stage = is_link or len(given) < len(node.arguments)
            is_function = is_function_call(name, tuple(given), must_be_stage=must_be_stage)
            if is_function and self.frame.module.find(name) is None:
                return self._function(node, name, tuple(given))
        self._check_root(node)
        callee = self.value(node.callee)
        if not is_stage(callee):
            raise self.refuse("G121", f"{describe(callee)} cannot be called", node.callee.span, (), quoted_hint(callee))
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
            result = FUNCTIONS[name](given, self.limits.items)
        except ArithmeticFault as fault:
            raise self.refuse(fault.code, str(fault), node.span, (), fault.help) from None
        self.charge(result)
        return result
