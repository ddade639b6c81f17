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
    """What a search does with candidates on a rung, as it is sent to workers once."""

    look: Look | None = None
    short: Short | None = None
    full: Full | None = None

    def __call__(self, item: Item) -> Measured | Learned:
        """What the rung's task finds; but for times, the same wherever it runs. ValueError for another rung's item."""
        if item.rung == "look" and self.look is not None:
            return self.look(item.line, item.number)
        if item.rung == "short" and self.short is not None:
            return self.short(item.line)
        if item.rung == "full" and self.full is not None:
            return self.full(item.line, item.number)
        raise ValueError(f"nothing is done on the rung `{item.rung}` here")
