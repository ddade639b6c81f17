"""A member of a family of DAGs goes in; the members that one edit makes of it come out.

An edit changes a label, takes an edge out or puts one in, puts a vertex into the middle of an edge, or takes out one
that lies so. Where leaves alone feed the output, edges to it follow from the others, and a leaf may also be hung on a
vertex that feeds others, or be taken off again. Where the number of edges is fixed, one end of an edge moves instead.
What an edit does another undoes: a member is near all that are near it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from random import Random
from typing import TypeAlias

from ghndsl.dags.dag import Dag, DagError, Masks, dag_text, read_dag, sources_of
from ghndsl.dags.dags import Dags
from ghndsl.dags.groups import bits

Labels: TypeAlias = tuple[str, ...]


def near(dags: Dags, dag: Dag, rng: Random | None = None) -> Iterator[Dag]:
    """The members that one edit makes of one, in a stable order, or in one of chance.

    Isomorphic ones may come again, and the member itself.

    >>> from ghndsl.dags.family import Family
    >>> dags = Dags(Family((2, 3), (1, 3)), ("conv", "pool"))
    >>> [str(one) for one in near(dags, dags.find("dag(conv;0>1,1>2)"))]
    ['dag(pool;0>1,1>2)', 'dag(conv;0>1,0>2,1>2)', 'dag(;0>1)']
    """
    edits = _Edits(dags, dag)
    edited: Iterable[tuple[Masks, Labels]] = chain(edits.labels(), edits.edges(), edits.vertices())
    if rng is not None:
        edited = list(edited)
        rng.shuffle(edited)
    for masks, labels in edited:
        if dags.family.refusal(masks) is None and _is_whole(masks, dag.inputs):
            yield Dag(dag.inputs, sources_of(masks), labels)


class _Edits:
    """What one edit makes of a DAG, members of its family and others."""

    def __init__(self, dags: Dags, dag: Dag) -> None:
        self.dags = dags
        self.dag = dag
        self.masks = dag.masks
        self.last = len(dag) - 1
        self.ends_follow = dags.family.leaves
        self.keeps_order = not dags.is_up_to_isomorphism

    def labels(self) -> Iterator[tuple[Masks, Labels]]:
        """One vertex has another label."""
        for place, label in enumerate(self.dag.labels):
            for other in self.dags.labels:
                if other != label:
                    yield self.masks, (*self.dag.labels[:place], other, *self.dag.labels[place + 1 :])

    def edges(self) -> Iterator[tuple[Masks, Labels]]:
        """One edge less, one more; or one elsewhere."""
        there = [(source, vertex) for vertex in self._targets for source in bits(self.masks[vertex])]
        for source, vertex in there:
            yield self._wired(self._toggled(self.masks, source, vertex))
        for source, vertex in self._absent(self.masks):
            yield from self._sorted(self._toggled(self.masks, source, vertex))
        least, most = self.dags.family.edges
        if least == most:
            for source, vertex in there:
                without = self._toggled(self.masks, source, vertex)
                for other, onto in self._absent(without):
                    if (other == source) != (onto == vertex):
                        yield from self._sorted(self._toggled(without, other, onto))

    @property
    def _targets(self) -> range:
        """The vertices that edges of their own lead to."""
        return range(self.dag.inputs, self.last if self.ends_follow else self.last + 1)

    def _absent(self, masks: Masks) -> Iterator[tuple[int, int]]:
        """The edges that are not there and would close no circle; none against the order where that counts."""
        before = _ancestors(masks)
        for vertex in self._targets:
            for source in range(min(vertex, self.last) if self.keeps_order else self.last):
                if source != vertex and not masks[vertex] >> source & 1 and not before[source] >> vertex & 1:
                    yield source, vertex

    def _toggled(self, masks: Masks, source: int, vertex: int) -> Masks:
        return (*masks[:vertex], masks[vertex] ^ 1 << source, *masks[vertex + 1 :])

    def _sorted(self, masks: Masks) -> Iterator[tuple[Masks, Labels]]:
        """A DAG with its vertices moved only as far as sources must come before what they feed."""
        masks, labels = self._wired(masks)
        if all(mask >> vertex == 0 for vertex, mask in enumerate(masks)):
            yield masks, labels
            return
        try:
            dag = read_dag(dag_text(masks, labels), self.dag.inputs)
        except DagError:
            return
        yield dag.masks, dag.labels

    def _wired(self, masks: Masks) -> tuple[Masks, Labels]:
        return (_ended(masks) if self.ends_follow else masks), self.dag.labels

    def vertices(self) -> Iterator[tuple[Masks, Labels]]:
        """One vertex more, one less."""
        if len(self.dag) + 1 in self.dags.family.sizes:
            yield from self._with_vertex()
        if len(self.dag) - 1 in self.dags.family.sizes:
            for vertex in self.dag.inner:
                yield from self._without(vertex)

    def _with_vertex(self) -> Iterator[tuple[Masks, Labels]]:
        for vertex, mask in enumerate(self.masks):
            for source in bits(mask):
                yield from self._inserted(source, vertex)
        if self.ends_follow:
            for source in range(self.last):
                if not self.masks[self.last] >> source & 1:
                    yield from self._inserted(source, None)

    def _inserted(self, source: int, vertex: int | None) -> Iterator[tuple[Masks, Labels]]:
        """A vertex between two, or a leaf on one; at all places where it may stand, if the order counts."""
        inputs, labels = self.dag.inputs, self.dag.labels
        first = max(source + 1, inputs)
        for place in range(first, (self.last if vertex is None else vertex) + 1 if self.keeps_order else first + 1):
            masks = [_with_place(mask, place) for mask in self.masks]
            if vertex is None:
                masks[self.last] |= 1 << place
            else:
                masks[vertex] ^= 1 << source | 1 << place
            wired = (*masks[:place], 1 << source, *masks[place:])
            for label in self.dags.labels:
                yield wired, (*labels[: place - inputs], label, *labels[place - inputs :])

    def _without(self, vertex: int) -> Iterator[tuple[Masks, Labels]]:
        """The DAG without a vertex that has one source and one target, which are then joined if they are not yet."""
        (target, *others), mask = self.dag.targets[vertex], self.masks[vertex]
        is_leaf = self.ends_follow and target == self.last
        if others or mask.bit_count() > 1 or (self.masks[target] & mask and not is_leaf):
            return
        masks = [*self.masks]
        masks[target] ^= mask | 1 << vertex
        del masks[vertex]
        place = vertex - self.dag.inputs
        wired = tuple([_without_place(one, vertex) for one in masks])
        yield _ended(wired) if is_leaf else wired, (*self.dag.labels[:place], *self.dag.labels[place + 1 :])


def _ancestors(masks: Masks) -> list[int]:
    """All from which a way leads to each vertex."""
    before: list[int] = []
    for mask in masks:
        found = mask
        for source in bits(mask):
            found |= before[source]
        before.append(found)
    return before


def _ended(masks: Masks) -> Masks:
    """The DAG with those that feed no inner vertex feeding the output."""
    return (*masks[:-1], ((1 << len(masks) - 1) - 1) & ~_feeding(masks[:-1]))


def _feeding(masks: Masks) -> int:
    feeding = 0
    for mask in masks:
        feeding |= mask
    return feeding


def _is_whole(masks: Masks, inputs: int) -> bool:
    """Whether every vertex lies on a way from an input to the output."""
    return all(masks[inputs:]) and _feeding(masks) == (1 << len(masks) - 1) - 1


def _with_place(mask: int, place: int) -> int:
    """The mask when a new vertex stands at a place."""
    return mask & (1 << place) - 1 | mask >> place << place + 1


def _without_place(mask: int, place: int) -> int:
    """The mask when the vertex at a place, which is not in it, is gone."""
    return mask & (1 << place) - 1 | mask >> place + 1 << place
