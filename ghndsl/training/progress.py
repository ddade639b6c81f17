"""What a long computation calls as it goes: how far it is, and a few words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias


class Progress(Protocol):
    """Called after each step; an exception it raises ends the computation with nothing half-written."""

    def __call__(self, step: int, total: int, text: str) -> None:
        """Step `step` of `total` is done; `text` says how things stand."""
        ...


Watch: TypeAlias = Callable[[str], Progress]
"""Begins a step under a title and gives what to call as it goes."""


def silent(step: int, total: int, text: str) -> None:
    """The progress that nobody watches."""


def unwatched(title: str) -> Progress:
    """Steps that nobody watches."""
    return silent
