"""Statements of Python on one line each go in; they come out as ruff would lay them out, broken where too long."""

from __future__ import annotations

import ast

from ghndsl.emit.source.oneline import bracketed, one_line, targets

WIDTH = 120
_INDENT = "    "


def statement(text: str, depth: int) -> list[str]:
    """The lines of an assignment, a return or an expression, `depth` levels in.

    >>> statement("y = f((a), b)", 1)
    ['    y = f(a, b)']
    >>> [line[:8] for line in statement(f"y = f({'a' * 110}, b=1)", 0)]
    ['y = f(', '    aaaa', ')']
    """
    (node,) = ast.parse(text).body
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return [f"{_INDENT * depth}{text}"]
    before, value = _parts(node)
    return laid_out(before, value, "", depth)


def laid_out(before: str, node: ast.expr, after: str, depth: int) -> list[str]:
    """The lines of an expression with something before and after it."""
    lead = _INDENT * depth
    whole = one_line(node)
    if len(lead) + len(before) + len(whole) + len(after) <= WIDTH:
        return [f"{lead}{before}{whole}{after}"]
    if isinstance(node, ast.Starred):
        return laid_out(f"{before}*", node.value, after, depth)
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        left, right = "[]" if isinstance(node, ast.ListComp) else "()"
        inner = laid_out("", node.elt, "", depth + 1)
        (one,) = node.generators
        loop = laid_out(f"for {targets(one.target)} in ", one.iter, "", depth + 1)
        return [f"{lead}{before}{left}", *inner, *loop, f"{lead}{right}{after}"]
    found = bracketed(node)
    if found is None or not found[1]:
        return _in_brackets(before, node, after, depth)
    left, items, right = found
    inner_line = ", ".join([f"{name}{one_line(value)}" for name, value in items])
    is_call = isinstance(node, ast.Call)
    if is_call and len(items) == 1 and isinstance(items[0][1], ast.GeneratorExp):
        return laid_out(f"{before}{left[:-1]}", items[0][1], after, depth)
    if is_call and len(lead) + len(_INDENT) + len(inner_line) <= WIDTH:
        return [f"{lead}{before}{left}", f"{lead}{_INDENT}{inner_line}", f"{lead}{right}{after}"]
    last = "" if len(items) == 1 and is_call and bracketed(items[0][1]) is not None else ","
    lines = [line for name, value in items for line in laid_out(name, value, last, depth + 1)]
    return [f"{lead}{before}{left}", *lines, f"{lead}{right}{after}"]


def _in_brackets(before: str, node: ast.expr, after: str, depth: int) -> list[str]:
    """An expression with signs, each operand on a line of its own."""
    lead = _INDENT * depth
    if not isinstance(node, ast.BinOp):
        return [f"{lead}{before}{one_line(node)}{after}"]
    whole = one_line(node)
    if len(lead) + len(_INDENT) + len(whole) <= WIDTH:
        return [f"{lead}{before}(", f"{lead}{_INDENT}{whole}", f"{lead}){after}"]
    operands: list[str] = []
    kind = type(node.op)
    rest: ast.expr = node
    sign = one_line(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))[2:-2]
    while isinstance(rest, ast.BinOp) and type(rest.op) is kind:
        operands.append(f"{sign} {one_line(rest.right, 6)}")
        rest = rest.left
    operands.append(one_line(rest, 5))
    return [f"{lead}{before}(", *[f"{lead}{_INDENT}{one}" for one in reversed(operands)], f"{lead}){after}"]


def _parts(node: ast.stmt) -> tuple[str, ast.expr]:
    """What stands before the value of a statement, and the value."""
    if isinstance(node, ast.Return) and node.value is not None:
        return "return ", node.value
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return f"{one_line(node.target)}: {one_line(node.annotation)} = ", node.value
    if isinstance(node, ast.Assign):
        return f"{targets(node.targets[0])} = ", node.value
    if isinstance(node, ast.Expr):
        return "", node.value
    raise ValueError(f"a statement that nothing here writes: {ast.unparse(node)}")
