"""A group of permutations goes in; the orbits of the subsets and of the colourings of its points come out, numbered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, islice, product
from typing import TypeAlias, TypeVar

from ghndsl.dags.digits import digits

Permutation: TypeAlias = tuple[int, ...]
"""Where each point goes."""
Group: TypeAlias = tuple[Permutation, ...]
"""All its permutations; of one alone, that is the identity."""
_T = TypeVar("_T")
_MOST_SKIPPED = 1024


@lru_cache
def trivial(points: int) -> Group:
    """The group that moves none of so many points."""
    return (tuple(range(points)),)


def bits(mask: int) -> Iterator[int]:
    """The points of a set that is given as a mask, ascending.

    >>> list(bits(0b1010))
    [1, 3]
    """
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def subsets(mask: int) -> list[int]:
    """All subsets of a set, as masks.

    >>> subsets(0b101)
    [0, 1, 4, 5]
    """
    found = [0]
    for point in bits(mask):
        found += [sub | 1 << point for sub in found]
    return found


def image(permutation: Permutation, mask: int) -> int:
    """Where a set of points goes."""
    moved = 0
    while mask:
        low = mask & -mask
        moved |= 1 << permutation[low.bit_length() - 1]
        mask ^= low
    return moved


def cycles(permutation: Permutation, points: Sequence[int]) -> list[int]:
    """The lengths of the cycles among points that go to each other.

    >>> cycles((0, 2, 1, 3), (1, 2, 3))
    [2, 1]
    """
    lengths: list[int] = []
    left = set(points)
    for start in points:
        if start in left:
            length, point = 0, start
            while point in left:
                left.remove(point)
                point = permutation[point]
                length += 1
            lengths.append(length)
    return lengths


def restricted(group: Group, points: Sequence[int]) -> Group:
    """What a group does to points that go to each other, numbered by their place among them."""
    if len(group) == 1:
        return trivial(len(points))
    place = {point: number for number, point in enumerate(points)}
    return tuple(dict.fromkeys(tuple([place[g[point]] for point in points]) for g in group))


class Colourings:
    """The ways to colour points, those counted once that a group takes to each other.

    They are numbered by the points of the first colour, then by those of the second, and so on; where nothing moves,
    as the digits of a number are.

    >>> swapped = Colourings(((0, 1), (1, 0)), colours=2)
    >>> swapped.count, [swapped.at(number) for number in range(3)], swapped.number((1, 0)) == swapped.number((0, 1))
    (3, [(1, 1), (0, 1), (0, 0)], True)
    """

    def __init__(self, group: Group, colours: int) -> None:
        self.group = group
        self.points = len(group[0])
        self.colours = colours

    @cached_property
    def count(self) -> int:
        """How many there are, by the Cauchy-Frobenius lemma."""
        points = range(self.points)
        fixed: int = sum([self.colours ** len(cycles(g, points)) for g in self.group])
        return fixed // len(self.group)

    def at(self, number: int) -> tuple[int, ...]:
        """The colours of the points in the colouring of a number, which stands for all that are taken to it."""
        if self.colours == 1:
            return (0,) * self.points
        if len(self.group) == 1:
            return digits(number, self.colours, self.points)
        place = bisect_right(self._starts, number) - 1
        mask, _, rest = self._firsts[place]
        others = iter(rest.at(number - self._starts[place]))
        return tuple([0 if mask >> point & 1 else 1 + next(others) for point in range(self.points)])

    def walk(self, names: Sequence[_T], start: int = 0) -> Iterator[tuple[_T, ...]]:
        """The colourings from a number on, in their order, with what each colour is named."""
        if self.colours == 1:
            return iter([(names[0],) * self.points][start:])
        return self._digits(names, start) if len(self.group) == 1 else self._orbits(names, start)

    def _digits(self, names: Sequence[_T], start: int) -> Iterator[tuple[_T, ...]]:
        low, step = 0, 1
        while low < self.points and step < _MOST_SKIPPED:
            low, step = low + 1, step * self.colours
        high = Colourings(trivial(self.points - low), self.colours)
        for number in range(start // step, self.count // step):
            before = tuple([names[colour] for colour in high.at(number)])
            skipped = max(0, start - number * step)
            for after in islice(product(names, repeat=low), skipped, None):
                yield before + after

    def _orbits(self, names: Sequence[_T], start: int) -> Iterator[tuple[_T, ...]]:
        for place in range(bisect_right(self._starts, start) - 1, len(self._starts)):
            mask, _, rest = self._firsts[place]
            for others in rest.walk(names[1:], max(0, start - self._starts[place])):
                after = iter(others)
                yield tuple([names[0] if mask >> point & 1 else next(after) for point in range(self.points)])

    def number(self, colours: Sequence[int]) -> int:
        """The number of a colouring."""
        if self.colours == 1:
            return 0
        if len(self.group) == 1:
            number = 0
            for colour in colours:
                number = number * self.colours + colour
            return number
        mask = sum([1 << point for point, colour in enumerate(colours) if colour == 0])
        least, mover = min([(image(g, mask), g) for g in self.group])
        moved = [0] * self.points
        for point, colour in enumerate(colours):
            moved[mover[point]] = colour
        place = self._places[least]
        rest = self._firsts[place][2]
        return self._starts[place] + rest.number([colour - 1 for colour in moved if colour])

    @cached_property
    def _firsts(self) -> list[tuple[int, Group, Colourings]]:
        """Sets of points of the first colour, one an orbit; what leaves each in place; the colourings of the rest."""
        found: list[tuple[int, Group, Colourings]] = []
        for mask in range(1 << self.points):
            images = [image(g, mask) for g in self.group]
            if min(images) == mask:
                stabiliser = tuple([g for g, moved in zip(self.group, images, strict=True) if moved == mask])
                rest = [point for point in range(self.points) if not mask >> point & 1]
                found.append((mask, stabiliser, colourings(restricted(stabiliser, rest), self.colours - 1)))
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate([rest.count for _, _, rest in self._firsts[:-1]])]

    @cached_property
    def _places(self) -> dict[int, int]:
        return {mask: place for place, (mask, _, _) in enumerate(self._firsts)}


@lru_cache(maxsize=4096)
def colourings(group: Group, colours: int) -> Colourings:
    """The colourings of a group's points, made once."""
    return Colourings(group, colours)
