"""A space goes in; its choices come out in rows, those alike but for numbers, or for where they stand, together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ghndsl.diagnostics import Span
from ghndsl.language.choices import Domain
from ghndsl.records import record
from ghndsl.space.space import Space

_MOST = 24
"""How many rows are told apart by their whole paths."""
_FEW = 3
"""How many patterns of one `choose` are."""


@record
class Row:
    """Choices alike but for numbers in their paths: a pattern such as `e{1-3}_{0-2}.op`, how many, what each may be.

    `span` is where the first of them stands in the text.
    """

    pattern: str
    count: int
    domain: Domain
    span: Span | None = None


def rows(space: Space) -> list[Row]:
    """The choices of a space in the order they are made, those alike together.

    Where there are too many, as in a space that calls itself, those are alike that share the first and the last
    part of their paths and what they may be; their pattern has `…` for what lies between.
    """
    places = {path: pick.span for path, pick in reversed(space.asked)}
    alike: dict[tuple[str, Domain], list[str]] = {}
    for path, domain in space.domains.items():
        alike.setdefault((re.sub(r"\d+", "#", path), domain), []).append(path)
    found = [Row(_pattern(paths), len(paths), domain, places[paths[0]]) for (_, domain), paths in alike.items()]
    return found if len(found) <= _MOST else _joined(found)


def patterns(paths: Sequence[str]) -> list[str]:
    """The patterns of some paths, those alike but for numbers as one; where these are many, by first and last parts.

    >>> patterns(["e1_0.op", "e2_0.op", "e2_1.op"]), patterns(["width"])
    (['e{1-2}_{0-1}.op'], ['width'])
    """
    alike: dict[str, list[str]] = {}
    for path in paths:
        alike.setdefault(re.sub(r"\d+", "#", path), []).append(path)
    found = [_pattern(same) for same in alike.values()]
    return found if len(found) <= _FEW else list(dict.fromkeys(map(_ends, found)))


def _joined(fine: Sequence[Row]) -> list[Row]:
    groups: dict[tuple[str, Domain], list[Row]] = {}
    for row in fine:
        groups.setdefault((_ends(row.pattern), row.domain), []).append(row)
    return [
        Row(same[0].pattern if len(same) == 1 else pattern, sum(row.count for row in same), domain, same[0].span)
        for (pattern, domain), same in groups.items()
    ]


def _ends(pattern: str) -> str:
    """The first part of a path and the last.

    >>> _ends("stage{0-2}.a.b.a.Conv.act"), _ends("Cell.act")
    ('stage{0-2}…act', 'Cell.act')
    """
    parts = pattern.split(".")
    return pattern if len(parts) < 3 else f"{parts[0]}…{parts[-1]}"


def _pattern(paths: Sequence[str]) -> str:
    """The paths with what stands where they differ in numbers: the least and the greatest."""
    columns = zip(*([int(found) for found in re.findall(r"\d+", path)] for path in paths), strict=True)
    ranges = iter([(min(column), max(column)) for column in columns])

    def fill(_found: re.Match[str]) -> str:
        low, high = next(ranges)
        return str(low) if low == high else f"{{{low}-{high}}}"

    return re.sub(r"\d+", fill, paths[0])
