"""The choices of a candidate go in; what its graph would cost comes out, with each `where` over measures on its way."""

from __future__ import annotations

from collections.abc import Mapping

from ghndsl.language.values import join
from ghndsl.space.measures.costs import (
    NOTHING,
    Cost,
    Costs,
    Kept,
    Limit,
    StageKey,
    Used,
    Way,
    together,
    without_weights,
)


class UntoldError(Exception):
    """A plan does not tell what these choices cost."""


class Weighing:
    """One walk along the ways that a candidate takes.

    A motif used again in a body of one plan costs the same again, so it is walked once.
    """

    def __init__(self, made: Mapping[str, str]) -> None:
        self.made = made
        self.limits: list[Limit] = []
        self.steps = 0
        self._known: dict[Way, tuple[Cost, int]] = {}

    def way(self, way: Way, base: str) -> tuple[Cost, int]:
        """What the ways of a body cost together, its choices below a base, and the group that they end in."""
        cost = way.cost
        stages: dict[StageKey, object] = {}
        while True:
            self.steps += 1 + len(way.items)
            for item in way.items:
                cost = together(cost, self._item(item, base, stages))
            fork = way.after
            if isinstance(fork, int):
                return cost, fork
            question = fork.question
            if isinstance(question, Used):
                spent, answer = self._call(question, base, stages)
                cost = together(cost, spent)
            else:
                text = self.made.get(question.path if question.is_absolute else join(base, question.path), "")
                answer = fork.answers.get(text, -1)
            after = fork.ways[answer] if answer >= 0 else None
            if after is None:
                raise UntoldError
            way = after
            cost = together(cost, way.cost)

    def _item(self, item: Kept | Used | Limit, base: str, stages: dict[StageKey, object]) -> Cost:
        if isinstance(item, Used):
            return self._call(item, base, stages)[0]
        if isinstance(item, Limit):
            self.limits.append(item)
            return NOTHING
        is_first = self._is_first(item.key, item.piece, stages)
        return (item.params, 0, 0, item.memory, 0) if is_first else NOTHING

    def _call(self, call: Used, base: str, stages: dict[StageKey, object]) -> tuple[Cost, int]:
        if call.is_absolute:
            if call.way not in self._known:
                self._known[call.way] = self.way(call.way, call.prefix)
            cost, group = self._known[call.way]
        else:
            cost, group = self.way(call.way, join(base, call.prefix))
        if call.key is not None and not self._is_first(call.key, call.way, stages):
            cost = without_weights(cost)
        return cost, group

    def _is_first(self, key: StageKey, piece: object, stages: dict[StageKey, object]) -> bool:
        """Whether a part of a labelled stage is used for the first time on this way."""
        if key not in stages:
            stages[key] = piece
            return True
        if stages[key] != piece:
            raise UntoldError
        return False


def weighed(costs: Costs, made: Mapping[str, str]) -> tuple[Cost, list[Limit], int]:
    """What a candidate costs, the limits that it is to keep, and the steps that this took; raises `UntoldError`."""
    run = Weighing(made)
    return run.way(costs.way, "")[0], run.limits, run.steps
