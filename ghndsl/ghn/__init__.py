"""The graph hypernetwork: a network that makes the weights of other networks from their graphs."""

from ghndsl.ghn.config import GHNConfig, fit
from ghndsl.ghn.network import GHN, Origin
from ghndsl.ghn.settings import GHNSettings
from ghndsl.ghn.train import TrainedGHN, train_ghn

__all__ = [
    "GHN",
    "GHNConfig",
    "GHNSettings",
    "Origin",
    "TrainedGHN",
    "fit",
    "train_ghn",
]
