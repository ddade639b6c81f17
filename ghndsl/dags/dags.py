"""A family of DAGs and labels for their inner vertices go in; all of them, counted, numbered and found, come out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, islice
from math import factorial, log10

from ghndsl.dags.classes import Classes
from ghndsl.dags.dag import Dag, DagError, dag_text, edges_text, read_dag, sources_of
from ghndsl.dags.distinct import distinct
from ghndsl.dags.family import Family
from ghndsl.dags.ordered import Ordered
from ghndsl.dags.stems import TooManyError
from ghndsl.records import record


@record
class Dags:
    """The DAGs of a family, each once for all that are isomorphic to it.

    Of too large a family each is there once for each order of its vertices, and `is_up_to_isomorphism` is false.

    >>> dags = Dags(Family((2, 3), (1, 3)), ("conv", "pool"))
    >>> dags.size, [str(dag) for dag in dags][:3]
    (5, ['dag(;0>1)', 'dag(conv;0>1,1>2)', 'dag(pool;0>1,1>2)'])
    >>> dags.number(dags.find("dag(pool;0>2,0>1,1>2)"))
    4
    """

    family: Family
    labels: tuple[str, ...]

    @property
    def _numbers(self) -> Classes | Ordered:
        return _numbering(self.family, len(self.labels))

    @property
    def size(self) -> int:
        """How many there are; exact."""
        return self._numbers.size

    def count(self, vertices: int) -> int:
        """How many there are of a number of vertices."""
        sizes = self.family.sizes
        return self._numbers.by_vertices[vertices - sizes.start] if vertices in sizes else 0

    @property
    def is_up_to_isomorphism(self) -> bool:
        """Whether isomorphic ones are one."""
        return self._numbers.is_up_to_isomorphism

    @property
    def distinct(self) -> tuple[int, int]:
        """The least and the most that there can be up to isomorphism: equal but for the largest families.

        >>> Dags(Family((20, 20), (19, 40), inputs=2, leaves=True), ("conv", "pool")).distinct
        (119937903930260406511004249922702536, 119937903930260406511004249922702536)
        """
        return (self.size, self.size) if self.is_up_to_isomorphism else distinct(self.family, len(self.labels))

    @property
    def work(self) -> int:
        """How long it takes to count them and to find a few, in steps of about five microseconds."""
        return self._numbers.work

    def dag(self, number: int) -> Dag:
        """The one of a number from 0 to `size` - 1."""
        masks, labels = self._numbers.at(number)
        return Dag(self.family.inputs, sources_of(masks), tuple([self.labels[label] for label in labels]))

    def text(self, number: int) -> str:
        """The text of the one of a number."""
        masks, labels = self._numbers.at(number)
        return dag_text(masks, [self.labels[label] for label in labels])

    def texts(self, start: int = 0, stop: int | None = None) -> Iterator[str]:
        """The texts of those with numbers from `start` to before `stop`, in their order, made one after another.

        >>> list(Dags(Family((2, 3), (1, 3)), ("conv", "pool")).texts(1, 3))
        ['dag(conv;0>1,1>2)', 'dag(pool;0>1,1>2)']
        """
        return islice(self._texts(start), None if stop is None else max(0, stop - start))

    def _texts(self, start: int) -> Iterator[str]:
        if start >= self.size:
            return
        for masks, labellings in self._numbers.walk(self.labels, start):
            edges = edges_text(masks)
            for labels in labellings:
                yield f"dag({','.join(labels)};{edges})"

    def __iter__(self) -> Iterator[Dag]:
        return map(self.dag, range(self.size))

    def number(self, dag: Dag) -> int:
        """The number of one of these; that of an isomorphic one is the same."""
        return self._numbers.number(dag.masks, [self.labels.index(label) for label in dag.labels])

    def find(self, text: str) -> Dag:
        """The DAG that a text describes, sources moved before what they feed; raises `DagError` when it is not here."""
        dag = read_dag(text, self.family.inputs)
        for label in dag.labels:
            if label not in self.labels:
                raise DagError(f"`{label}` is no label; there {_are(self.labels)}")
        reason = self.family.refusal(dag.masks)
        if reason:
            raise DagError(reason)
        return dag

    def spread(self, count: int) -> tuple[int, ...]:
        """About `count` numbers, as many for each number of vertices: evenly spread, the first and the last too."""
        shares = [number for number in self._numbers.by_vertices if number]
        each = max(2, count // len(shares))
        found: set[int] = set()
        for start, share in zip([0, *accumulate(shares)], shares, strict=False):
            found.update(start + (share - 1) * i // (each - 1) for i in range(each))
        return tuple(sorted(found))

    @property
    def amount(self) -> str:
        """How many there are, in words that say which are one."""
        kind = "graphs" if self.is_up_to_isomorphism else "ordered graphs, isomorphic ones counted apart"
        return f"{in_words(self.size)} {kind}"

    def __str__(self) -> str:
        return f"dags({self.family}; {', '.join(self.labels)}): {self.amount}"


def in_words(size: int) -> str:
    """A size for the eye, also where it has more digits than Python writes.

    >>> in_words(423_624), in_words(2**300), in_words(10**9000 - 1), in_words(1_234_567 * 10**20)
    ('423,624', '2.037e+90', '1.000e+9000', '1.235e+26')
    """
    if size < 0:
        return f"-{in_words(-size)}"
    if size < 10**15:
        return f"{size:,}"
    power = digits_of(size) - 1
    head = (size + 10 ** (power - 3) // 2) // 10 ** (power - 3)
    if head == 10_000:
        head, power = 1_000, power + 1
    return f"{head // 1000}.{head % 1000:03}e+{power}"


def digits_of(size: int) -> int:
    """How many digits a positive number has.

    >>> digits_of(999), digits_of(1000), digits_of(10**9000 - 1)
    (3, 4, 9000)
    """
    power = round(log10(size))
    return power + int(size >= 10**power)


def _are(labels: tuple[str, ...]) -> str:
    return f"are {', '.join(labels)}" if labels else "is none"


_ALWAYS_LISTED = 8
"""Vertices up to which all stems are listed: there are 178,023 at most."""
_MOST_STEMS = 50_000
"""Stems of a family of more vertices beyond which they are not listed."""


@lru_cache(maxsize=32)
def _numbering(family: Family, labels: int) -> Classes | Ordered:
    if family.vertices[1] <= _ALWAYS_LISTED:
        return Classes(family, labels)
    if _has_more_stems(family):
        return Ordered(family, labels)
    try:
        return Classes(family, labels, _MOST_STEMS)
    except TooManyError:
        return Ordered(family, labels)


def _has_more_stems(family: Family) -> bool:
    """Whether it is plain that there are too many stems to list: each is a DAG when its leaves feed an output."""
    ended = Family((family.vertices[1], family.vertices[1]), (0, family.edges[1]), family.inputs, leaves=True)
    return Ordered(ended, 1).size > _MOST_STEMS * factorial(family.inner(family.vertices[1]))
