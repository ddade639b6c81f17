"""What a value is for, or a name from elsewhere, goes in; a name that is free to be given in a text comes out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import count

from ghndsl import ops
from ghndsl.language.builtins import FUNCTIONS
from ghndsl.language.tree import KEYWORDS, STATIC_TYPES
from ghndsl.ops import Operator

RESERVED = frozenset((*KEYWORDS, *ops.TABLE, *FUNCTIONS, *STATIC_TYPES))
"""Names that mean something already."""

_SHORT = {
    "out_channels": "channels",
    "out_features": "features",
    "kernel_size": "kernel",
    "output_size": "size",
    "fill_value": "value",
}


def short(name: str) -> str:
    """The everyday word for an attribute.

    >>> short("out_channels"), short("stride")
    ('channels', 'stride')
    """
    return _SHORT.get(name, name)


def identifier(text: str) -> str:
    """The nearest name to a text that could be one.

    >>> identifier("e1-0"), identifier("3x3"), identifier("for")
    ('e1_0', '_3x3', 'for_')
    """
    word = re.sub(r"\W", "_", text)
    word = word if re.match(r"[^\W\d]", word) else f"_{word}"
    return f"{word}_" if word in KEYWORDS else word


def free(stem: str, taken: Collection[str]) -> str:
    """The name itself, or the first with a number behind it that is not taken and means nothing else.

    >>> free("kernel", {"kernel", "kernel_2"}), free("conv", ())
    ('kernel_3', 'conv_2')
    """
    word = identifier(stem)
    names = (word if number == 1 else f"{word}_{number}" for number in count(1))
    return next(name for name in names if name not in taken and name not in RESERVED)


def type_word(values: Iterable[object]) -> str:
    """The type of a parameter that takes all these values.

    >>> type_word([3, (1, 7)]), type_word([1, 2]), type_word([True])
    ('size', 'int', 'bool')
    """
    words = {_type_word(value) for value in values}
    return words.pop() if len(words) == 1 else "size"


def _type_word(value: object) -> str:
    if isinstance(value, Operator):
        return "op"
    if isinstance(value, tuple):
        return "size"
    return "bool" if isinstance(value, bool) else _WORDS.get(type(value), "int")


_WORDS: dict[type[object], str] = {float: "float", str: "str"}
