"""The graph hypernetwork: a network that makes the weights of other networks from their graphs."""

from ghndsl.ghn.config import GHNConfig, fit
from ghndsl.ghn.network import GHN, Origin

__all__ = ["GHN", "GHNConfig", "Origin", "fit"]
