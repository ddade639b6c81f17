"""Networks that answer at any budget: accuracy against multiply-adds, over the exits of one network."""

from ghndsl.training.anytime.answers import Answers, answers
from ghndsl.training.anytime.budgets import Budgets, check_within, parse_budgets
from ghndsl.training.anytime.curve import Curve, Point, area, curve_of, mean_loss
from ghndsl.training.anytime.judge import Judged, anytime_metric, between, judged, measured
from ghndsl.training.anytime.leaving import Batch, Confidences, budgeted, confidences

__all__ = [
    "Answers",
    "Batch",
    "Budgets",
    "Confidences",
    "Curve",
    "Judged",
    "Point",
    "answers",
    "anytime_metric",
    "area",
    "between",
    "budgeted",
    "check_within",
    "confidences",
    "curve_of",
    "judged",
    "mean_loss",
    "measured",
    "parse_budgets",
]
