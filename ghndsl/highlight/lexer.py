"""The text of an `.arch` or `.nas` file goes in; Pygments' tokens come out, every character of the text in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from pygments import token
from pygments.lexer import RegexLexer, bygroups, default, include

if TYPE_CHECKING:
    from ghndsl.highlight.words import Words

States: TypeAlias = "dict[str, list[object]]"

_groups: Callable[..., object] = bygroups


class GhndslLexer(RegexLexer):
    """Colours for architectures and spaces of them, wherever Pygments is used: documents, notebooks, `rich`.

    The tables of the language are read at the first use, so that a program which only looks for lexers loads none.

    >>> [word for kind, word in GhndslLexer().get_tokens("x -> conv(3) as stem") if kind is token.Name.Label]
    ['stem']
    """

    name = "ghndsl"
    aliases: ClassVar[Sequence[str]] = ["ghndsl", "arch", "nas"]
    filenames: ClassVar[Sequence[str]] = ["*.arch", "*.nas"]
    mimetypes: ClassVar[Sequence[str]] = ["text/x-ghndsl"]

    @classmethod
    def get_tokendefs(cls) -> States:
        """The rules of each state; Pygments asks for them when the first lexer is made."""
        from ghndsl.highlight.words import Words

        words = Words()
        return {
            **_statements(words),
            **_choices(),
            "blank": _BLANKS,
            "expression": [*_words(words), *_signs()],
            **_brackets(words),
            **_links(words),
            **_labels(),
        }


_BLANKS: list[object] = [
    (r"[ \t\f\r\n\ufeff]+", token.Whitespace),
    (r"##[^\n]*", token.String.Doc),
    (r"#[^\n]*", token.Comment.Single),
]


def _statements(words: Words) -> States:
    return {
        "root": [
            include("blank"),
            (
                rf"({words.declarations})([ \t]+)({words.name})",
                _groups(token.Keyword.Declaration, token.Whitespace, token.Name.Class),
            ),
            (
                r"\b(use)\b([ \t]+)([\w.]+)",
                _groups(token.Keyword.Namespace, token.Whitespace, token.Name.Namespace),
            ),
            (r"\bchoose\b", token.Keyword, "choice"),
            (r"\b(?:output|exit)\b(?=[ \t]+[\w{])", token.Keyword, "label"),
            include("expression"),
            (r"\{", token.Punctuation, "#push"),
            (r"\}", token.Punctuation, "#pop"),
        ],
    }


def _choices() -> States:
    """A choice ends with its line, but for lines in its brackets and its branches."""
    from ghndsl.highlight.words import BLANK

    return {
        "choice": [
            (r"[ \t\f\r]*\n", token.Whitespace, "#pop"),
            include("blank"),
            (r"\{", token.Punctuation, ("#pop", "branches")),
            include("expression"),
            default("#pop"),
        ],
        "branches": [
            include("blank"),
            (rf"(\w+)({BLANK})(:)", _groups(token.Name.Label, token.Whitespace, token.Punctuation)),
            include("expression"),
            (r"\}", token.Punctuation, "#pop"),
        ],
    }


_LIST_TYPE = (token.Punctuation, token.Keyword.Type, token.Punctuation)


def _words(words: Words) -> list[object]:
    from ghndsl.highlight.words import BLANK, SIZE

    return [
        (r"->", token.Operator, "stage"),
        (r"\bas\b", token.Keyword, "label"),
        (rf"(:)({BLANK})({words.types})", _groups(token.Punctuation, token.Whitespace, token.Keyword.Type)),
        (rf"(:)({BLANK})(\[)({words.types})(\])", _groups(token.Punctuation, token.Whitespace, *_LIST_TYPE)),
        (words.string, token.String.Double),
        (words.float, token.Number.Float),
        (words.integer, token.Number.Integer),
        (words.constants, token.Keyword.Constant),
        (words.word_operators, token.Operator.Word),
        (rf"{words.declarations}", token.Keyword.Declaration),
        (words.keywords, token.Keyword),
        (r"(?<!\.)\.(?!\.)", token.Punctuation, "member"),
        (words.operators, token.Name.Builtin),
        (words.functions, token.Name.Builtin),
        (SIZE, token.Name.Constant),
        (rf"{words.name}(?={BLANK}\()", token.Name.Function),
        (words.name, token.Name),
    ]


def _signs() -> list[object]:
    from ghndsl.highlight.words import SIGN

    return [
        (SIGN, token.Operator),
        (r"[,:]", token.Punctuation),
        (r"\(", token.Punctuation, "parentheses"),
        (r"\[", token.Punctuation, "brackets"),
    ]


def _brackets(words: Words) -> States:
    from ghndsl.highlight.words import BLANK

    return {
        "parentheses": [
            (rf"({words.name})({BLANK})(=)(?!=)", _groups(token.Name.Attribute, token.Whitespace, token.Operator)),
            include("brackets"),
        ],
        "brackets": [
            include("blank"),
            include("expression"),
            (r"[)\]}]", token.Punctuation, "#pop"),
        ],
    }


def _links(words: Words) -> States:
    return {
        "stage": [
            (r"[ \t]+", token.Whitespace),
            (rf"(?!{words.keywords}|{words.operators}){words.name}", token.Name.Function, "#pop"),
            default("#pop"),
        ],
        "member": [
            (words.name, token.Name.Attribute, "#pop"),
            default("#pop"),
        ],
    }


def _labels() -> States:
    from ghndsl.highlight.words import LABEL

    return {
        "label": [
            (r"[ \t]+", token.Whitespace),
            default(("#pop", "path")),
        ],
        "path": [
            (LABEL, token.Name.Label),
            (r"\.(?!\.)", token.Punctuation),
            (r"\{", token.Punctuation, "computed"),
            default("#pop"),
        ],
        "computed": [
            include("blank"),
            include("expression"),
            (r"\}", token.Punctuation, "#pop"),
        ],
    }
