"""A name of a shipped grammar, spec or error page goes in; its path, in a checkout or a wheel alike, comes out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean


@cache
def root() -> Path:
    """The folder that holds `grammars`, `specs` and `errors`."""
    installed = Path(__file__).parent / "_resources"
    return installed if installed.is_dir() else Path(__file__).parent.parent


def grammar(name: str) -> Path:
    """The path of a grammar.

    >>> grammar("ghndsl").name
    'ghndsl.lark'
    """
    return root() / "grammars" / f"{name}.lark"


def specs() -> Path:
    """The folder of the specs that ship: `networks`, `spaces` and `std`."""
    return root() / "specs"


def errors() -> Path:
    """The folder of the pages that `ghndsl explain` prints, one a code."""
    folder = root() / "errors"
    return folder if folder.is_dir() else root() / "docs" / "errors"


def titles() -> dict[str, str]:
    """What each code says, by code.

    >>> titles()["G204"]
    'shapes that do not fit together'
    """
    heads = [page.read_text(encoding="utf-8").split("\n", 1)[0] for page in sorted(errors().glob("G*.md"))]
    return dict(head.removeprefix("# ").split(": ", 1) for head in heads)


def explain(code: str) -> str:
    """The page of a diagnostic's code: what it says, why, a wrong example and the right one; G005 when there is none.

    >>> explain("g204").splitlines()[0]
    '# G204: shapes that do not fit together'
    """
    known = {path.stem: path for path in errors().glob("G*.md")}
    page = known.get(code.strip().upper())
    if page is None:
        hint = did_you_mean(code.upper(), known)
        raise CompileError(Diagnostic("G005", f"there is no code `{code}`", help=hint))
    return page.read_text(encoding="utf-8")
