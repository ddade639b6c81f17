"""What an algorithm of search is: candidates come out, and what they came to goes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ghndsl.records import record
from ghndsl.space import Candidate


@record
class Told:
    """What a candidate came to: a value for each objective, the higher the better; None when it failed."""

    candidate: Candidate
    values: tuple[float, ...] | None


class Algorithm(Protocol):
    """What it proposes depends on its seed, on what it proposed and on what it was told before that, and on nothing
    else: the same calls, however cut into calls of fewer candidates, bring the same candidates."""

    @property
    def listens(self) -> bool:
        """Whether what it proposes depends on what it is told."""
        ...

    def propose(self, count: int) -> list[Candidate]:
        """So many candidates, no line twice ever; fewer when there is nothing left to propose, and none ever after.

        It may be asked before it was told of all that it proposed.
        """
        ...

    def tell(self, told: Sequence[Told]) -> None:
        """What the next ones came to, in the order in which they were proposed."""
        ...
