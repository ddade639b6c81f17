"""Operands and a sign, or a value and its index, go in; the number, list or tensor they make comes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ghndsl.diagnostics import Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.arithmetic import binary
from ghndsl.language.bounds import ArithmeticFault
from ghndsl.language.calls import Calls, Marks
from ghndsl.language.context import RefusalError
from ghndsl.language.tensor_syntax import NEW_AXIS, tensor_binary, tensor_index
from ghndsl.language.values import Result, describe, is_number
from ghndsl.ops import Operator
from ghndsl.types import SymbolicSize


class Signs(Calls):
    """Joins and indexes values in the frame at hand."""

    def truth(self, node: tree.Expression) -> bool:
        """The truth of a condition."""
        value = self.value(node)
        if not isinstance(value, bool):
            message = f"a condition is true or false, not {describe(value)}"
            raise self.refuse("G122", message, node.span, help=_test_hint(value, node))
        return value

    def unary(self, node: tree.Unary) -> Result:
        if node.operator == "not":
            return not self.truth(node.operand)
        value = self.value(node.operand)
        if isinstance(value, Value):
            minus = tensor_binary("*", value, -1) if node.operator == "-" else None
            return self._emit_all("-", minus or (), (value,), node.span, ((node.operand.span, value),))
        if not is_number(value) and not isinstance(value, SymbolicSize):
            raise self.refuse("G122", f"`{node.operator}` needs a number, not {describe(value)}", node.span)
        return -value if node.operator == "-" else value

    def binary(self, node: tree.Binary) -> Result:
        if node.operator in ("and", "or"):
            stops = node.operator == "or"
            return stops if self.truth(node.left) is stops else self.truth(node.right)
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, Value) or isinstance(right, Value):
            return self._tensors(node, left, right, self._sign(node))
        self.charge(left, right)
        try:
            result = binary(node.operator, left, right, self.limits.items)
        except ArithmeticFault as fault:
            raise self.refuse(fault.code, str(fault), self._sign(node), (), fault.help) from None
        self.charge(result)
        return result

    def _tensors(self, node: tree.Binary, left: Result, right: Result, sign: Span) -> Result:
        operators = tensor_binary(node.operator, left, right)
        marks = ((node.left.span, left), (node.right.span, right))
        if operators is None:
            if node.operator == "/" and is_number(right):
                raise self.refuse("G122", "this divides by zero", sign, marks)
            is_test = node.operator in _TESTS
            message = (
                f"`{node.operator}` cannot {_TESTS.get(node.operator, 'join')} {describe(left)} and {describe(right)}"
            )
            raise self.refuse("G122", message, sign, marks, _NOT_KNOWN if is_test else None)
        tensors = tuple(value for value in (left, right) if isinstance(value, Value))
        return self._emit_all(node.operator, operators, tensors, sign, marks)

    def _emit_all(
        self, sign: str, operators: Sequence[Operator], tensors: tuple[Value, ...], span: Span, marks: Marks
    ) -> Result:
        """Makes the nodes that a sign stands for; what they refuse is told of the sign, which is what was written."""
        result: Result = tensors[0]
        for op in operators:
            try:
                result = self.emit(op, tensors, self.frame.at.path, span, marks)
            except RefusalError as refused:
                fault = refused.diagnostic
                told = fault.message.replace(f"`{op.name}`", f"`{sign}`") if op.name in _UNWRITTEN else fault.message
                raise RefusalError(replace(fault, message=told)) from None
            tensors = (result,) if isinstance(result, Value) else tensors
        return result

    def _sign(self, node: tree.Binary) -> Span:
        """The place of the operator between its operands."""
        source, start, end = node.span.source, node.left.span.end, node.right.span.start
        sign = r"\s+".join(map(re.escape, node.operator.split()))
        for found in re.compile(f"#[^\n]*|({sign})").finditer(source.text, start, end):
            if found[1]:
                return Span(source, *found.span())
        return node.span

    def index(self, node: tree.Index) -> Result:
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
        for part in node.subscripts:
            if isinstance(part, tree.Name) and part.id == "None" and part.id not in self.frame.names:
                raise self.refuse("G110", "nothing is named `None` here", part.span, help=NEW_AXIS)
            if isinstance(part, tree.Constant) and part.value is None:
                raise self.refuse("G123", "`none` is no index", part.span, help=NEW_AXIS)
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


_UNWRITTEN = ("affine", "pow", "exp")
"""Operators that a sign between a tensor and a number stands for."""
_TESTS = {**dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), "compare"), "in": "look for", "not in": "look for"}
_NOT_KNOWN = "what a tensor holds is not known before the network runs"


def _test_hint(value: Result, node: tree.Expression) -> str | None:
    """What is said of a condition that is none."""
    if isinstance(value, Value):
        return _NOT_KNOWN
    return f"write `{node.span.text} != 0`" if is_number(value) and isinstance(node, tree.Name) else None
