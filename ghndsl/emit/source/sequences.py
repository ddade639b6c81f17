"""Texts of things that stand one after another go in; one text comes out, in which those that repeat are a loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghndsl.emit.source.pieces import Piece, Text, quoted
from ghndsl.language.refold.expressions import About, Expression, Literal, Turn, filled
from ghndsl.language.refold.parts import mapped
from ghndsl.language.refold.progressions import Listed, expression, progression
from ghndsl.language.refold.words import short
from ghndsl.records import record

_SHORT_RUN = 2


def listed(texts: Sequence[Text]) -> Text:
    """The texts with commas between them, runs of like ones as `*(... for i in range(n))`.

    >>> from ghndsl.emit.source.pieces import Names, written
    >>> names = Names(str, lambda axis: axis.stem, str, lambda turn: "i")
    >>> rows = [Text(("Block(", Literal(8 * i), ")")) for i in range(4)]
    >>> written(listed(rows), names)
    '*(Block((8 * i)) for i in range(4))'
    """
    parts: list[str | Text] = []
    for run in runs(texts):
        parts += [", "] if parts else []
        parts.append(run[0] if len(run) == 1 else _starred(_looped(run)))
    return Text(tuple(parts))


def counted(stem: str, start: int, texts: Sequence[Text]) -> Text | None:
    """Pairs of a name that counts from `start` and a text, in a loop; none where the texts follow no rule."""
    rules = _rules(texts) if len(texts) > _SHORT_RUN else None
    if rules is None:
        return None
    loop = _looped(texts)
    name = quoted(f"{stem}{{i + {start}}}" if start else f"{stem}{{i}}")
    pair = Text((f"(f{name}, ", loop.one, ")"))
    if loop.values is None:
        return Text((pair, " for i in range(", loop.count, ")"))
    return Text((pair, " for i, ", loop.variable, " in enumerate(", loop.values, ")"))


@record
class _Loop:
    """What is made in each turn: of so many, or for each of some values."""

    one: Text
    variable: str | Turn
    count: Literal
    values: Text | None = None


def _starred(loop: _Loop) -> Text:
    if loop.values is not None:
        return Text(("*(", loop.one, " for ", loop.variable, " in ", loop.values, ")"))
    return Text(("*(", loop.one, " for ", loop.variable, " in range(", loop.count, "))"))


def runs(texts: Sequence[Text]) -> Iterator[list[Text]]:
    """The texts, those that follow a rule together."""
    start = 0
    while start < len(texts):
        end = _end(texts, start)
        # Of a run that is cut, the first one often differs by chance: what follows may be longer.
        if end - start == _SHORT_RUN and end < len(texts) and _end(texts, start + 1) > end:
            end = start + 1
        run = list(texts[start:end])
        if len(run) > _SHORT_RUN or (len(run) == _SHORT_RUN and _are_equal(run)):
            yield run
        else:
            yield from ([one] for one in run)
        start = end


def _are_equal(run: Sequence[Text]) -> bool:
    """Whether texts are one and not so short that they are as well said again."""
    same = all(a.text == b.text for a, b in zip(run[0].literals, run[1].literals, strict=True))
    return same and bool(run[0].literals)


def _end(texts: Sequence[Text], start: int) -> int:
    """How far a run goes from a place on: what follows a rule does so from its beginning on."""
    high = start + 1
    while high < len(texts) and texts[high].skeleton == texts[start].skeleton:
        high += 1
    low = start + 1
    while low < high:
        middle = (low + high + 1) // 2
        if _rules(texts[start:middle]) is not None:
            low = middle
        else:
            high = middle - 1
    return low


def _rules(run: Sequence[Text]) -> list[Expression] | None:
    """What gives the values of each turn, where they follow rules; one of them may be listed."""
    if any(one.skeleton != run[0].skeleton for one in run):
        return None
    columns = list(zip(*[one.literals for one in run], strict=True))
    if len(run) <= _SHORT_RUN:
        # Two of anything follow a rule; a third shows whether it is one.
        return [column[0] for column in columns]
    found: list[Expression] = []
    for column in columns:
        rule = progression(column)
        found.append(_LISTED if isinstance(rule, Listed) else expression(rule, Turn(0, 0, "i"), 0))
    is_table = found.count(_LISTED) == 1 and all(isinstance(one, Literal) or one == _LISTED for one in found)
    return found if is_table or _LISTED not in found else None


_LISTED = Turn(0, 1, "value")
"""The variable of a loop over values that follow no rule."""


def _values(run: Sequence[Text], rules: Sequence[Expression]) -> tuple[Turn, Text] | None:
    """The variable and the values of a loop over what follows no rule."""
    if _LISTED not in rules:
        return None
    place = list(rules).index(_LISTED)
    values = [one.literals[place] for one in run]
    pieces: list[Piece] = []
    for value in values:
        pieces += [", ", value] if pieces else [value]
    return Turn(0, 1, short(values[0].about.name) or "value"), Text(("(", *pieces, ")"))


def folded(texts: Sequence[Text]) -> Text | None:
    """What gives each of some texts in a turn of a loop, if they follow a rule."""
    rules = _rules(texts) if len(texts) > _SHORT_RUN else None
    return None if rules is None or _LISTED in rules else filled(texts[0], rules)


def _looped(run: Sequence[Text]) -> _Loop:
    rules = _rules(run) or []
    count = Literal(len(run), About("depth"))
    table = _values(run, rules)
    if table is not None:
        variable, values = table
        return _Loop(filled(run[0], [variable if one == _LISTED else one for one in rules]), variable, count, values)
    one = filled(run[0], rules)
    return _Loop(one, Turn(0, 0, "i") if _has_turn(one) else "_", count)


def _has_turn(text: Text) -> bool:
    found: list[Turn] = []

    def look(part: object) -> object:
        if isinstance(part, Turn):
            found.append(part)
        return part

    mapped(text, look)
    return bool(found)
