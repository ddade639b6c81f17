"""The place at which a text stops making sense goes in; what its author has likely taken from elsewhere comes out."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from ghndsl.diagnostics import Source, Span
from ghndsl.types import DTYPES


@dataclass(frozen=True)
class Trap:
    """A way to go wrong: how the line looks, the place marked by `¦`, and what is told.

    The group `at` is what is wrong, or, when there is none, what stands at the place. Without a message, it is told
    what could stand there. `{word}` in a text is the group of that name. `expected` must all be what could stand there.
    """

    line: str
    help: str
    message: str | None = None
    expected: Set[str] = frozenset()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The line as it looks, read for its own sake."""
        return re.compile(self.line.replace("¦", _PLACE))


@dataclass(frozen=True)
class Trapped:
    """A trap that was met: the place of what is wrong, if it is not what stands at the place, and what is told."""

    span: Span | None
    message: str | None
    help: str


_PLACE = "\0"
_AFTER, _BEFORE = 80, 200


def trap(source: Source, place: int, expected: Set[str]) -> Trapped | None:
    """The trap that the author of a text fell into, when it is one of those that are known."""
    line = source.text.rfind("\n", 0, place) + 1
    start = max(line, place - _BEFORE)
    end = source.text.find("\n", place)
    after = source.text[place : min(place + _AFTER, end if end >= 0 else len(source.text))]
    window = source.text[start:place] + _PLACE + after
    for one in TRAPS:
        found = one.pattern.search(window) if expected >= one.expected else None
        if found:
            return _met(one, found, Span(source, start, place))
    return None


def _met(one: Trap, found: re.Match[str], before: Span) -> Trapped:
    """What a trap tells; `before` is the part of the window before the place, whose mark takes one character."""
    words = {name: (text or "").replace(_PLACE, "") for name, text in found.groupdict().items()}
    at = [before.start + offset for offset in found.span("at")] if "at" in words else None
    start, end = [offset - (offset > before.end) for offset in at] if at else (0, 0)
    message, hint = one.message, one.help
    for name, text in words.items():
        message, hint = message and message.replace(f"{{{name}}}", text), hint.replace(f"{{{name}}}", text)
    return Trapped(Span(before.source, start, end) if at else None, message, hint)


_LEADS = "`->` leads a value to a stage"
_GIVEN = "a name is given a value with `=`"
_PLAIN = "a value is given to a plain name: `y = ...`"
_BODY = "a body stands in braces: `{ ... }`"
_USE = "a `use` says which names it takes: `use std.conv (ConvBN)`"
_OUTPUT = "an output has a name: `output logits = ...`"
_FOR = "a loop goes over a list: `for i in range(3) { ... }`"
_TYPES = "int|float|bool|str|tensor|Tensor"
_DTYPES = "|".join(DTYPES)
_DEFINITION = r"^\s*(?:arch|block|motif|space)\s+"
_LABEL = r"\bas\s+[\w.{}]*\w"
_OPTIONS = frozenset(("LBRACE",))

TRAPS = (
    # Arrows and equals signs
    Trap(r"(?P<at>¦=>|¦\|>|>¦>)", "write `x -> f`", _LEADS),
    Trap(r"(?P<at>-[ \t]+¦>)", "there is no blank in `->`", _LEADS),
    Trap(r"(?P<at><¦>)", "write `!=`", "`<>` compares nothing here"),
    Trap(r"(?P<at>¦<-|:¦=)", "write `y = ...`", _GIVEN),
    Trap(r"^\s*\w+[ \t]*(?P<at>=¦=)", "`==` compares", _GIVEN),
    Trap(
        r"^\s*(?P<word>\w+)[ \t]*(?P<at>¦(?P<sign>(?P<by>\*\*|//?|[-+*%])=))",
        "write `{word} = {word} {by} ...`",
        "`{sign}` is no sign of the language: a name is given a value by `=`",
    ),
    # Words and signs of other languages
    Trap(r"^\s*(?P<at>¦(?:def|fn|func|function|fun)\b)", "a part of networks is a `block`: `block Twice(x) { ... }`"),
    Trap(r"^\s*(?P<at>¦(?:class|model|module|net|network|graph)\b)", "a network is an `arch`: `arch net() { ... }`"),
    Trap(r"^\s*(?P<at>¦(?:import|from|include|require|using)\b)", _USE),
    Trap(r"^\s*(?P<at>¦(?://|/\*))", "a comment begins with `#`"),
    Trap(r'^\s*(?P<at>¦""")', "documentation stands above a definition, in lines that begin with `##`"),
    Trap(r"^\s*(?P<at>(?P<word>while|loop|foreach|repeat))\b[^¦]*¦", _FOR, "`{word}` begins no statement"),
    Trap(r"^\s*for\s*¦\(|^\s*for\s+\w+\s*¦=", _FOR),
    Trap(r"^\s*(?P<at>(?P<word>elif|elseif|elsif))\b[^¦]*¦", "write `else if`", "`{word}` begins no statement"),
    Trap(
        rf"^\s*(?P<at>(?P<word>let|var|val|const|auto|final|{_TYPES}))[ \t]+¦\w",
        "write `y = ...`",
        "`{word}` begins no statement",
    ),
    Trap(rf"[(,]\s*(?P<at>(?P<word>{_TYPES}|size|op))[ \t]+¦\w", "write `width: int`", "a type follows its name"),
    Trap(
        r"^\s*(?P<at>(?P<word>pass|break|continue))¦\s*(?:#|$)", "a body may be empty: `{}`", "`{word}` is no statement"
    ),
    Trap(r"(?P<at>¦(?:elif|elseif|elsif)\b)", "write `else if`"),
    Trap(r"(?P<at>¦(?:then|do)\b)", _BODY, expected=_OPTIONS),
    Trap(r'\b(?P<at>[fFrRbBuU]¦"[^"]*"?)', "labels can be computed: `as conv{i}`", "no letter stands before a string"),
    Trap(r"^\s*(?P<at>\w+¦\.\w*)", _PLAIN, "values have no attributes"),
    Trap(r"^\s*(?P<at>¦[\[(])[\w\s,]*[\])]\s*=", "names stand without brackets: `a, b = ...`"),
    # Numbers
    Trap(r"(?:^|[^\w.)\]])(?P<at>¦\.\d+)", "a number begins with a digit: `0.5`"),
    Trap(r"(?:^|[^\w.])(?P<at>\d+\.¦)", "write `5` or `5.0`", "a number ends with a digit"),
    Trap(r"(?P<at>¦\d[\d_]*_\d+)(?!\w)", "`100K` is short for 100000", "a number is written without `_`"),
    Trap(r"(?P<at>¦\d+[kmg])(?!\w)", "`64K` is 64000", "`K`, `M` and `G` at the end of a number are capital letters"),
    # Definitions and what stands in them
    Trap(
        _DEFINITION + r"\w+\s*(?P<at>¦\{)",
        "parameters stand in parentheses, even if there are none: `arch net() { ... }`",
    ),
    Trap(_DEFINITION + r"\w+(?P<at>¦-)", "a name is made of letters, digits and `_`"),
    Trap(r"^\s*use\s[^(¦]*¦", _USE),
    Trap(r"^\s*use\s[^¦]*\([^)¦]*(?P<at>¦\*)", "the names are written out: `use std.conv (ConvBN, ReLUConvBN)`"),
    Trap(r"^\s*use\s[^¦]*\([^)¦]*(?P<at>¦as\b)", "a name is taken as it is"),
    Trap(r"\binput\s+\w*\s*¦", "an input has a type: `input image: f32[N, 3, 32, 32]`"),
    Trap(r"\b(?:output|exit)\s+[^=¦]*¦", _OUTPUT, expected=frozenset(("EQUAL",))),
    Trap(r"\b(?:output|exit)\s*¦=", _OUTPUT),
    Trap(rf"\b(?:{_DTYPES})\s*(?P<at>¦\()", "a shape stands in square brackets: `f32[N, 3, 32, 32]`"),
    # Labels
    Trap(r'\bas\s*(?P<at>¦"[^"]*"?)', "a label stands without quotes: `as stem`"),
    Trap(_LABEL + r"(?P<at>¦-)\w", "labels are made of letters, digits, `_` and dots", "`-` cannot be part of a label"),
    Trap(_LABEL + r"(?P<at>¦\[)", "a number can be part of a label: `as conv.1`, or computed `as conv{i}`"),
    # Choices
    Trap(r"^\s*choose\s+\w+\s+from\s*¦\{", "labelled branches follow the name: `choose op { ... }`"),
    Trap(r"^\s*choose\s+[\d.]+\s+from\b[^¦]*¦", "name what is chosen: `choose 2 inputs from ...`"),
    Trap(r"^\s*choose\s+[\w, ]+(?P<at>¦(?:in\b|=))", "write `choose k from [1, 3]`"),
    Trap(r"^\s*choose\b[^¦]*\bfrom\b[^¦]*(?P<at>¦,)", "the options are a list: `from [1, 3]`", expected=_OPTIONS),
    Trap(r"\w\s*:[^¦]*(?P<at>¦,)", "each branch has a line of its own", expected=frozenset(("RBRACE",))),
)
"""What people write who come from Python or another language; the first that fits is told."""
