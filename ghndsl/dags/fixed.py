"""A family of DAGs goes in; how many with named inner vertices each kind of permutation leaves as they are comes out.

After Robinson, "Counting unlabeled acyclic digraphs" (1977): where a permutation fixes a DAG, no edge joins vertices of
one cycle, and the cycles are the vertices of a DAG again. Between two of lengths a and b there are gcd(a, b) bundles of
lcm(a, b) edges each, any of which may be there. So DAGs of cycles are counted, by those cycles that nothing feeds: some
of these are put before the others, with signs, so that each DAG counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import factorial, gcd, lcm
from typing import TypeAlias

from ghndsl.dags.family import Family
from ghndsl.dags.ordered import Ordered

Kind: TypeAlias = int
"""How many cycles of each length a permutation has: a digit for each length, five bits wide, that of 1 the lowest."""
Polynomial: TypeAlias = int
"""A polynomial in the number of edges, its coefficients as digits of so many bits; or, of no bits, their sum."""

_DIGIT = 5


def cycle(length: int) -> Kind:
    """The kind that has one cycle."""
    return 1 << _DIGIT * (length - 1)


def lengths_of(kind: Kind) -> Iterator[tuple[int, int]]:
    """The lengths of a kind's cycles, and how many there are of each.

    >>> list(lengths_of(3 * cycle(1) + cycle(4)))
    [(1, 3), (4, 1)]
    """
    length = 1
    while kind:
        times = kind & (1 << _DIGIT) - 1
        if times:
            yield length, times
        kind >>= _DIGIT
        length += 1


class Ring:
    """Polynomials in the edges beyond one a vertex, which each has at least, up to the most that are asked for.

    Where all numbers of edges are asked for, their values at 1.
    """

    def __init__(self, family: Family) -> None:
        least, most = family.possible_edges
        self.family = family
        self.edges = range(family.edges[0], min(family.edges[1], most) + 1)
        self.width = 0 if family.has_any_edges else max(1, _most_fixed(family).bit_length())
        self.bits = self.width * max(0, self.edges.stop - least)
        self.mask = (1 << self.bits) - 1 if self.width else -1
        self._wide = (1 << self.width * self.edges.stop) - 1 if self.width else -1
        self._bundles: dict[tuple[int, int], Polynomial] = {}

    def feeding(self, length: int, bundles: Iterable[tuple[int, int]]) -> Polynomial:
        """The ways in which a cycle feeds something: some bundles of so many edges, so many alike, or the output."""
        others = 1
        for edges, times in bundles:
            others = others * self._some(edges, times) & self._wide
        output = self._power(length)
        ways = others - 1 + output if self.family.leaves else others * (1 + output) - 1
        return (ways & self._wide) >> self.width * length & self.mask

    def members(self, polynomial: Polynomial, vertices: int) -> int:
        """The sum of the coefficients of the numbers of edges that are asked for."""
        if not self.width:
            return polynomial
        digit = (1 << self.width) - 1
        beyond = range(max(0, self.edges.start - vertices + 1), max(0, self.edges.stop - vertices + 1))
        return sum([polynomial >> self.width * edges & digit for edges in beyond])

    def _power(self, edges: int) -> Polynomial:
        return 1 << self.width * edges & self._wide

    def _some(self, edges: int, times: int) -> Polynomial:
        """So many bundles of edges, each of which is there or not."""
        if (edges, times) not in self._bundles:
            one = 1 + self._power(edges)
            self._bundles[edges, times] = self._some(edges, times - 1) * one & self._wide if times else 1
        return self._bundles[edges, times]


def _most_fixed(family: Family) -> int:
    """As many DAGs as a permutation can fix: all with named vertices, of the most edges or fewer.

    Each DAG can be told by an order of its vertices, sources first, and by their names in that order.
    """
    fewer = Family(family.vertices, (0, family.edges[1]), family.inputs, family.leaves)
    return Ordered(fewer, 1).size * factorial(family.inner(family.sizes[-1]))


class Fixed:
    """What the permutations fix that have cycles of some lengths alone."""

    def __init__(self, family: Family, ring: Ring, lengths: Sequence[int]) -> None:
        self.family = family
        self.ring = ring
        self.wanted = range(family.inner(family.sizes[0]), family.inner(family.sizes[-1]) + 1)
        self.lengths = [length for length in lengths if length < self.wanted.stop]

    @cached_property
    def counts(self) -> list[dict[Kind, int]]:
        """How many DAGs each kind fixes, by the number of inner vertices."""
        wanted: list[dict[Kind, int]] = [defaultdict(int) for _ in range(self.wanted.stop)]
        # DAGs all of whose vertices feed something, whatever feeds them.
        ended: list[dict[Kind, int]] = [defaultdict(int) for _ in range(self.wanted.stop)]
        ended[0][0] = 1
        for size, kinds in enumerate(ended):
            for kind, polynomial in kinds.items():
                kinds[kind] = polynomial & self.ring.mask
                _Before(self, kind, size, ended, wanted).put(kinds[kind])
        cut = [{kind: value & self.ring.mask for kind, value in kinds.items()} for kinds in wanted]
        return [
            {kind: self.ring.members(value, inner + self.family.inputs + 1) for kind, value in kinds.items()}
            for inner, kinds in enumerate(cut)
        ]

    def inputs(self, kind: Kind) -> Polynomial:
        """The ways in which each input feeds some of a kind's cycles or the output."""
        ways: int = self.ring.feeding(1, lengths_of(kind)) ** self.family.inputs
        return ways & self.ring.mask

    def before(self, length: int, kind: Kind) -> Polynomial:
        """The ways in which a cycle of a length feeds some of a kind's cycles or the output."""
        bundles = [(lcm(length, other), gcd(length, other) * times) for other, times in lengths_of(kind)]
        return self.ring.feeding(length, bundles)


class _Before:
    """The cycles that can be put before DAGs of one kind, so that nothing feeds them."""

    def __init__(
        self, fixed: Fixed, kind: Kind, size: int, ended: list[dict[Kind, int]], wanted: list[dict[Kind, int]]
    ) -> None:
        self.fixed, self.kind, self.size = fixed, kind, size
        self.ended, self.wanted = ended, wanted
        self.most = fixed.wanted[-1]
        self.inputs = fixed.inputs(kind)
        self.ways = [(n, fixed.before(n, kind)) for n in fixed.lengths if n + size <= self.most]

    def put(self, polynomial: Polynomial) -> None:
        """Adds what comes of DAGs of this kind to the larger ones."""
        if self.size in self.fixed.wanted:
            self.wanted[self.size][self.kind] += polynomial * self.inputs
        self._more(0, self.kind, self.size, polynomial, 1)

    def _more(self, place: int, kind: Kind, size: int, polynomial: Polynomial, alike: int) -> None:
        """Further cycles before, from one length on; `alike` says how often they can be picked from those alike."""
        for further, (length, ways) in enumerate(self.ways[place:], place):
            total = size + length
            if total > self.most:
                return
            one = cycle(length)
            times = kind // one & (1 << _DIGIT) - 1
            picked = times - (self.kind // one & (1 << _DIGIT) - 1)
            among = alike * (times + 1) // (picked + 1)
            product = -polynomial * ways & self.fixed.ring.mask
            self.ended[total][kind + one] -= among * product
            if total in self.fixed.wanted:
                self.wanted[total][kind + one] += among * (product * self.inputs & self.fixed.ring.mask)
            if total < self.most:
                self._more(further, kind + one, total, product, among)
