"""A class goes in; the frozen dataclass that it describes comes out, its methods written at its first use.

`dataclasses` compiles six functions for a class, in half a millisecond. A program that checks one small text loads two
hundred such classes, and makes things of forty.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from threading import RLock
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")
_METHODS = ("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__")
_NAMES = ("__dataclass_fields__", "__match_args__")
_waiting: dict[type, tuple[str, ...]] = {}
"""The classes that are not written yet, with what stands in for their parts."""
_lock = RLock()


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def record(cls: type[_T]) -> type[_T]:
    """What `@dataclass(frozen=True)` makes of a class.

    >>> @record
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> Point(1)
    Point(x=1, y=0)
    >>> Point(1) == Point(1, 0), len({Point(1), Point(1, 0)})
    (True, 1)
    """
    standing = {name: _first(cls, name) for name in _METHODS} | {name: _Name(cls, name) for name in _NAMES}
    _waiting[cls] = tuple([name for name in standing if name not in vars(cls)])
    for name in _waiting[cls]:
        setattr(cls, name, standing[name])
    return cls


def _complete(cls: type) -> None:
    with _lock:
        for name in _waiting.pop(cls, ()):
            delattr(cls, name)
        if "__dataclass_fields__" not in vars(cls):
            dataclasses.dataclass(frozen=True)(cls)


def _first(cls: type, name: str) -> Callable[..., object]:
    """Stands for a method until something is made of the class, or read back from a file."""

    def method(self: object, *arguments: object, **named: object) -> object:
        _complete(cls)
        return getattr(self, name)(*arguments, **named)

    return method


class _Name:
    """Stands for what `dataclasses.fields` and patterns read of a class."""

    def __init__(self, cls: type, name: str) -> None:
        self.cls = cls
        self.name = name

    def __get__(self, instance: object, owner: type) -> object:
        _complete(self.cls)
        return getattr(owner, self.name)
