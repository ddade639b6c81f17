"""Steps go in as they are taken; an error comes out once there are too many, at the same step every time."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field


class SpentError(Exception):
    """All steps that were allowed are taken."""


@dataclass
class Effort:
    """How many steps may be taken, and how many were.

    What is kept for later, as in a table, is paid for by each effort anew: so what comes of it does not depend on what
    was asked before.

    >>> effort = Effort(3)
    >>> effort.once("table", 2), effort.once("table", 2), effort.spend(1), effort.spent
    (None, None, None, 3)
    """

    most: float
    spent: int = 0
    _paid: set[Hashable] = field(default_factory=set[Hashable])

    def spend(self, steps: int) -> None:
        """Takes steps; raises `SpentError`."""
        self.spent += steps
        if self.spent > self.most:
            raise SpentError

    def once(self, what: Hashable, steps: int) -> None:
        """Takes the steps of what is kept from then on; raises `SpentError`."""
        if what not in self._paid:
            self._paid.add(what)
            self.spend(steps)
