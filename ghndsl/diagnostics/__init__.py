"""A text and a place in it go in; a refusal a person can act on, rendered in the manner of rustc, comes out."""

from ghndsl.diagnostics.diagnostic import CompileError, Diagnostic
from ghndsl.diagnostics.excerpt import printable
from ghndsl.diagnostics.likely import did_you_mean
from ghndsl.diagnostics.source import Mark, Source, Span

__all__ = ["CompileError", "Diagnostic", "Mark", "Source", "Span", "did_you_mean", "printable"]
