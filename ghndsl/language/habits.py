"""The line in which a text stops making sense goes in; what its author has likely taken from elsewhere comes out."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cached_property

from ghndsl.records import record
from ghndsl.types import DTYPES

PLACE = "\0"
"""What stands in a line for the place at which it stops making sense."""


@record
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
        return re.compile(self.line.replace("¦", PLACE))


NUMBERS = "a number is written `5`, `0.5`, `1e-5` or `100K`"
"""What is told of a word that begins with a digit and is no number."""
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
_FUNCTION = "(?:def|fn|func|function|fun)"
_ONE = "one name is given a value at a time; `==` compares"
_ONE_OUTPUT = "each output has a statement of its own"
_LINE_END = frozenset(("_NL",))
_OPTIONS = frozenset(("LBRACE",))

TRAPS = (
    # Arrows and equals signs
    Trap(r"(?P<at>¦=>|¦\|>|>¦>)", "write `x -> f`", _LEADS),
    Trap(r"(?P<at>-[ \t]+¦>)", "there is no blank in `->`", _LEADS),
    Trap(r"(?P<at><¦>)", "write `!=`", "`<>` compares nothing here"),
    Trap(r"(?P<at>¦<-|:¦=)", "write `y = ...`", _GIVEN),
    Trap(r"^\s*\w+[ \t]*(?P<at>=¦=)", "`==` compares", _GIVEN),
    Trap(r"^\s*\w+[ \t]*=[^=¦]*(?P<at>¦=)(?!=)", _ONE, expected=_LINE_END),
    Trap(
        r"(?P<sign>->|\*\*|//|[-+*/%]|\b(?:and|or|in))¦\s*(?:#|$)",
        "a line goes on where the next one begins with `{sign}`",
    ),
    Trap(_DEFINITION + r"[^¦]*\)\s*(?P<at>¦->)", "`return` says what it gives", "the type of a result is not written"),
    Trap(
        r"^\s*(?P<word>\w+)[ \t]*(?P<at>¦(?P<sign>(?P<by>\*\*|//?|[-+*%])=))",
        "write `{word} = {word} {by} ...`",
        "`{sign}` is no sign of the language: a name is given a value by `=`",
    ),
    # Words and signs of other languages
    Trap(rf"^\s*(?P<at>¦{_FUNCTION}\b)", "a part of networks is a `block`: `block Twice(x) { ... }`"),
    Trap(
        rf"^\s*(?P<at>(?P<word>{_FUNCTION}))[ \t]+¦\w",
        "a part of networks is a `block`, a definition of its own: `block Twice(x) { ... }`",
        "`{word}` begins no statement",
    ),
    Trap(r"^\s*(?P<at>¦(?:class|model|module|net|network|graph)\b)", "a network is an `arch`: `arch net() { ... }`"),
    Trap(r"^\s*(?P<at>¦(?:import|from|include|require|using)\b)", _USE),
    Trap(r"^\s*(?P<at>¦(?://|/\*))", "a comment begins with `#`"),
    Trap(r"^\s*//[^¦]*¦", "a comment begins with `#`"),
    Trap(r"(?P<at>¦is[ \t]+not\b)", "write `!=`"),
    Trap(r"(?P<at>¦is\b)", "write `==`"),
    Trap(r"\[[^\]¦]*(?P<at>¦\.\.\.)", "dimensions that are left whole are written: `x[:, :, 0]`", "there is no `...`"),
    Trap(
        r"^\s*(?:for|if|where|choose)\b[^¦]*(?P<at>¦if\b)",
        "a conditional stands in parentheses here: `(a if test else b)`",
    ),
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
    Trap(
        r"\b(?P<at>lambda)[ \t]*¦[\w:]",
        "what is computed has a `block`: `block Twice(x) { ... }`",
        "there is no `lambda`",
    ),
    Trap(
        r"^\s*(?P<word>\w+)[ \t]*=[ \t]*(?P<at>if)[ \t]*¦",
        "write `{word} = a if test else b`",
        "an `if` with a body is a statement, and gives no value",
    ),
    Trap(r"[\[,][ \t]*(?P<at>¦\?)", "a size that is not known has a capital name: `N`", "`?` is no size"),
    Trap(
        rf":[ \t]*(?:{_TYPES}|op)(?P<at>¦\?)",
        "a parameter with a value may be left out: `k: int = 3`",
        "a type is written without `?`",
    ),
    Trap(r"->[^¦]*(?P<at>¦//)", "a comment begins with `#`", "`//` divides numbers, and a chain is none"),
    Trap(r"(?P<at>¦(?:elif|elseif|elsif)\b)", "write `else if`"),
    Trap(r"(?P<at>¦(?:then|do)\b)", _BODY, expected=_OPTIONS),
    Trap(r'\b(?P<at>[fFrRbBuU]¦"[^"]*"?)', "labels can be computed: `as conv{i}`", "no letter stands before a string"),
    Trap(r"^\s*(?P<at>(?P<word>\w+)¦\.append\b)", "write `{word} = {word} + [x]`", "a list is made anew, not changed"),
    Trap(r"^\s*(?P<at>\w+¦\.\w*)", _PLAIN, "values have no attributes"),
    Trap(
        r"^\s*(?P<names>(?:\w+\s*,\s*)+)(?P<at>¦[\[(])(?P<inner>[\w\s,]*)[\])](?P<rest>[\w\s,]*)=",
        "names stand without brackets: `{names}{inner}{rest}= ...`",
    ),
    Trap(r"^\s*(?P<at>¦[\[(])[\w\s,]*[\])]\s*=", "names stand without brackets: `a, b = ...`"),
    # Numbers
    Trap(r"(?:^|[^\w.)\]])(?P<at>¦\.\d+)", "a number begins with a digit: `0.5`"),
    Trap(r"(?P<at>¦0+(?P<word>[0-9][0-9.]*[KMG]?))(?!\w)", "write `{word}`", "a number does not begin with `0`"),
    Trap(
        r"(?:^|[^\w.])(?P<at>(?P<word>\d[\d.]*\.¦\w+))",
        NUMBERS,
        "`{word}` is no number",
    ),
    Trap(r"(?:^|[^\w.])(?P<at>\d+\.¦)(?!\w)", "write `5` or `5.0`", "a number ends with a digit"),
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
    Trap(
        _DEFINITION + r"[^¦]*[(,]\s*(?P<word>\w+)\s*=\s*(?P<value>[^,=¦]*?)\s*(?P<at>¦:)\s*(?P<kind>\w+)",
        "the type stands before the value: `{word}: {kind} = {value}`",
    ),
    Trap(r"\binput\s+\w*\s*¦", "an input has a type: `input image: f32[N, 3, 32, 32]`"),
    Trap(r"\b(?:output|exit)\s+[\w.]+\s*(?P<at>¦:)", "a value has the type: `y: f32[N, 10] = ...`, `output o = y`"),
    Trap(r"\b(?:output|exit)\s+[^=¦]*=[^¦]*(?P<at>¦,)", _ONE_OUTPUT, "an output is one value", _LINE_END),
    Trap(r"\b(?:output|exit)\s+[^=¦]*¦", _OUTPUT, expected=frozenset(("EQUAL",))),
    Trap(r"\b(?:output|exit)\s*¦=", _OUTPUT),
    Trap(rf"\b(?:{_DTYPES})\s*(?P<at>¦\()", "a shape stands in square brackets: `f32[N, 3, 32, 32]`"),
    # Labels
    Trap(r'\bas\s*(?P<at>¦"[^"]*"?)', "a label stands without quotes: `as stem`"),
    Trap(
        r"\bas\s+(?:[\w.-]|\{[^}¦]*\})*(?P<at>¦-)(?!>)",
        "as in `as block1-0` or `as block{s}-{i}`",
        "a dash stands between two other parts of a label",
    ),
    Trap(_LABEL + r"(?P<at>¦\[)", "a number can be part of a label: `as conv.1`, or computed `as conv{i}`"),
    # Choices
    Trap(r"^\s*choose\s+\w+\s+from\s*¦\{", "labelled branches follow the name: `choose op { ... }`"),
    Trap(r"^\s*choose\s+[\d.]+\s+from\b[^¦]*¦", "name what is chosen: `choose 2 inputs from ...`"),
    Trap(r"^\s*choose\s+[\w, ]+(?P<at>¦(?:in\b|=))", "write `choose k from [1, 3]`"),
    Trap(r"^\s*choose\b[^¦]*\bfrom\b[^¦]*(?P<at>¦,)", "the options are a list: `from [1, 3]`", expected=_OPTIONS),
    Trap(r"\w\s*:[^¦]*(?P<at>¦,)", "each branch has a line of its own", expected=frozenset(("RBRACE",))),
)
"""What people write who come from Python or another language; the first that fits is told."""
