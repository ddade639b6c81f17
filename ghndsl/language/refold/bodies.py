"""Items and the values that they are given and give back go in; a body with values of its own numbers comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ghndsl.language.refold.program import Body, Item


def closed(inputs: Sequence[int], items: Iterable[Item], results: Sequence[int]) -> Body:
    """The body of some items: its inputs get the first numbers, what the items make the next ones.

    >>> from ghndsl.language.refold.callees import StageValue
    >>> from ghndsl.language.refold.program import Apply
    >>> body = closed([7, 3], [Item(Apply(StageValue(), None), (3, 7), (90,))], [90])
    >>> body.items[0].inputs, body.items[0].results, body.results
    ((1, 0), (2,), (2,))
    """
    number = {value: i for i, value in enumerate(inputs)}
    count = len(inputs)
    found: list[Item] = []
    for item in items:
        made = tuple(range(count, count + len(item.results)))
        count += len(item.results)
        found.append(Item(item.action, tuple([number[value] for value in item.inputs]), made))
        number.update(zip(item.results, made, strict=True))
    return Body(len(inputs), tuple(found), tuple([number[value] for value in results]))
