"""A graph goes in; it comes out folded: blocks with parameters, calls and loops, for texts of any language."""

from ghndsl.language.refold.fold import fold
from ghndsl.language.refold.program import Program

__all__ = ["Program", "fold"]
