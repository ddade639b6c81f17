"""A call in torch's manner goes in; the call as it is written here, without the size of its input, comes out."""

from __future__ import annotations

from ghndsl import ops
from ghndsl.language import tree


def root(node: tree.Expression) -> tree.Name | None:
    """The name that a call or a member begins with: `torch` of `torch.nn.ReLU()`."""
    node = node.callee if isinstance(node, tree.Call) else node
    while isinstance(node, tree.Member):
        node = node.value
    return node if isinstance(node, tree.Name) else None


def member_of(node: tree.Expression | None) -> str | None:
    """The last of what is asked of a name, called or not: `ReLU` of `torch.nn.ReLU()`; None when nothing is."""
    node = node.callee if isinstance(node, tree.Call) else node
    return node.name if isinstance(node, tree.Member) else None


def without_size(operator: str, node: tree.Expression | None) -> str | None:
    """A help line for a call that gives an operator the size of its input, as torch has it: the call without it.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.parse import parse_expression
    >>> without_size("conv", parse_expression(Source("a", "nn.Conv2d(3, 16, 3, bias=false)")))
    '`conv(16, 3, bias=false)`: the size of the input is not written'
    """
    cls = ops.TABLE.get(operator)
    if cls is None or cls.from_input is None or not isinstance(node, tree.Call):
        return None
    size = _size(cls, node)
    left = [_text(argument) for argument in node.arguments if argument is not size]
    if size is None or len(left) < sum(attribute.required for attribute in ops.attributes(cls)):
        return None
    if operator == "layer_norm" and isinstance(size.value, tree.Sequence) and len(size.value.items) > 1:
        left.append(f"dims={len(size.value.items)}")
    call = f"{operator}({', '.join(left)})" if left else operator
    return f"`{call}`: the size of the input is not written" if len(call) <= _LONGEST else None


def _size(cls: type[ops.Operator], node: tree.Call) -> tree.Argument | None:
    """The argument that is the size of the input; a plain name where a function's tensor may stand is none."""
    named = [argument for argument in node.arguments if argument.name == cls.from_input]
    if named:
        return named[0]
    word = (member_of(node) or node.callee.span.text)[:1]
    place = _PLACES.get(cls.name, 0)
    positional = [argument for argument in node.arguments if argument.name is None][place : place + 1]
    may_be_tensor = word.islower() and any(isinstance(argument.value, tree.Name) for argument in positional)
    return positional[0] if positional and not may_be_tensor else None


def _text(argument: tree.Argument) -> str:
    return " ".join(argument.span.text.split())


_PLACES = {"group_norm": 1}
"""Where torch takes the size of the input, if not first."""
_LONGEST = 80
