"""What happens in one run of a statement goes in, fork by fork; the answers given, and what they cost, come out."""

from __future__ import annotations

from dataclasses import dataclass, field

from ghndsl.space.measures.costs import NOTHING, Cost, Item, Spent, together
from ghndsl.space.ways.diagram import Question


@dataclass
class Run:
    """One run of one statement: which way to go at each fork, the forks met so far, the answers given.

    What is spent is kept until something else is told, and told as one; `parts` counts those of a labelled stage.
    """

    script: tuple[int, ...] = ()
    trail: list[int] = field(default_factory=list[int])
    widths: list[int] = field(default_factory=list[int])
    answers: list[tuple[Question | Item, int]] = field(default_factory=list["tuple[Question | Item, int]"])
    spent: Cost = NOTHING
    parts: int = 0

    @property
    def state(self) -> tuple[int, Cost]:
        """What tells whether anything was answered or spent since."""
        return len(self.answers), self.spent

    def spend(self, cost: Cost) -> None:
        """Adds to what is spent."""
        self.spent = together(self.spent, cost)

    def tell(self, item: Item) -> None:
        """Adds what costs something else than a settled amount."""
        self.told().append((item, 0))

    def told(self) -> list[tuple[Question | Item, int]]:
        """The answers so far, after all that is spent."""
        if self.spent is not NOTHING:
            self.answers.append((Spent(self.spent), 0))
            self.spent = NOTHING
        return self.answers
