"""Training and evaluating one network on a data set, and the files its weights are kept in."""

from ghndsl.training.evaluate import Metrics, evaluate
from ghndsl.training.learner import Epoch
from ghndsl.training.presets import PRESETS, preset
from ghndsl.training.progress import Progress
from ghndsl.training.score import score
from ghndsl.training.settings import Settings
from ghndsl.training.several import Run, best, spread, train_several
from ghndsl.training.train import Trained, train
from ghndsl.training.weights import load_weights, save_weights

__all__ = [
    "PRESETS",
    "Epoch",
    "Metrics",
    "Progress",
    "Run",
    "Settings",
    "Trained",
    "best",
    "evaluate",
    "load_weights",
    "preset",
    "save_weights",
    "score",
    "spread",
    "train",
    "train_several",
]
