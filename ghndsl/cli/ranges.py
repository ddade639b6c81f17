"""The words of `--vary` and `--grow` go in; the ranges that they mean come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ghndsl.search.mixing import Range

_BOTH = "--vary, --grow"


def ranges(words: Sequence[str] | None, option: str) -> dict[str, Range]:
    """The ranges of `--vary name=4..8`, repeated; anything else, and one name twice, is wrong usage."""
    from ghndsl.search.mixing import Range

    found: dict[str, Range] = {}
    for word in words or []:
        matched = re.fullmatch(r"\s*(\w+)\s*=\s*(\d+)\s*\.\.\s*(\d+)\s*", word)
        if matched is None or int(matched[2]) > int(matched[3]):
            raise typer.BadParameter(f"`{word}` is no range of a parameter, as in `width=4..8`", param_hint=option)
        if matched[1] in found:
            raise _twice(matched[1], option)
        found[matched[1]] = Range(int(matched[2]), int(matched[3]))
    return found


def refuse_ranges(
    given: Iterable[str], vary: Mapping[str, Range], grow: Mapping[str, Range], addresses: Sequence[str]
) -> None:
    """Refuses, as wrong usage, ranges where there is no space, and of what is set, or varies and grows."""
    from ghndsl.space.load import is_space

    if (vary or grow) and not any(map(is_space, addresses)):
        raise typer.BadParameter("it is spaces whose parameters vary and grow", param_hint=_BOTH)
    twice = [name for name in given if name in vary or name in grow] + [name for name in vary if name in grow]
    if twice:
        raise _twice(twice[0], _BOTH)


def _twice(name: str, option: str) -> typer.BadParameter:
    return typer.BadParameter(f"`{name}` is given twice", param_hint=option)
