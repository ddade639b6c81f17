"""A word of torch's, or of a library like it, goes in; what stands in its place here comes out."""

from __future__ import annotations

import re
from functools import cache

from ghndsl import ops
from ghndsl.diagnostics import did_you_mean
from ghndsl.language import tree
from ghndsl.language.absent import folded, instead_of_word
from ghndsl.language.torch_calls import as_written, member_of, without_size
from ghndsl.types import DTYPES, DType


def operator_of(word: str) -> str | None:
    """The operator that has a word of torch's as its name there, or here; None when there is none.

    >>> operator_of("Conv2d"), operator_of("cat"), operator_of("view"), operator_of("MyLayer")
    ('conv', 'concat', 'reshape', None)
    """
    return word if word in ops.TABLE else _torch_words().get(folded(word))


def of_torch(name: str, around: tree.Expression | None) -> str | None:
    """A help line for a word of torch's, a module's prefix or `self`; `around` is the call or member it begins."""
    member = member_of(around)
    if name in _MODULES and member is not None:
        operator = operator_of(member)
        if operator is None:
            return instead_of_word(member) or "operators have no prefix"
        return without_size(operator, around) or f"operators have no prefix: write `{as_written(operator, around)}`"
    if name == "self":
        return "there are no attributes: a layer is called where it is used, its weights named by `as`"
    operator = operator_of(name)
    if operator is None:
        return None
    return without_size(operator, around) or f"here it is `{as_written(operator, around)}`"


def dtype_hint(word: str) -> str | None:
    """A help line for a word that is no element type, when it is one of torch's or another common name of one."""
    known = {DType(one).torch_name: one for one in DTYPES} | _OTHER_DTYPES
    return f"here it is `{known[word]}`" if word in known else did_you_mean(word, DTYPES)


@cache
def _torch_words() -> dict[str, str]:
    """Torch's words for the operators, without the rank where only that tells them apart."""
    words = {folded(word): name for word, name in _OTHER_WORDS.items()}
    for cls in ops.TABLE.values():
        word = cls.torch_name.rpartition(".")[2]
        for rank in ("1", "2", "3") if "{rank}" in word else ("",):
            words.setdefault(folded(word.replace("{rank}", rank)), cls.name)
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
    "fc": "linear",
    "bn": "batch_norm",
    "swish": "silu",
    "clip": "clamp",
    "clamp_min": "clamp",
    "clamp_max": "clamp",
    "lrn": "local_response_norm",
    "global_avg_pool": "adaptive_avg_pool(1)",
    "multihead_attention": "attention",
    "mha": "attention",
    "self_attention": "attention",
    "dropout1d": "dropout",
    "dropout2d": "dropout",
    "dropout3d": "dropout",
    "drop_path": "stochastic_depth",
    "upsample": "interpolate",
    "upsampling2d": "interpolate(scale_factor=2)",
    "upsampling_nearest2d": "interpolate(scale_factor=2)",
    "upsampling_bilinear2d": 'interpolate(scale_factor=2, mode="bilinear", align_corners=true)',
}
"""Words of other libraries, and of torch's methods."""
_MODULES = ("nn", "torch", "F", "functional", "np", "tf", "keras", "layers")
