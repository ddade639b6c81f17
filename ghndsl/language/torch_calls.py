"""A call in another library's manner goes in; the call as it is written here, without its input's size, comes out."""

from __future__ import annotations

from collections.abc import Sequence

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
    known = {attribute.name for attribute in ops.attributes(cls)}
    left = [one for one in node.arguments if one is not size and (one.name is None or one.name in known)]
    if size is None or not _binds(cls, left):
        return None
    words = [_text(argument) for argument in left]
    if "dims" in known and isinstance(size.value, tree.Sequence) and len(size.value.items) > 1:
        words.append(f"dims={len(size.value.items)}")
    call = _call(operator, words)
    return call and f"`{call}`: the size of the input is not written"


def as_written(operator: str, node: tree.Expression | None) -> str:
    """The operator with those arguments of a call that it takes; alone where they do not fit, or may be tensors.

    >>> from ghndsl.diagnostics import Source
    >>> from ghndsl.language.parse import parse_expression
    >>> as_written("linear", parse_expression(Source("a", 'layers.Dense(64, "relu")')))
    'linear(64)'
    """
    cls = ops.TABLE.get(operator)
    if cls is None or cls.from_input is None or not isinstance(node, tree.Call):
        return operator
    known = {attribute.name for attribute in ops.attributes(cls)}
    named = [argument for argument in node.arguments if argument.name in known]
    positional = [argument for argument in node.arguments if argument.name is None]
    needs_none = not any(attribute.required for attribute in ops.attributes(cls))
    if _may_be_tensors(node, positional) or (needs_none and positional and not _is_fraction(positional[0].value)):
        return operator
    fewer = [positional[1:], *(positional[:count] for count in range(len(positional) - 1, -1, -1))]
    for some in [positional, *fewer]:
        left = [*some, *named]
        if _binds(cls, left):
            return _call(operator, [_text(argument) for argument in left]) or operator
    return operator


def _call(operator: str, words: Sequence[str]) -> str | None:
    call = f"{operator}({', '.join(words)})" if words else operator
    return call if len(call) <= _LONGEST else None


def _size(cls: type[ops.Operator], node: tree.Call) -> tree.Argument | None:
    """The argument that is the size of the input; only the classes of torch take it by position."""
    named = [argument for argument in node.arguments if argument.name == cls.from_input]
    if named:
        return named[0]
    place = _PLACES.get(cls.name, 0)
    positional = [argument for argument in node.arguments if argument.name is None][place : place + 1]
    is_size = _is_of_torch(cls, node) and not _may_be_tensors(node, positional)
    return positional[0] if positional and is_size and not _is_fraction(positional[0].value) else None


def _is_of_torch(cls: type[ops.Operator], node: tree.Call) -> bool:
    """Whether torch's name of an operator is called: `Conv2d`, in small letters too, and not Keras's `Conv2D`."""
    first = root(node)
    name = cls.torch_name.rpartition(".")[2]
    names = {name.replace("{rank}", rank) for rank in ("1", "2", "3")}
    word = member_of(node) or node.callee.span.text
    is_same = word in names or (word.islower() and word.replace("_", "") in {one.lower() for one in names})
    return is_same and not (first and first.id in _OF_KERAS)


def _may_be_tensors(node: tree.Call, positional: Sequence[tree.Argument]) -> bool:
    """Whether a function is given a name, which may be that of a tensor."""
    word = member_of(node) or node.callee.span.text
    return word[:1].islower() and any(isinstance(argument.value, tree.Name) for argument in positional)


def _is_fraction(value: tree.Expression) -> bool:
    return isinstance(value, tree.Constant) and isinstance(value.value, float)


def _binds(cls: type[ops.Operator], arguments: Sequence[tree.Argument]) -> bool:
    """Whether arguments give an operator all that it needs; those that it does not know are told of where they stand.

    What a name or a sum gives is not known: it is taken for a number where one is needed, else for what fits.
    """
    known = {attribute.name: attribute for attribute in ops.attributes(cls)}
    positional = [_guess(one.value) for one in arguments if one.name is None]
    named: dict[str, ops.Static] = {}
    for one in arguments:
        if one.name in known and (known[one.name].required or isinstance(one.value, tree.Constant)):
            named[one.name] = _guess(one.value)
    try:
        ops.bind(cls, positional, named)
    except (ops.SignatureError, ops.ShapeError):
        return False
    return True


def _guess(value: tree.Expression) -> ops.Static:
    if isinstance(value, tree.Sequence):
        return tuple(map(_guess, value.items))
    if isinstance(value, tree.Name) and value.id in _TRUTHS:
        return _TRUTHS[value.id]
    return value.value if isinstance(value, tree.Constant) else 1


def _text(argument: tree.Argument) -> str:
    text = " ".join(argument.span.text.split())
    is_truth = isinstance(argument.value, tree.Name) and argument.value.id in _TRUTHS
    return text[: -len(argument.value.span.text)] + argument.value.span.text.lower() if is_truth else text


_PLACES = {"group_norm": 1}
"""Where torch takes the size of the input, if not first."""
_OF_KERAS = ("tf", "keras", "layers")
_TRUTHS: dict[str, bool | None] = {"True": True, "False": False, "None": None}
_LONGEST = 80
