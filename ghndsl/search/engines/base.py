"""What all engines answer: the outcome of an item, be it a value or a failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")
_Item_contra = TypeVar("_Item_contra", contravariant=True)
_Found_co = TypeVar("_Found_co", covariant=True)

Kind = Literal["error", "crash", "memory", "time"]
"""The task raised; its process ended, or is of no more use, as after an error of its GPU; it asked for more memory than
it may have; it took longer than it may."""

LOST: frozenset[Kind | None] = frozenset({"crash", "memory"})
"""The failures after which a process does no more items, as it may have been at fault."""

ATTEMPTS = 2
"""How often an item is tried whose process ended: once more than once, as the process may have been at fault."""


@dataclass(frozen=True)
class Failure:
    """Why there is no value: a message of one line, and `text`, the traceback where there is one.

    `raised` is the exception itself, where it could be sent from the worker.
    """

    kind: Kind
    message: str
    text: str = ""
    raised: Exception | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Outcome(Generic[_Found_co]):
    """What became of the item with a key. `seconds` are by the clock and `cpu_seconds` the processor's, of the last
    attempt; of a process that ended nobody counted the latter, so they are 0. Workers are numbered from 0.
    """

    key: int
    value: _Found_co | Failure
    seconds: float
    cpu_seconds: float
    worker: int
    attempts: int


class Engine(Protocol[_Item_contra, _Found_co]):
    """Does a task for items, in whatever order; the task must not depend on what it did before."""

    def submit(self, key: int, item: _Item_contra) -> None:
        """Takes an item; it is worked on while others are waited for. ValueError when the key is in work."""
        ...

    def next(self) -> Outcome[_Found_co]:
        """Waits until some item is done. Each item comes once. ValueError when none is in work."""
        ...

    def close(self) -> None:
        """Ends what is worked on, and every process of this engine; a second time does nothing."""
        ...
