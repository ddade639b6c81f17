"""Estimators of how good a candidate is, one a file; each measures candidates one by one, then all get a score."""

from ghndsl.search.scorers.base import Estimator, Measured, Setting
from ghndsl.search.scorers.names import BEST, NAMES, prepare, scorer_name, scores, terms, uses_ghn

__all__ = ["BEST", "NAMES", "Estimator", "Measured", "Setting", "prepare", "scorer_name", "scores", "terms", "uses_ghn"]
