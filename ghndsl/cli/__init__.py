"""The command line: words go in; one function is called, and what it found is printed."""

from ghndsl.cli.main import main

__all__ = ["main"]
