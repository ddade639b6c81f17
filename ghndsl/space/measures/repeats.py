"""The ways of a space go in; for each call that makes choices, the later uses that take the same ones come out.

So what a motif costs in all its uses is known where its choices are made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from ghndsl.space.measures.costs import Fork, Limit, Used, Way
from ghndsl.space.measures.reach import forks


class UnsuitedError(Exception):
    """What candidates cost does not add up part by part, or comes to too many sums."""


_Name: TypeAlias = tuple[str, bool]
_Later: TypeAlias = "dict[_Name, Counter[Way]]"


class Repeats:
    """The later uses of the calls of a space itself; raises `UnsuitedError` where they depend on other choices."""

    def __init__(self, start: Way) -> None:
        self.items: set[Used] = set()
        self._of: dict[Fork, Sequence[tuple[Way, int]]] = {}
        later: dict[Fork | int, _Later] = {}
        for fork in reversed(forks(start)):
            after = [self._after(way, later) for way in fork.ways if way]
            if any(one != after[0] for one in after):
                # Uses that not all candidates have are weighed one by one.
                raise UnsuitedError
            question = fork.question
            self._of[fork] = ()
            if isinstance(question, Used):
                self._of[fork] = tuple(after[0].pop((question.prefix, question.is_absolute), Counter()).items())
            later[fork] = after[0]
        if self._after(start, later):
            raise UnsuitedError

    def of(self, fork: Fork) -> Sequence[tuple[Way, int]]:
        """The ways of later uses, and how many there are of each."""
        return self._of.get(fork, ())

    def _after(self, way: Way, later: dict[Fork | int, _Later]) -> _Later:
        """The uses on a way and after it, by the call whose choices they take."""
        found = {name: Counter(uses) for name, uses in later.get(way.after, {}).items()}
        for item in way.items:
            if isinstance(item, Used) and not item.way.is_settled:
                self.items.add(item)
                found.setdefault((item.prefix, item.is_absolute), Counter())[item.way] += 1
        return found


def settled(way: Way, items: set[Used], *, weighs: bool) -> list[Way]:
    """The ways of the uses on a way that cost the same whatever is chosen; those among `items` are told elsewhere.

    Weights that are made once for several uses are not told by parts; `weighs` says that weights count.
    """
    found: list[Way] = []
    for item in way.items:
        if isinstance(item, Limit) or item in items:
            continue
        if weighs and item.key is not None:
            raise UnsuitedError
        if isinstance(item, Used):
            if not item.way.is_settled:
                raise UnsuitedError
            found.append(item.way)
    return found
