"""An operator's word goes in; the page that says how it is called, what it means and what torch calls it comes out."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from ghndsl import resources
from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.ops.base import TABLE, Operator
from ghndsl.ops.signature import Attribute, attributes, show

_FAMILIES = {
    "Convolution": ("conv", "conv_transpose"),
    "Matrix products and tables": ("linear", "embedding"),
    "Activations": ("activation", "exponential", "bounded", "weighed", "softmax"),
    "Normalisation": ("norm", "instance_norm", "length", "local_response"),
    "Other sizes": ("interpolate",),
    "Pooling": ("pool", "adaptive", "reduction"),
    "Attention": ("attention", "dot_product", "window_attention", "relative_position"),
    "Recurrence": ("recurrent", "cells"),
    "Arithmetic": ("arithmetic", "elementary"),
    "Shapes and parts": ("shape", "squeeze", "join", "slice", "roll", "pad", "shuffle"),
    "Tensors of their own": ("parameter", "constant", "fill"),
    "Passing through": ("pass_through",),
}
"""The files in which the operators of each group are."""
_COUNTS = ("no", "one", "two", "three", "four")


def groups() -> dict[str, tuple[str, ...]]:
    """The words of all operators by group.

    >>> groups()["Convolution"]
    ('conv', 'conv_transpose')
    """
    found: dict[str, tuple[str, ...]] = {}
    for title, files in _FAMILIES.items():
        modules = {f"{__package__}.{file}" for file in files}
        found[title] = tuple(sorted(name for name, cls in TABLE.items() if cls.__module__ in modules))
    return found


def explain(word: str) -> str:
    """The page of an operator, by torch's name too, or of the code of a message; G005 when it is neither.

    >>> explain("relu").splitlines()[2], explain("nn.ReLU") == explain("relu")
    ('max(x, 0).', True)
    """
    operator = operator_of(word)
    if operator is not None:
        return page(TABLE[operator])
    if word[:1] in "gG" and word[1:].isdecimal():
        return resources.explain(word)
    hint = did_you_mean(word, TABLE)
    hint = hint or "`ghndsl explain` alone lists the operators and the codes"
    raise CompileError(Diagnostic("G005", f"there is no operator and no code `{word}`", help=hint))


def operator_of(word: str) -> str | None:
    """The operator that a word names: its own, or torch's, with its module or without, in large letters or small.

    >>> operator_of("conv"), operator_of("Conv2d"), operator_of("F.relu"), operator_of("torch.nn.LSTM")
    ('conv', 'conv', 'relu', 'lstm')
    >>> operator_of("MyLayer")
    """
    last = word.rpartition(".")[2]
    names = {name.rpartition(".")[2].casefold(): cls.name for cls in TABLE.values() for name in torch_names(cls)}
    return last if last in TABLE else names.get(last.casefold())


def page(cls: type[Operator]) -> str:
    """All that is said of an operator, as Markdown."""
    parts = [f"# {cls.name}", *paragraphs(cls), f"    {call(cls)}", " ".join(_told(cls))]
    rows = [f"| `{one.name}` | {_cell(one.kind)} | {_cell(_default(one))} |" for one in attributes(cls)]
    if rows:
        parts.append("\n".join(["| attribute | takes | by default |", "| --- | --- | --- |", *rows]))
    return "\n\n".join(parts) + "\n"


def described(cls: type[Operator]) -> dict[str, object]:
    """The same in parts."""
    return {
        "operator": cls.name,
        "call": call(cls),
        "takes": takes(cls),
        "gives": gives(cls),
        "torch": list(torch_names(cls)),
        "attributes": [{"name": a.name, "takes": a.kind, "default": _default(a) or None} for a in attributes(cls)],
        "text": page(cls),
    }


def listed() -> str:
    """Every operator by group, as a page."""
    parts = ["# Operators", _INTRODUCTION]
    for title, names in groups().items():
        rows = [_row(TABLE[name]) for name in names]
        head = ["| call | takes | gives | in torch | what it is |", "| --- | --- | --- | --- | --- |"]
        parts += [f"## {title}", "\n".join([*head, *rows])]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """\
What the language can call, with attributes and their defaults; `ghndsl explain NAME` says what each attribute takes.
Tensors come first, from a chain or as arguments: `x -> conv(8, 3)` is `conv(x, 8, 3)`. What stands behind `*` is given
by name alone, and `*size` takes all that remains. Sizes that follow from the input are never written. This page is made
of the operators themselves by `make operators`."""


def paragraphs(cls: type[Operator]) -> list[str]:
    """What an operator means, the shortest first; examples of Python left out."""
    text = inspect.cleandoc(cls.__doc__ or "")
    return [" ".join(part.split()) for part in text.split("\n\n") if not part.startswith(">>>")]


def call(cls: type[Operator]) -> str:
    """How an operator is called.

    >>> call(TABLE["max_pool"])
    'max_pool(kernel_size, stride=none, padding=0, dilation=1, *, ceil_mode=false)'
    """
    words: list[str] = []
    for one in sorted(attributes(cls), key=lambda one: not one.positional):
        if not one.positional and "*" not in words and not any(word.startswith("*") for word in words):
            words.append("*")
        words.append(f"*{one.name}" if one.name == cls.rest else _word(one))
    return f"{cls.name}({', '.join(words)})" if words else cls.name


def takes(cls: type[Operator]) -> str:
    """How many tensors an operator takes, in words."""
    if cls.tensors is None:
        return "one or more tensors, or a list of them"
    most = cls.tensors + cls.optional
    joint = "or" if cls.optional == 1 else "to"
    count = _COUNTS[most] if most == cls.tensors else f"{_COUNTS[cls.tensors]} {joint} {_COUNTS[most]}"
    return f"{count} tensor{'s' * (most > 1)}"


def gives(cls: type[Operator]) -> str:
    """How many tensors an operator gives, in words."""
    if cls.results is None:
        return "a list of tensors"
    return f"{_COUNTS[cls.results]} tensor{'s' * (cls.results > 1)}"


def torch_names(cls: type[Operator]) -> tuple[str, ...]:
    """What torch calls an operator; nothing where only an expression does the same.

    >>> torch_names(TABLE["conv"]), torch_names(TABLE["affine"])
    (('nn.Conv1d', 'nn.Conv2d', 'nn.Conv3d'), ())
    """
    if not cls.torch_name:
        return ()
    ranks = (1, 2, 3) if "{rank}" in cls.torch_name else (0,)
    return tuple(cls.torch_name.format(rank=rank) for rank in ranks)


def _told(cls: type[Operator]) -> Iterator[str]:
    yield f"It takes {takes(cls)} and gives {gives(cls)}."
    if cls.torch_name:
        yield f"In torch: {', '.join(f'`{name}`' for name in torch_names(cls))}."
    if cls.from_input:
        yield f"torch's `{cls.from_input}` follows from the input and is not written."


def _row(cls: type[Operator]) -> str:
    cells = (f"`{call(cls)}`", takes(cls), gives(cls), " ".join(f"`{name}`" for name in torch_names(cls)))
    return f"| {' | '.join([*cells, _cell(paragraphs(cls)[0])])} |"


def _word(one: Attribute) -> str:
    return one.name if one.required else f"{one.name}={_default(one)}"


def _default(one: Attribute) -> str:
    return "" if one.required else show(one.default)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
