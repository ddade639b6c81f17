"""A text goes in; its characters come out with the colours they get, in Pygments and, by a grammar, in editors."""

from ghndsl.highlight.lexer import GhndslLexer

__all__ = ["GhndslLexer"]
