"""Estimators of how good a candidate is, one a file; each measures candidates one by one, then gives all a score."""

from ghndsl.search.scorers.base import Estimator, Measured, Setting
from ghndsl.search.scorers.names import BEST, NAMES, prepare, scorer_name, terms
from ghndsl.search.scorers.vote import tally

__all__ = ["BEST", "NAMES", "Estimator", "Measured", "Setting", "prepare", "scorer_name", "tally", "terms"]
