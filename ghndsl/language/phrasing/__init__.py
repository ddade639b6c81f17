"""A folded graph goes in; the syntax tree of a text comes out that is elaborated to the same graph."""

from ghndsl.language.phrasing.file import phrased

__all__ = ["phrased"]
