"""Items of equal shape that go on, turn after turn, go in; the one loop that stands for them comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from ghndsl.language.refold.expressions import Expression, filled
from ghndsl.language.refold.program import Body, Item, Loop
from ghndsl.language.refold.turns import Header
from ghndsl.language.refold.wiring import Carried, Local, Outer, Wiring


def looped(
    groups: Sequence[Sequence[Item]],
    wires: Wiring,
    head: Header,
    counts: Sequence[int],
    escaping: Mapping[int, int],
) -> Item:
    """The loop of some groups of items; `counts` tells how many literals each item of a group has.

    Values in `escaping` are those of the last turn, by place, that are used after the loop.
    """
    slots = list(wires.slots)
    outer = list(dict.fromkeys(source.value for source in wires.sources if isinstance(source, Outer)))
    given = {slot: i for i, slot in enumerate(slots)}
    first = len(slots) + len(outer)

    def number(source: Local | Outer | Carried) -> int:
        if isinstance(source, Local):
            return first + source.place
        if isinstance(source, Outer):
            return len(slots) + outer.index(source.value)
        return given[source.place, source.lag]

    body_items = _renamed(groups[0], [number(source) for source in wires.sources], first, head.places, counts)
    turned = [first + place if lag == 1 else given[place, lag - 1] for place, lag in slots]
    exported = [place for place in escaping if (place, 1) not in given]
    body = Body(first, body_items, (*turned, *[first + place for place in exported]))
    made = [[value for item in group for value in item.results] for group in groups]
    results = [*[made[-lag][place] for place, lag in slots], *[escaping[place] for place in exported]]
    starts = [wires.slots[slot] for slot in slots]
    return Item(Loop(head.variables, head.turns, body, len(slots)), (*starts, *outer), tuple(results))


def _renamed(
    group: Sequence[Item], sources: Sequence[int], first: int, places: Sequence[Expression], counts: Sequence[int]
) -> tuple[Item, ...]:
    """The items of a turn with the numbers and expressions they have in the body."""
    found: list[Item] = []
    inputs, results = 0, first
    for item, end, count in zip(group, accumulate(counts), counts, strict=True):
        action = filled(item.action, places[end - count : end])
        made = tuple(range(results, results + len(item.results)))
        found.append(Item(action, tuple(sources[inputs : inputs + len(item.inputs)]), made))
        inputs += len(item.inputs)
        results += len(item.results)
    return tuple(found)
