"""A name of a shipped grammar, spec or error page goes in; its path, in a checkout or a wheel alike, comes out."""

from __future__ import annotations

from functools import cache
from pathlib import Path


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
