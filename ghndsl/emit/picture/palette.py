"""An operator or a scope goes in; its colours come out, by family, and the words that a legend has for each.

Pictures have no background of their own, and are looked at on white and on black pages: every text stands on a light
fill that comes with it, and lines are of a grey that shows on both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ghndsl.ir import Scope
from ghndsl.ops import Operator

INK = "#1f2328"
"""The colour of texts."""
FAINT = "#4b535d"
"""The colour of texts beside edges, and of what is said in passing."""
PAPER = "#ffffff"
"""What texts that belong to no box stand on."""
QUIET = "#7a828c"
"""The colour of lines outside boxes."""


@dataclass(frozen=True)
class Colours:
    """What a legend calls it, the fill, and the border."""

    word: str
    fill: str
    line: str


BLOCK = Colours("block", "#e9e2f8", "#6b4fb3")
BLOCK_FRAME = Colours("block", "#f7f4fd", "#6b4fb3")
MOTIF = Colours("motif", "#cdeeea", "#1c7a72")
MOTIF_FRAME = Colours("motif", "#effaf8", "#1c7a72")
CHOICE = Colours("choice", "#ffe6a3", "#8a5a00")
CHOICE_FRAME = Colours("choice", "#fff3d1", "#8a5a00")
PORT = Colours("input, output", PAPER, QUIET)
EXIT = Colours("exit", "#fff3d6", "#8a5a00")
REPEAT = Colours("repeated", "#f6f7f9", "#57606a")

_CONV = Colours("convolution", "#cfe3ff", "#1f5fbf")
_LINEAR = Colours("linear, attention", "#d9d7ff", "#4b3fc4")
_LEARNED = Colours("learned tensor", "#f3d9ff", "#8536b3")
_NORM = Colours("normalisation", "#ffecb8", "#9a6200")
_ACTIVATION = Colours("activation", "#cdf3d5", "#1f7a3d")
_POOL = Colours("pooling, reduction", "#ffd9ea", "#b0306f")
_ARITHMETIC = Colours("arithmetic", "#ffd8d0", "#b83a1f")
_SHAPE = Colours("shape", "#e3e7ec", "#57606a")
_CONSTANT = Colours("constant, dropout", "#f3f4f6", "#6e7781")
OTHER = Colours("other", PAPER, "#57606a")

# By the file of the operator's class.
FAMILIES = {
    _CONV: ("conv", "conv_transpose"),
    _LINEAR: ("linear", "attention", "window_attention", "dot_product", "recurrent", "cells"),
    _LEARNED: ("parameter", "embedding", "relative_position"),
    _NORM: ("norm", "instance_norm", "length", "local_response"),
    _ACTIVATION: ("activation", "bounded", "exponential", "softmax", "weighed"),
    _POOL: ("pool", "adaptive", "reduction", "interpolate"),
    _ARITHMETIC: ("arithmetic", "elementary", "join"),
    _SHAPE: ("shape", "slice", "squeeze", "pad", "roll", "shuffle"),
    _CONSTANT: ("pass_through", "constant", "fill"),
}
_HOMES = {home: family for family, homes in FAMILIES.items() for home in homes}


def colours(op: Operator) -> Colours:
    """The colours of an operator's family.

    >>> from ghndsl import ops
    >>> colours(ops.Relu()) == colours(ops.Gelu()) != colours(ops.Linear(3))
    True
    """
    return _HOMES.get(type(op).__module__.rpartition(".")[2], OTHER)


def scope_colours(scope: Scope, *, frame: bool = False) -> Colours:
    """The colours of a block or a motif: folded to a box, or as the frame of what it holds."""
    if scope.kind == "motif":
        return MOTIF_FRAME if frame else MOTIF
    return BLOCK_FRAME if frame else BLOCK


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it: from 1 to 21, 4.5 for text that is easy to read.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@cache
def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
