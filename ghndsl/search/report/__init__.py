"""A run's folder goes in; a page that tells what was found, and its plots, come out."""

from ghndsl.search.report.facts import Facts, facts
from ghndsl.search.report.page import page
from ghndsl.search.report.plots import plots

__all__ = ["Facts", "facts", "page", "plots"]
