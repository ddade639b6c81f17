"""Image sets by name or file, split, normalised and checked against the network they are for."""

from ghndsl.data.dataset import Dataset, Split
from ghndsl.data.fit import check_fit, image_input, main_output
from ghndsl.data.load import load

__all__ = ["Dataset", "Split", "check_fit", "image_input", "load", "main_output"]
