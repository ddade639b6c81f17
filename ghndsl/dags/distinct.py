"""A family of DAGs and a number of labels go in; how many there are up to isomorphism comes out, none being made.

By the Cauchy-Frobenius lemma they are as many as a permutation of the inner vertices fixes on average. Where there are
too many kinds of permutations for that, those of short cycles and of prime order are counted. Any other fixes no more
than its powers do: that bounds the average, mostly closely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import factorial, gcd, lcm, prod

from ghndsl.dags.family import Family
from ghndsl.dags.fixed import Fixed, Kind, Ring, cycle, lengths_of
from ghndsl.dags.ordered import Ordered

_MOST_STEPS = 1 << 23
"""Steps of about half a microsecond: a few seconds."""


@lru_cache(maxsize=256)
def distinct(family: Family, colours: int, most_steps: int = _MOST_STEPS) -> tuple[int, int]:
    """The least and the most DAGs that there can be up to isomorphism, labels regarded; mostly equal.

    Permutations are counted, those of short cycles first, as far as `most_steps` of half a microsecond reach.

    >>> distinct(Family((2, 7), (1, 9)), colours=3)
    (423624, 423624)
    """
    counts = _counts(family, most_steps)
    bounds = [_bounds(inner, counts[inner], colours) for inner in map(family.inner, family.sizes)]
    ordered = Ordered(family, colours).by_vertices
    most = [min(most, count) for (_, most), count in zip(bounds, ordered, strict=True)]
    return sum([least for least, _ in bounds]), sum(most)


@lru_cache(maxsize=32)
def _counts(family: Family, most_steps: int) -> list[dict[Kind, int]]:
    """How many DAGs the kinds of permutations that are counted fix, by the number of inner vertices."""
    ring, inner = Ring(family), family.inner(family.sizes[-1])
    found: list[dict[Kind, int]] = [{} for _ in range(inner + 1)]
    for lengths in _counted(inner, most_steps // _steps(ring.bits)):
        for counts, more in zip(found, Fixed(family, ring, lengths).counts, strict=True):
            counts.update(more)
    return found


def _counted(inner: int, most: int) -> Iterator[Sequence[int]]:
    """The lengths of the cycles of the permutations that are counted: all up to one, and 1 with any longer prime."""
    primes = [(1, prime) for prime in range(2, inner + 1) if all(prime % divisor for divisor in range(2, prime))]
    longest = inner
    while longest > 1 and _pairs(inner, range(1, longest + 1)) + _all_pairs(inner, primes, longest) > most:
        longest -= 1
    yield range(1, longest + 1)
    for lengths in primes:
        if lengths[1] > longest:
            most -= _pairs(inner, lengths)
            if most > 0:
                yield lengths


def _all_pairs(inner: int, primes: Iterable[tuple[int, int]], longest: int) -> int:
    return sum([_pairs(inner, lengths) for lengths in primes if lengths[1] > longest])


def _steps(bits: int) -> int:
    """How long a product of polynomials of so many bits takes."""
    return 2 + bits // 128 + (bits * bits >> 25)


def _pairs(points: int, lengths: Sequence[int]) -> int:
    """How many pairs of kinds there are that have so many points together, or fewer: each costs a product."""
    counts = [1, *[0] * points]
    for length in (*lengths, *lengths):
        for total in range(length, points + 1):
            counts[total] += counts[total - length]
    return sum(counts)


def _bounds(inner: int, counts: Mapping[Kind, int], colours: int) -> tuple[int, int]:
    least, beyond = 0, 0
    for kind in kinds(inner):
        weight = _permutations(inner, kind) * colours ** sum([times for _, times in lengths_of(kind)])
        if kind in counts:
            least += weight * counts[kind]
        else:
            beyond += weight * min([counts[power] for power in _powers(kind) if power in counts])
    return -(-least // factorial(inner)), (least + beyond) // factorial(inner)


def kinds(points: int, longest: int | None = None) -> Iterator[Kind]:
    """The kinds of permutations of so many points, their cycles no longer than `longest`.

    >>> [list(lengths_of(kind)) for kind in kinds(3)]
    [[(3, 1)], [(1, 1), (2, 1)], [(1, 3)]]
    """
    if not points:
        yield 0
    for length in range(min(points, longest or points), 0, -1):
        for rest in kinds(points - length, length):
            yield cycle(length) + rest


def _permutations(points: int, kind: Kind) -> int:
    """How many permutations are of a kind."""
    alike: int = prod([length**times * factorial(times) for length, times in lengths_of(kind)])
    return factorial(points) // alike


def _powers(kind: Kind) -> Iterator[Kind]:
    """The kinds of the powers of a permutation."""
    for exponent in _divisors(lcm(*[length for length, _ in lengths_of(kind)])):
        parts = [(length, times, gcd(length, exponent)) for length, times in lengths_of(kind)]
        yield sum([cycle(length // common) * times * common for length, times, common in parts])


@lru_cache(maxsize=1024)
def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]
