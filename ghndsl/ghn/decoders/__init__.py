"""The hypernetwork H: states of nodes go in, weights come out; each weight by the first decoder that can make it."""

from ghndsl.ghn.decoders.chain import Decoder, decoding
from ghndsl.ghn.decoders.targets import Decoding, Target

__all__ = ["Decoder", "Decoding", "Target", "decoding"]
