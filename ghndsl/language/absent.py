"""A word of torch's or Python's for what the language lacks goes in; what is written in its place comes out."""

from __future__ import annotations

import re


def instead_of_word(word: str) -> str | None:
    """A help line for a word that is known to name nothing here; None for all others.

    >>> instead_of_word("sqrt"), instead_of_word("argmax")
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
_RECURRENT = f"{_NO_OPERATOR}; there are `lstm` and `gru`"
_PADS = "write `pad((1, 1, 2, 2))`: before and after the last dimension, then those of the one before it"
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
    "rnn": _RECURRENT,
    "rnncell": f"{_NO_OPERATOR}; there are `lstm_cell` and `gru_cell`",
    "zeropad": _PADS,
    "constantpad": _PADS,
    "reflectionpad": 'write `pad((1, 1, 1, 1), "reflect")`',
    "replicationpad": 'write `pad((1, 1, 1, 1), "replicate")`',
    "circularpad": 'write `pad((1, 1, 1, 1), "circular")`',
    "bmm": "a product of matrices is `matmul(a, b)`",
    "mm": "a product of matrices is `matmul(a, b)`",
    "einsum": f"{_NO_OPERATOR}; there are `matmul`, `permute` and `reshape`",
    "fold": _NO_OPERATOR,
    "norm": f"{_NO_OPERATOR}; there are `batch_norm`, `layer_norm`, `group_norm`, `rms_norm` and `l2_normalize`",
    "maximum": "tensors of one shape are compared one on the other: `stack(a, b) -> max(dim=0)`",
    "minimum": "tensors of one shape are compared one on the other: `stack(a, b) -> min(dim=0)`",
    "flops": "write `macs`: it counts products with their sums, each about two of those",
}
"""What is said of each word, in small letters without underscores."""
ABSENT = frozenset(
    re.findall(
        r"\w+",
        """
        adaptivelogsoftmaxwithloss alphadropout argmax bilinear cosinesimilarity cumsum embeddingbag
        featurealphadropout fractionalmaxpool gather gridsample hardshrink log lppool maskedfill maxunpool
        onehot pairwisedistance rrelu scatter softmin softshrink softsign spectralnorm std syncbatchnorm tan
        tanhshrink threshold transformer transformerdecoder transformerdecoderlayer transformerencoder
        transformerencoderlayer tril triu unfold var weightnorm
        """,
    )
)
"""Operators of torch that are none here, and have no near one."""
