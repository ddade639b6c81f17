"""How far training is goes in, 0 to 1; the learning rate, as a share of its peak, comes out."""

from __future__ import annotations

import math


def warm_cosine(done: float, warmup: float) -> float:
    """A linear rise over the first `warmup`, then half a cosine down to zero.

    >>> [round(warm_cosine(done, 0.2), 2) for done in (0, 0.1, 0.2, 0.6, 1)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    if done < warmup:
        return done / warmup
    rest = (done - warmup) / (1 - warmup) if warmup < 1 else 0.0
    return 0.5 + 0.5 * math.cos(math.pi * min(rest, 1.0))


def warm_constant(done: float, warmup: float) -> float:
    """A linear rise over the first `warmup`, then the peak.

    >>> warm_constant(0.1, 0.2), warm_constant(0.5, 0.2)
    (0.5, 1.0)
    """
    return min(1.0, done / warmup) if warmup else 1.0


def halving(done: float) -> float:
    """The peak, halved at one half and at three quarters (Zhang et al., ICLR 2019, section 5).

    >>> halving(0.4), halving(0.5), halving(0.9)
    (1.0, 0.5, 0.25)
    """
    return 1.0 if done < 0.5 else 0.5 if done < 0.75 else 0.25
