"""Spaces of architectures: exact sizes, candidates by number, by chance and by line, their graphs, and moves."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghndsl.space.candidate import Candidate, read_line
    from ghndsl.space.moving.moved import transfer
    from ghndsl.space.space import Space

_HOMES = {"Candidate": "candidate", "Space": "space", "read_line": "candidate", "transfer": "moving.moved"}


def __getattr__(name: str) -> object:
    # An architecture is found by `space.load` too, and needs none of them.
    if name not in _HOMES:
        raise AttributeError(f"module 'ghndsl.space' has no attribute '{name}'")
    value: object = getattr(import_module(f"ghndsl.space.{_HOMES[name]}"), name)
    return value


__all__ = ["Candidate", "Space", "read_line", "transfer"]
