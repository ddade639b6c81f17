"""Statements go in; a frame's names, a graph's ports and what a body returns come out. Faults are kept, each once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.choosing import Choosing
from ghndsl.language.context import Frame, PoisonedError, RefusalError
from ghndsl.language.limits import Limits
from ghndsl.language.suggestions import lacking_hint
from ghndsl.language.tensor_syntax import MEASURES
from ghndsl.language.unknown import size_hint
from ghndsl.language.values import POISON, Result, describe, is_stage
from ghndsl.types import MOST, DType, SymbolicSize, TensorType, fits_64_bits, is_empty, symbol

_NUMERIC = ("+", "-", "*", "/", "//", "%", "**")
"""The signs that make numbers of numbers."""


class Statements(Choosing):
    """Runs statements in the frame at hand."""

    def __init__(self, limits: Limits, frame: Frame) -> None:
        super().__init__(limits, frame)
        self.faults: list[Diagnostic] = []
        self._execute: dict[type[tree.Syntax], Callable[..., bool]] = {
            tree.Assign: self._assign,
            tree.Input: self._input,
            tree.Output: self._output,
            tree.Return: self._return,
            tree.For: self._for,
            tree.If: self._if,
            tree.Choose: self.choose,
            tree.Where: self._where,
        }

    # For subclasses

    def claim(self, name: str, word: str, span: Span) -> None:
        """Takes the name of an `input`, `output` or `exit`; refused when another has it."""
        raise NotImplementedError

    def add_input(self, name: str, kind: TensorType, span: Span) -> Value:
        """A graph input."""
        raise NotImplementedError

    def add_output(self, name: str, value: Value, *, is_exit: bool, span: Span) -> None:
        """A graph output."""
        raise NotImplementedError

    def require(self, node: tree.Where, holds: bool) -> None:
        """Called with the truth of each `where` over choices."""
        raise NotImplementedError

    def postpone(self, node: tree.Where) -> None:
        """Called for a `where` over measures of the finished graph."""
        raise NotImplementedError

    # Bodies

    def run(self, statements: Sequence[tree.Statement]) -> bool:
        """Runs statements up to a `return`; true when one was met."""
        # `any` would call back into Python from C, and nested blocks would fill the C stack.
        for statement in statements:  # noqa: SIM110
            if self.attempt(statement):
                return True
        return False

    def attempt(self, node: tree.Statement) -> bool:
        """Runs one statement; what it would have made is poison when it is refused. True when it returned."""
        try:
            return self.execute(node)
        except RefusalError as refused:
            self.report(refused.diagnostic)
        except PoisonedError:
            pass
        except RecursionError:
            self.report(self.refuse("G004", "this is nested too deeply", node.span).diagnostic)
        self._poison(node)
        if isinstance(node, tree.Return):
            self.frame.result = POISON
            return True
        return False

    def report(self, fault: Diagnostic) -> None:
        """Keeps a fault, unless its cause was kept already."""
        if (fault.code, fault.span) in self.reported:
            return
        self.reported.add((fault.code, fault.span))
        self.faults.append(fault)
        if len(self.faults) >= self.limits.errors:
            raise CompileError(*self.faults)

    def _poison(self, node: tree.Statement) -> None:
        for inner in tree.walk(node):
            if isinstance(inner, tree.Assign | tree.For | tree.Choose):
                for name in inner.names:
                    self.frame.names[name.id] = POISON
            if isinstance(inner, tree.Input):
                self.frame.names[inner.name.id] = POISON
            if isinstance(inner, tree.Output) and inner.label.word:
                self.frame.names.setdefault(inner.label.word, POISON)

    def execute(self, node: tree.Statement) -> bool:
        """Runs one statement; true when it returned."""
        self.step(node.span)
        return self._execute[type(node)](node)

    def _assign(self, node: tree.Assign) -> bool:
        values, span = self.values(node.values), node.values[0].span.to(node.values[-1].span)
        if node.type is not None:
            values = self._typed(node, node.type, values, span)
        self.bind(node.names, values, span)
        return False

    def values(self, nodes: Sequence[tree.Expression]) -> Result:
        """One value, or a list of several."""
        found = [self.value(node) for node in nodes]
        return found[0] if len(found) == 1 else tuple(found)

    def _typed(self, node: tree.Assign, kind: tree.TypeSyntax, value: Result, span: Span) -> Result:
        """A value, or each of several, as the stated type takes it."""
        if len(node.names) == 1:
            return self._checked(node.names[0], kind, value, span)
        items = self.unpacked(node.names, value, span)
        spans = [one.span for one in node.values] if len(node.values) == len(items) else [span] * len(items)
        given = zip(node.names, items, spans, strict=True)
        return tuple([self._checked(name, kind, item, place) for name, item, place in given])

    def _checked(self, name: tree.Name, kind: tree.TypeSyntax, value: Result, span: Span) -> Result:
        if isinstance(kind, tree.WordType) or not isinstance(value, Value):
            parameter = tree.Parameter(name.span, name.id, kind, None)
            return self.fitted(parameter, value, self.frame, span, (), "G202")
        fault = self.match_shape(kind, value.type)
        if fault:
            message = f"`{name.id}` is stated to be {kind.span.text}, but {fault}"
            raise self.refuse("G202", message, span, [(kind.span, None)])
        return value

    def _input(self, node: tree.Input) -> bool:
        self._only_at_top(node, "input")
        self.claim(node.name.id, "input", node.name.span)
        kind = self.tensor_type(node.type)
        self.frame.names[node.name.id] = self.add_input(node.name.id, kind, node.name.span)
        return False

    def tensor_type(self, node: tree.TypeSyntax) -> TensorType:
        """The type of an input; its free names become symbolic sizes."""
        if isinstance(node, tree.WordType) or node.dtype is None:
            message = "an input needs an element type and a shape"
            raise self.refuse("G202", message, node.span, help="for example `f32[N, 3, 32, 32]`")
        self.check_element(node)
        for size in node.sizes:
            for name in tree.walk(size):
                if isinstance(name, tree.Name) and tree.names_size(name.id) and self.lookup(name.id) is None:
                    self.frame.names[name.id] = symbol(name.id)
        shape = tuple(self._size(size) for size in node.sizes)
        return TensorType(shape, DType(node.dtype))

    def _size(self, node: tree.Expression) -> int | SymbolicSize:
        if isinstance(node, tree.Name) and self.lookup(node.id) is None:
            hint = size_hint(node.id, self.frame.names)
            raise self.refuse("G110", f"nothing is named `{node.id}` here", node.span, help=hint)
        value = self.value(node)
        if isinstance(value, bool) or not isinstance(value, int | SymbolicSize) or is_empty(value):
            message = f"a size is a positive whole number, not {describe(value)}"
            symbolic = "a size that is not known has a capital name, such as `N`" if value in (None, -1) else None
            raise self.refuse("G202", message, node.span, help=symbolic)
        if not fits_64_bits(value):
            raise self.refuse("G202", f"a size is beyond 64 bits: {MOST:,} is the largest there is", node.span)
        return value

    def _output(self, node: tree.Output) -> bool:
        word = "exit" if node.is_exit else "output"
        self._only_at_top(node, word)
        name = self.label(node.label)
        self.claim(name, word, node.label.span)
        value = self.value(node.value)
        if not isinstance(value, Value):
            hint = lacking_hint(value) if is_stage(value) else None
            raise self.refuse("G131", f"an output is a tensor, not {describe(value)}", node.value.span, help=hint)
        self.add_output(name, value, is_exit=node.is_exit, span=node.label.span)
        return False

    def _only_at_top(self, node: tree.Input | tree.Output, word: str) -> None:
        if self.frame.scope.parent is not None:
            raise self.refuse("G131", f"`{word}` stands in an `arch` or a `space`, not in a block", node.span)

    def _return(self, node: tree.Return) -> bool:
        if self.frame.scope.parent is None:
            message = "`return` stands in a block; an `arch` or a `space` has outputs"
            raise self.refuse("G131", message, node.span, help="write `output logits = ...`")
        self.frame.result = self.values(node.values)
        return True

    def _for(self, node: tree.For) -> bool:
        for number, item in enumerate(self.items(node.iterable)):
            self.step(node.span)
            self.bind(node.names, item, node.iterable.span)
            self.frame.turns.append(self.turn(number, node.names))
            try:
                if self.run(node.body):
                    return True
            finally:
                self.frame.turns.pop()
        return False

    def _if(self, node: tree.If) -> bool:
        return self.run(node.then if self.truth(node.test) else node.otherwise)

    def _where(self, node: tree.Where) -> bool:
        if self.measured(node):
            self._check_condition(node.test)
            self.postpone(node)
        else:
            self.require(node, self.truth(node.test))
        return False

    def _check_condition(self, node: tree.Expression) -> None:
        """Refuses what is a number, whatever the measures in it will be, where a truth value is wanted."""
        if isinstance(node, tree.Unary) and node.operator == "not":
            self._check_condition(node.operand)
        elif isinstance(node, tree.Binary) and node.operator in ("and", "or"):
            self._check_condition(node.left)
            self._check_condition(node.right)
        elif self._is_number(node):
            hint = f"compare it, as in `{node.span.text} <= 1M`"
            raise self.refuse("G122", "a condition is true or false, not a number", node.span, help=hint)

    def _is_number(self, node: tree.Expression) -> bool:
        """Whether something is a number by its form: a measure, or a sum or product."""
        if isinstance(node, tree.Name):
            return node.id in MEASURES and node.id not in self.frame.names
        return isinstance(node, tree.Unary | tree.Binary) and node.operator in _NUMERIC

    def measured(self, node: tree.Where) -> bool:
        """Whether a `where` is about the finished graph."""
        if self.frame.scope.parent is not None:
            return False
        names = {part.id for part in tree.walk(node.test) if isinstance(part, tree.Name)}
        return any(name in MEASURES and name not in self.frame.names for name in names)
