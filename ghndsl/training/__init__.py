"""Training and evaluating one network on a data set, and the files its weights are kept in."""

from ghndsl.training.evaluate import Metrics, evaluate
from ghndsl.training.progress import Progress
from ghndsl.training.score import score
from ghndsl.training.settings import PRESETS, Settings, preset
from ghndsl.training.train import Epoch, Trained, train
from ghndsl.training.weights import load_weights, save_weights

__all__ = [
    "PRESETS",
    "Epoch",
    "Metrics",
    "Progress",
    "Settings",
    "Trained",
    "evaluate",
    "load_weights",
    "preset",
    "save_weights",
    "score",
    "train",
]
