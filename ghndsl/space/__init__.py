"""Spaces of architectures: exact sizes, candidates by number, by chance and by line, and their graphs."""

from ghndsl.space.candidate import Candidate, read_line
from ghndsl.space.space import Space

__all__ = ["Candidate", "Space", "read_line"]
