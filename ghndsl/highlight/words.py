"""The language's own tables go in; its words and the shapes of its names, numbers and strings come out as patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from ghndsl import ops, resources
from ghndsl.language import tree
from ghndsl.language.builtins import FUNCTIONS
from ghndsl.types import DType

BLANK = r"[ \t]*"
SIZE = r"[A-Z][A-Z0-9_]*\b(?!\()"
"""A capital name that is not called stands for a size, or for a block of a very short name."""
LABEL = r"(?:\w|(?<=[\w}])-(?=[\w{]))+"
"""A dash is part of a label between two other parts of it."""
SIGN = r"\*\*|//|\.\.|[=!<>]=|[-+*/%<>=]"


class Words:
    """Patterns for regular expressions, as Python and the editors' Oniguruma both read them.

    >>> re.fullmatch(Words().constants, "true") is not None
    True
    """

    @cached_property
    def declarations(self) -> str:
        """The words that begin what has a name and a body."""
        return one_of(tree.DEFINITIONS)

    @cached_property
    def constants(self) -> str:
        """The words that are values."""
        return one_of(tree.CONSTANTS)

    @cached_property
    def word_operators(self) -> str:
        """The operators that are words."""
        return one_of(tree.WORD_OPERATORS)

    @cached_property
    def keywords(self) -> str:
        """All other words that the language keeps for itself."""
        return one_of(tree.KEYWORDS.difference(tree.DEFINITIONS, tree.CONSTANTS, tree.WORD_OPERATORS))

    @cached_property
    def types(self) -> str:
        """Static types and element types."""
        return one_of({*tree.STATIC_TYPES, *map(str, DType)})

    @cached_property
    def operators(self) -> str:
        """The operators of networks."""
        return one_of(ops.TABLE)

    @cached_property
    def functions(self) -> str:
        """The functions of the language, where they are called."""
        return rf"{one_of(FUNCTIONS)}(?={BLANK}\()"

    @cached_property
    def name(self) -> str:
        """A name that anything may have."""
        return terminal("NAME")

    @cached_property
    def integer(self) -> str:
        """A whole number."""
        return terminal("INT")

    @cached_property
    def float(self) -> str:
        """A number with a fraction or an exponent."""
        return terminal("FLOAT")

    @cached_property
    def string(self) -> str:
        """A string with its quotes."""
        return terminal("STRING")


def one_of(words: Iterable[str]) -> str:
    r"""The pattern of any of the words, whole.

    >>> one_of(["mul", "add"])
    '\\b(?:add|mul)\\b'
    """
    return rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})\b"


def terminal(name: str) -> str:
    """The pattern of a terminal as the grammar has it, its groups not captured.

    >>> terminal("NAME")
    '[^\\\\W\\\\d]\\\\w*'
    """
    text = resources.grammar("ghndsl").read_text(encoding="utf-8")
    found = re.search(rf"^{name}: /(.*)/$", text, re.MULTILINE)
    if found is None:
        raise LookupError(f"the grammar defines no pattern {name}")
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", found[1])
