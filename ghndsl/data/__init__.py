"""Data sets by name or file, split, normalised and checked against the network they are for."""

from ghndsl.data.dataset import Dataset
from ghndsl.data.fingerprint import fingerprint
from ghndsl.data.fit import check_fit, fitted, image_size, main_output
from ghndsl.data.load import load
from ghndsl.data.scaling import Scale
from ghndsl.data.split import Split, sources
from ghndsl.data.tasks import Classes, Dense, Regression, Task, Tokens, figure

__all__ = [
    "Classes",
    "Dataset",
    "Dense",
    "Regression",
    "Scale",
    "Split",
    "Task",
    "Tokens",
    "check_fit",
    "figure",
    "fingerprint",
    "fitted",
    "image_size",
    "load",
    "main_output",
    "sources",
]
