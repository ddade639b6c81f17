"""A body goes in; names for the variables of its loops come out, loop after loop, the outer ones first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import count

from ghndsl.language.refold.expressions import Turn
from ghndsl.language.refold.program import Body, Count, Loop
from ghndsl.language.refold.words import free, short

_COUNTERS = ("i", "j", "k", "l")


def loop_names(body: Body, taken: Collection[str]) -> Iterator[dict[Turn, str]]:
    """For each loop the names of its variables, none of them that of a loop around it or in `taken`."""
    for item in body.items:
        if isinstance(item.action, Loop):
            names: dict[Turn, str] = {}
            for variable in item.action.variables:
                known = {*taken, *names.values()}
                is_count = isinstance(item.action.turns, Count) or variable.stem == "i"
                names[variable] = _counter(known) if is_count else free(short(variable.stem) or "n", known)
            yield names
            yield from loop_names(item.action.body, {*taken, *names.values()})


def _counter(taken: Collection[str]) -> str:
    numbered = (f"i{number}" for number in count(1))
    return next(name for names in (_COUNTERS, numbered) for name in names if name not in taken)
