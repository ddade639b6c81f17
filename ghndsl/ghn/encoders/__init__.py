"""A config goes in; the encoder that it names comes out, which turns the plan of graphs into states of their nodes."""

from __future__ import annotations

from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.encoders.base import Encoder
from ghndsl.ghn.encoders.ghn2 import GHN2
from ghndsl.ghn.encoders.ghn3 import GHN3
from ghndsl.ghn.encoders.gru import GRU

__all__ = ["Encoder", "make_encoder"]

_ENCODERS: dict[str, type[Encoder]] = {"gru": GRU, "ghn2": GHN2, "ghn3": GHN3}


def make_encoder(config: GHNConfig) -> Encoder:
    """The encoder of a hypernetwork, its first parameters drawn by torch's generator.

    >>> encoder = make_encoder(GHNConfig(encoder="ghn3", hidden=16, heads=4))
    >>> type(encoder).__name__, tuple(encoder.embedding.shape)[1:]
    ('GHN3', (16,))
    """
    return _ENCODERS[config.encoder](config)
