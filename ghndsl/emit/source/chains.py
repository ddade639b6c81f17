"""Modules that do one after the other what a module does go in; the `nn.Sequential` that holds them comes out."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence

from ghndsl.emit.source.members import is_own
from ghndsl.emit.source.pieces import Names, Piece, Text, quoted, written
from ghndsl.emit.source.sequences import counted, listed, runs


def is_short(text: Text, count: int) -> bool:
    """Whether what is told in place reads well there, as often as it is told."""
    words = written(text, Names(str, lambda axis: axis.stem, str, lambda turn: turn.stem))
    return _depth(words) <= _DEEPEST and (count - 1) * len(words) <= _LONGEST


def _depth(words: str) -> int:
    """How many chains lie in each other."""
    depth = deepest = 0
    open_at: list[bool] = []
    for match in re.finditer(r"(nn\.Sequential)?\(|\)", words):
        if match.group() == ")":
            depth -= open_at.pop()
        else:
            open_at.append(bool(match.group(1)))
            depth += open_at[-1]
        deepest = max(deepest, depth)
    return deepest


_DEEPEST, _LONGEST = 3, 400
_LEAST = 3
"""Names that count for sure."""


def sequence(links: Sequence[tuple[str, Text]]) -> Text:
    """What an `nn.Sequential` is given for named modules: a dictionary of them where the names are not 0, 1, ..."""
    if [name for name, _ in links] == [str(place) for place in range(len(links))]:
        return listed([made for _, made in links])
    run = _numbered(links)
    if run is not None:
        return run
    is_named = all(name.isidentifier() and not keyword.iskeyword(name) for name, _ in links)
    pairs = [Text((f"{name}=", made)) for name, made in links] if is_named else list(_pairs(links))
    pieces: list[Piece] = []
    for pair in pairs:
        pieces += [", ", pair] if pieces else [pair]
    left, right = ("", "") if is_named else ("[", "]")
    return Text((f"OrderedDict({left}", Text(tuple(pieces)), f"{right})"))


def _pairs(links: Sequence[tuple[str, Text]]) -> Iterator[Text]:
    """Pairs of a name and a module, those whose names count while what they name follows a rule in a loop."""
    place = 0
    for run in runs([made for _, made in links]):
        names = [name for name, _ in links[place : place + len(run)]]
        place += len(run)
        first = _count(names)
        pairs = None if first is None else counted(*first, run)
        if pairs is not None:
            yield Text(("*(", pairs, ")"))
            continue
        yield from [Text((f"({quoted(name)}, ", made, ")")) for name, made in zip(names, run, strict=True)]


def _count(names: Sequence[str]) -> tuple[str, int] | None:
    """The stem and the first number of names that count."""
    stem = re.sub(r"\d+$", "", names[0])
    start = names[0][len(stem) :]
    if len(names) < _LEAST or not start or str(int(start)) != start:
        return None
    counts = list(names) == [f"{stem}{int(start) + place}" for place in range(len(names))]
    return (stem, int(start)) if counts else None


def _numbered(links: Sequence[tuple[str, Text]]) -> Text | None:
    """A dictionary of names that count, when what they name follows a rule."""
    first = _count([name for name, _ in links])
    pairs = None if first is None else counted(*first, [made for _, made in links])
    return None if pairs is None else Text(("OrderedDict(", pairs, ")"))


def named(found: Sequence[tuple[str, Text]], words: Sequence[str]) -> list[tuple[str, Text]] | None:
    """The links with names for those that have none: the numbers between, or else what they are."""
    taken = {name for name, _ in found if name}
    is_counted = all(name.isdecimal() for name in taken)
    if is_counted and [int(name) for name, _ in found if name] != sorted(map(int, taken)):
        return None
    named: list[tuple[str, Text]] = []
    number = 0
    for place, ((name, made), word) in enumerate(zip(found, words, strict=True)):
        later = [int(other) for other, _ in found[place:] if other] if is_counted else []
        is_between = is_counted and (not later or number < later[0])
        new = name or (str(number) if is_between else _free(word, taken))
        taken.add(new)
        number = int(new) + 1 if new.isdecimal() else number
        named.append((new, made))
    return named


def _free(word: str, taken: set[str]) -> str:
    names = (word if count == 1 else f"{word}{count}" for count in range(1, 10_000))
    return next(name for name in names if name not in taken and not is_own(name))
