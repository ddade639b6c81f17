"""Numbers, types and places go in; the short texts that pictures and tables show for them come out."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from ghndsl.diagnostics import Span
from ghndsl.ir import Graph, Node, Scope, per_sample
from ghndsl.types import Dim, DType, TensorType

_REAL = re.compile(r"(?<![\w.])\d+(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+)(?![\w.])")
_DIGITS = 6


def count(number: int) -> str:
    """A number in three digits.

    >>> count(512), count(25_557_032), count(9_999)
    ('512', '25.6M', '10K')
    """
    value, units = float(number), ["", "K", "M", "G", "T"]
    while round(value) >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g}{units[0]}" if value < 999.5 else f"{value:.0f}{units[0]}"


def sizes(kind: TensorType, batch: str | None) -> str:
    """A shape for one sample, as papers write it.

    >>> from ghndsl.types import symbol
    >>> sizes(TensorType((symbol("N"), 64, 56, 56)), "N")
    '64×56×56'
    """
    shape = kind.shape[1:] if kind.shape and str(kind.shape[0]) == batch else kind.shape
    dtype = "" if kind.dtype is DType.F32 else f"{kind.dtype} "
    return dtype + ("×".join(map(str, shape)) or "scalar")


def measures(params: int, macs: int | None) -> str:
    """What is worth saying of what something costs.

    >>> measures(9408, 118_013_952), measures(0, None)
    ('9.41K params, 118M MACs', '')
    """
    parts = [f"{count(params)} params"] if params else []
    return ", ".join([*parts, f"{count(macs)} MACs"] if macs else parts)


def cost(graph: Graph, nodes: Sequence[Node]) -> tuple[int, int | None]:
    """The params of nodes, shared ones once, and their MACs for one sample, None while sizes are unknown."""
    weights = {node.weight_path(w): w.numel for node in nodes for w in node.weights if w.trainable}
    total: Dim = 0
    for node in nodes:
        total = total + node.macs
    return sum(weights.values()), per_sample(graph, total)


def tooltip(span: Span | None, *more: str) -> str:
    """The place in the spec and the line there, then whatever else.

    >>> from ghndsl.diagnostics import Source
    >>> print(tooltip(Span(Source("net.arch", "x = a -> relu"), 4, 13), "f32[1]"))
    net.arch:1:5: x = a -> relu
    f32[1]
    """
    place = [] if span is None else [f"{span}: {span.source.line(span.source.position(span.start)[0]).strip()}"]
    return "\n".join([*place, *more])


def times(number: int) -> str:
    """How often something is repeated, if it is.

    >>> times(3), times(1)
    (' ×3', '')
    """
    return f" ×{number}" if number > 1 else ""


def below(path: str, scopes: Sequence[Scope]) -> str:
    """The part of a path that the path of what is around it does not say already.

    >>> below("layer1.0.conv1", [Scope("block", "B", "layer1.0")]), below("fc", [Scope("block", "B", "fc")])
    ('conv1', '')
    """
    prefix = scopes[-1].path if scopes else ""
    if path == prefix:
        return ""
    return path.removeprefix(f"{prefix}.") if prefix else path


def spanned(paths: Sequence[str]) -> str:
    """The first and the last of some paths, of the last what is not in the first.

    >>> spanned(["layer1.0", "layer1.1", "layer1.2"]), spanned(["a0", "a1"]), spanned(["", ""])
    ('layer1.0 – 2', 'a0 – a1', '')
    """
    if paths[0] == paths[-1] or not paths[-1]:
        return paths[0]
    first, last = paths[0].split("."), paths[-1].split(".")
    while len(last) > 1 and first and first[0] == last[0]:
        first, last = first[1:], last[1:]
    return f"{paths[0]} – {'.'.join(last)}" if paths[0] else paths[-1]


def listed(words: Sequence[str], limit: int = 44) -> str:
    """As many of the words as there is room for, one at least, and how many more there are.

    >>> listed(["layer1.0", "layer1.1", "layer1.2"], 20)
    'layer1.0, layer1.1 and 1 more'
    """
    shown = list(words[:1])
    for word in words[1:]:
        if len(", ".join([*shown, word])) > limit:
            break
        shown.append(word)
    rest = len(words) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def shortened(text: str, limit: int = 44) -> str:
    """The text, its end left out where it is long."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def tidy(text: str) -> str:
    """The text of an operator, its real numbers in six digits, as a person wants to read them.

    >>> tidy("stochastic_depth(0.0550000000000001)"), tidy("leaky_relu(0.01)"), tidy("affine(1e-05, 12345678)")
    ('stochastic_depth(0.055)', 'leaky_relu(0.01)', 'affine(1e-05, 12345678)')
    """
    return _REAL.sub(lambda found: found[0] if len(found[0]) <= _DIGITS else f"{float(found[0]):.{_DIGITS}g}", text)


def printable(text: str) -> str:
    """The text with a dot for each control character, which XML and so SVG cannot hold."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text)


def escaped(text: str) -> str:
    """The text as HTML has it."""
    return html.escape(printable(text))
