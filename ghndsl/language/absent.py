"""A word of torch's or Python's for what the language lacks goes in; what is written in its place comes out."""

from __future__ import annotations

import re


def instead_of_word(word: str) -> str | None:
    """A help line for a word that is known to name nothing here; None for all others.

    >>> instead_of_word("sqrt"), instead_of_word("PReLU")
    ('write `x ** 0.5`', 'there is no such operator')
    >>> instead_of_word("MyLayer") is None
    True
    """
    plain = re.sub(r"(?<=[a-z])[123]d$", "", folded(word))
    if plain.endswith(("loss", "crossentropy")):
        return "losses are no part of a network; it gives out what they compare"
    return INSTEAD.get(plain) or (_NO_OPERATOR if plain in ABSENT else None)


def folded(word: str) -> str:
    """A word as it reads in capitals, in small letters and with underscores alike."""
    return word.lower().replace("_", "")


_NO_OPERATOR = "there is no such operator"
_SHAPES = f"{_NO_OPERATOR}; `reshape` gives a tensor another shape"
_WIDENS = f"{_NO_OPERATOR}; `conv_transpose` with a stride makes images larger"
_RECURRENT = f"{_NO_OPERATOR}; there are `lstm` and `gru`"
_PADDED = f"{_NO_OPERATOR}; convolutions and pools have `padding`"
INSTEAD = {
    "sequential": "a chain without a source is one stage: `conv(8, 3) -> relu`",
    "modulelist": "several stages make a list: `[conv(8, 3), conv(8, 5)]`",
    "sqrt": "write `x ** 0.5`",
    "rsqrt": "write `x ** -0.5`",
    "square": "write `x ** 2`",
    "chunk": "`split` takes the size of a part, not how many: `x -> split(8, 1)`",
    "append": "a list is made anew: `xs = xs + [x]`",
    "zip": "lists are gone through by number: `for i in range(len(a)) { ... }`, with `a[i]` and `b[i]`",
    "enumerate": "lists are gone through by number: `for i in range(len(a)) { ... }`, with `a[i]`",
    "print": "nothing is run: `ghndsl show` prints the network",
    "squeeze": _SHAPES,
    "unsqueeze": _SHAPES,
    "interpolate": _WIDENS,
    "upsample": _WIDENS,
    "upsamplingnearest": _WIDENS,
    "upsamplingbilinear": _WIDENS,
    "rnn": _RECURRENT,
    "rnncell": f"{_NO_OPERATOR}; there are `lstm_cell` and `gru_cell`",
    "pad": _PADDED,
    "bmm": "a product of matrices is `matmul(a, b)`",
    "mm": "a product of matrices is `matmul(a, b)`",
    "einsum": f"{_NO_OPERATOR}; there are `matmul`, `permute` and `reshape`",
    "fold": _NO_OPERATOR,
    "norm": f"{_NO_OPERATOR}; there are `batch_norm`, `layer_norm`, `group_norm` and `instance_norm`",
    "flops": "write `macs`: it counts products with their sums, each about two of those",
}
"""What is said of each word, in small letters without underscores."""
ABSENT = frozenset(
    re.findall(
        r"\w+",
        """
        adaptivelogsoftmaxwithloss adaptivemaxpool alphadropout argmax bilinear celu channelshuffle circularpad clamp
        clip constantpad cos cosinesimilarity cumsum embeddingbag featurealphadropout fractionalmaxpool gather glu
        gridsample hardshrink hardtanh localresponsenorm log logsigmoid lppool maskedfill maxunpool normalize onehot
        pairwisedistance pixelshuffle pixelunshuffle prelu reflectionpad replicationpad rmsnorm roll rrelu scatter selu
        sin tan
        softmin softshrink softsign spectralnorm std syncbatchnorm tanhshrink threshold transformer transformerdecoder
        transformerdecoderlayer transformerencoder transformerencoderlayer tril triu unfold var weightnorm zeropad
        """,
    )
)
"""Operators of torch that are none here, and have no near one."""
