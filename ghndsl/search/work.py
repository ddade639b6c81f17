"""What is to be done with a candidate goes in, by its line; what came of it, in whatever process, comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from ghndsl.search.looking import Look
from ghndsl.search.scorers import Measured
from ghndsl.search.training import Full, Learned, Short

Rung: TypeAlias = Literal["look", "short", "full"]


class Item(NamedTuple):
    """A rung, the candidate's line, and which stage of the scorer it is looked at by, or which training it is."""

    rung: Rung
    line: str
    number: int = 0


@dataclass(frozen=True)
class Work:
    """All that a search does with candidates, as it is sent to workers once; where all was looked at before, nothing
    looks."""

    look: Look | None
    short: Short
    full: Full

    def __call__(self, item: Item) -> Measured | Learned:
        """What the rung's task finds; but for times, the same wherever it runs."""
        if item.rung == "full":
            return self.full(item.line, item.number)
        if item.rung == "short":
            return self.short(item.line)
        assert self.look is not None
        return self.look(item.line, item.number)
