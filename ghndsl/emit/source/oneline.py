"""The tree of an expression of Python goes in; the expression on one line, as ruff lays it out, comes out."""

from __future__ import annotations

import ast

from ghndsl.emit.source.pieces import python

_LEVELS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 4),
    ast.Sub: ("-", 4),
    ast.Mult: ("*", 5),
    ast.Div: ("/", 5),
    ast.FloorDiv: ("//", 5),
    ast.Mod: ("%", 5),
    ast.MatMult: ("@", 5),
    ast.Pow: ("**", 7),
}
_UNARY, _ATOM, _CHOICE, _SIGNS = 6, 9, 1, 4


def one_line(node: ast.expr, least: int = 0) -> str:
    """The expression, in brackets when it binds less than `least`.

    >>> def shown(text):
    ...     return one_line(ast.parse(text, mode="eval").body)
    >>> shown("(((x) + y)).f( (2) ** n, k = 'a' )")
    '(x + y).f(2**n, k="a")'
    >>> shown("x[ :, 1: , (n - 1): ]")
    'x[:, 1:, n - 1 :]'
    """
    text, level = _shown(node)
    return f"({text})" if level < least else text


def bracketed(node: ast.expr) -> tuple[str, list[tuple[str, ast.expr]], str] | None:
    """What stands before the items of a call, list or tuple, the items with their names, and the last bracket."""
    if isinstance(node, ast.Call):
        named = [(f"{one.arg}=" if one.arg else "**", one.value) for one in node.keywords]
        return f"{one_line(node.func, _ATOM)}(", [*[("", one) for one in node.args], *named], ")"
    if isinstance(node, ast.List | ast.Tuple):
        left, right = "[]" if isinstance(node, ast.List) else "()"
        return left, [("", one) for one in node.elts], right
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return "{", [(f"{one_line(key)}: ", value) for key, value in pairs if key is not None], "}"
    return None


def _shown(node: ast.expr) -> tuple[str, int]:
    """The expression, and how much it binds."""
    if isinstance(node, ast.BinOp):
        return _binary(node)
    if isinstance(node, ast.UnaryOp):
        return f"-{one_line(node.operand, _UNARY)}", _UNARY
    if isinstance(node, ast.IfExp):
        parts = [one_line(part, _CHOICE + 1) for part in (node.body, node.test)]
        return f"{parts[0]} if {parts[1]} else {one_line(node.orelse, _CHOICE)}", _CHOICE
    if isinstance(node, ast.Compare):
        return f"{one_line(node.left, _SIGNS)} is {one_line(node.comparators[0], _SIGNS)}", _SIGNS - 1
    if isinstance(node, ast.Starred):
        return f"*{one_line(node.value, _CHOICE + 1)}", _ATOM
    if isinstance(node, ast.Constant):
        value: object = node.value
        return python(value), _ATOM
    return _primary(node), _ATOM


def _primary(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        value = one_line(node.value, _ATOM)
        return f"({value}).{node.attr}" if value.isdecimal() else f"{value}.{node.attr}"
    if isinstance(node, ast.Subscript):
        return f"{one_line(node.value, _ATOM)}[{_subscript(node.slice)}]"
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        left, right = "[]" if isinstance(node, ast.ListComp) else "()"
        return f"{left}{one_line(node.elt)} {_clause(node.generators[0])}{right}"
    if isinstance(node, ast.JoinedStr):
        return _formatted(node)
    if isinstance(node, ast.Tuple) and len(node.elts) == 1:
        return f"({one_line(node.elts[0])},)"
    found = bracketed(node)
    if found is None:
        raise ValueError(f"an expression that nothing here writes: {ast.unparse(node)}")
    left, items, right = found
    if isinstance(node, ast.Call) and len(items) == 1 and isinstance(items[0][1], ast.GeneratorExp):
        return left[:-1] + one_line(items[0][1])
    return left + ", ".join([f"{name}{one_line(value)}" for name, value in items]) + right


def _clause(one: ast.comprehension) -> str:
    return f"for {targets(one.target)} in {one_line(one.iter, _CHOICE + 1)}"


def targets(node: ast.expr) -> str:
    """What is assigned to: several names without brackets."""
    text = one_line(node)
    return text[1:-1] if isinstance(node, ast.Tuple) and len(node.elts) > 1 else text


def _binary(node: ast.BinOp) -> tuple[str, int]:
    sign, level = _LEVELS[type(node.op)]
    if isinstance(node.op, ast.Pow):
        left, right = one_line(node.left, level + 1), one_line(node.right, _UNARY)
        gap = "" if _is_simple(node.left) and _is_simple(node.right) else " "
        return f"{left}{gap}**{gap}{right}", level
    return f"{one_line(node.left, level)} {sign} {one_line(node.right, level + 1)}", level


def _is_simple(node: ast.expr) -> bool:
    """Whether ruff sets it close to `**`."""
    if isinstance(node, ast.UnaryOp):
        return _is_simple(node.operand)
    if isinstance(node, ast.Attribute):
        return _is_simple(node.value) and not isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and not isinstance(node.value, str))


def _subscript(node: ast.expr) -> str:
    if isinstance(node, ast.Tuple) and node.elts:
        last = "," * (len(node.elts) == 1)
        return ", ".join([_subscript(one) for one in node.elts]) + last
    if not isinstance(node, ast.Slice):
        return one_line(node)
    parts = [node.lower, node.upper, *([node.step] if node.step else [])]
    simple = all(part is None or isinstance(part, ast.Name | ast.Constant) or _is_negative(part) for part in parts)
    words = ["" if part is None else one_line(part) for part in parts]
    if simple:
        return ":".join(words)
    text = words[0] + (" :" if words[0] else ":") + (f" {words[1]}" if words[1] else "")
    return text + (f" : {words[2]}" if len(words) > 2 else "")


def _is_negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant | ast.Name)


def _formatted(node: ast.JoinedStr) -> str:
    words = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            words += str(part.value)
        else:
            assert isinstance(part, ast.FormattedValue)
            words += f"{{{one_line(part.value)}}}"
    return f'f"{words}"'
