"""Estimators of how good a candidate is, one a file; each measures candidates one by one, then all get a score."""

from ghndsl.search.scorers.base import Estimator, Measured, Setting
from ghndsl.search.scorers.names import BEST, NAMES, prepare, scorer_name, scores, stages, terms, uses_ghn, wanted
from ghndsl.search.scorers.vote import UPPER, Scorer, Together, signed

__all__ = [
    "BEST",
    "NAMES",
    "UPPER",
    "Estimator",
    "Measured",
    "Scorer",
    "Setting",
    "Together",
    "prepare",
    "scorer_name",
    "scores",
    "signed",
    "stages",
    "terms",
    "uses_ghn",
    "wanted",
]
