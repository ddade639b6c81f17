"""A DAG with labelled inner vertices, and the text it is written as: each is read back from the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TypeAlias

from ghndsl.dags.groups import bits
from ghndsl.records import record

Masks: TypeAlias = tuple[int, ...]
"""The vertices that feed each vertex of a DAG, as masks."""


MOST_VERTICES = 32
"""Vertices of a DAG that can be counted."""


class DagError(Exception):
    """A text is no DAG, or none of those that are meant; the message says why, as the end of a sentence."""


@record
class Dag:
    """Inputs first, then inner vertices with a label each, then the output; `sources` are what feeds each vertex.

    >>> dag = read_dag("dag(relu,conv;0>1,0>2,1>2,2>3)", inputs=1)
    >>> dag.sources, dag.labels, list(dag.inner), str(dag)
    (((), (0,), (0, 1), (2,)), ('relu', 'conv'), [1, 2], 'dag(relu,conv;0>1,0>2,1>2,2>3)')
    """

    inputs: int
    sources: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def inner(self) -> range:
        """The vertices between the inputs and the output."""
        return range(self.inputs, len(self.sources) - 1)

    @property
    def targets(self) -> tuple[tuple[int, ...], ...]:
        """What each vertex feeds."""
        return _targets(self.sources)

    @property
    def masks(self) -> Masks:
        """What feeds each vertex, as masks."""
        return tuple([sum([1 << source for source in feeding]) for feeding in self.sources])

    @cached_property
    def _text(self) -> str:
        return dag_text(self.masks, self.labels)

    def __str__(self) -> str:
        return self._text


@lru_cache(maxsize=4096)
def _targets(sources: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    fed: list[list[int]] = [[] for _ in sources]
    for vertex, feeding in enumerate(sources):
        for source in feeding:
            fed[source].append(vertex)
    return tuple(map(tuple, fed))


def dag_text(masks: Masks, labels: Sequence[str]) -> str:
    """How a DAG is written: the labels of its inner vertices, then its edges."""
    return f"dag({','.join(labels)};{edges_text(masks)})"


@lru_cache(maxsize=4096)
def edges_text(masks: Masks) -> str:
    """The edges of a DAG, as its text writes them."""
    return ",".join([_edges_to(vertex, mask) for vertex, mask in enumerate(masks) if mask])


@lru_cache(maxsize=1 << 14)
def _edges_to(vertex: int, mask: int) -> str:
    return ",".join([f"{source}>{vertex}" for source in bits(mask)])


@lru_cache(maxsize=4096)
def sources_of(masks: Masks) -> tuple[tuple[int, ...], ...]:
    """What feeds each vertex, in ascending order."""
    return tuple([tuple(bits(mask)) for mask in masks])


def read_dag(text: str, inputs: int) -> Dag:
    """The DAG that a text describes, its vertices moved only as far as sources must come before what they feed.

    Raises `DagError`, also where a vertex lies on no way from an input to the output.
    """
    found = re.fullmatch(rf"dag\(([^;()\s]*);({_EDGE}(?:,{_EDGE})*)\)", text)
    if not found:
        raise DagError("a graph reads `dag(label,label;0>1,1>2,...)`: the labels of the inner vertices, then the edges")
    labels = found[1].split(",") if found[1] else []
    if inputs + len(labels) >= MOST_VERTICES:
        raise DagError(f"it has {inputs + len(labels) + 1} vertices, more than {MOST_VERTICES}")
    masks = [0] * (inputs + len(labels) + 1)
    for edge in found[2].split(","):
        source, vertex = map(int, edge.split(">"))
        _check_edge(edge, source, vertex, inputs, masks)
        masks[vertex] |= 1 << source
    order = _in_order(masks)
    _check_ways(masks, inputs)
    place = {vertex: number for number, vertex in enumerate(order)}
    sources = [tuple(sorted([place[source] for source in bits(masks[vertex])])) for vertex in order]
    return Dag(inputs, tuple(sources), tuple([labels[v - inputs] for v in order[inputs:-1]]))


_EDGE = "[0-9]{1,9}>[0-9]{1,9}"


def _check_edge(edge: str, source: int, vertex: int, inputs: int, masks: Sequence[int]) -> None:
    last = len(masks) - 1
    for end in (source, vertex):
        if end > last:
            inner = last - inputs
            labels = f"{inner} label{'s' * (inner != 1)}"
            raise DagError(f"with {labels} the vertices are 0 to {last}, so the edge {edge} has no vertex {end}")
    if vertex < inputs:
        raise DagError(f"vertex {vertex} is an input, which the edge {edge} cannot lead to")
    if source == last:
        raise DagError(f"vertex {source} is the output, which the edge {edge} cannot come from")
    if masks[vertex] >> source & 1:
        raise DagError(f"the edge {edge} is there twice")


def _check_ways(masks: Sequence[int], inputs: int) -> None:
    """Refuses what lies on no way from an input to the output. Without circles it is enough to look at each vertex."""
    feeding = 0
    for mask in masks:
        feeding |= mask
    for vertex, mask in enumerate(masks):
        if vertex >= inputs and not mask:
            raise DagError(f"nothing feeds vertex {vertex}, so it lies on no way from an input to the output")
        if vertex < len(masks) - 1 and not feeding >> vertex & 1:
            raise DagError(f"vertex {vertex} feeds no other, so it lies on no way from an input to the output")


def _in_order(masks: Sequence[int]) -> list[int]:
    """The vertices with sources first, those of lower number first where that leaves a choice; the output is last."""
    order: list[int] = []
    settled = 0
    while len(order) < len(masks):
        free = [v for v, mask in enumerate(masks) if not settled >> v & 1 and not mask & ~settled]
        if not free:
            raise DagError("its edges lead round in a circle")
        vertex = free[0]
        order.append(vertex)
        settled |= 1 << vertex
    return order
