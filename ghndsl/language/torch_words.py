"""A word of torch's, or of a library like it, goes in; what stands in its place here comes out."""

from __future__ import annotations

import re
from functools import cache

from ghndsl import ops
from ghndsl.diagnostics import did_you_mean
from ghndsl.types import DTYPES, DType


def operator_of(word: str) -> str | None:
    """The operator that has a word of torch's as its name there, or here; None when there is none.

    >>> operator_of("Conv2d"), operator_of("cat"), operator_of("view"), operator_of("MyLayer")
    ('conv', 'concat', 'reshape', None)
    """
    return word if word in ops.TABLE else _torch_words().get(word)


def of_torch(name: str, member: str | None) -> str | None:
    """A help line for a word of torch's, a module's prefix or `self`; `member` is what is asked of it."""
    if name in _MODULES and member is not None:
        operator = operator_of(member)
        return f"operators have no prefix: write `{operator}`" if operator else "operators have no prefix"
    if name == "self":
        return "there are no attributes: a layer is called where it is used, its weights named by `as`"
    return _CONSTRUCTS.get(name) or (f"here it is `{operator_of(name)}`" if operator_of(name) else None)


def dtype_hint(word: str) -> str | None:
    """A help line for a word that is no element type, when it is one of torch's or another common name of one."""
    known = {DType(one).torch_name: one for one in DTYPES} | _OTHER_DTYPES
    return f"here it is `{known[word]}`" if word in known else did_you_mean(word, DTYPES)


@cache
def _torch_words() -> dict[str, str]:
    """Torch's words for the operators, without the rank where only that tells them apart."""
    words = dict(_OTHER_WORDS)
    for cls in ops.TABLE.values():
        word = cls.torch_name.rpartition(".")[2]
        for rank in ("1", "2", "3") if "{rank}" in word else ("",):
            words.setdefault(word.replace("{rank}", rank), cls.name)
    return {word: name for word, name in words.items() if re.fullmatch(r"\w+", word)}


_OTHER_DTYPES = {
    "float": "f32",
    "fp32": "f32",
    "half": "f16",
    "fp16": "f16",
    "double": "f64",
    "long": "i64",
    "int": "i32",
    "short": "i16",
    "byte": "u8",
}
_OTHER_WORDS = {
    "view": "reshape",
    "dense": "linear",
    "Dense": "linear",
    "fc": "linear",
    "bn": "batch_norm",
    "swish": "silu",
    "global_avg_pool": "adaptive_avg_pool(1)",
}
"""Words of other libraries, and of torch's methods."""
_MODULES = ("nn", "torch", "F", "functional", "np", "tf", "keras", "layers")
_CONSTRUCTS = {
    "Sequential": "a chain without a source is one stage: `conv(8, 3) -> relu`",
    "ModuleList": "several stages make a list: `[conv(8, 3), conv(8, 5)]`",
}
