"""A number of inputs and of inner vertices goes in; the stems of DAGs of that size come out, one for each isomorphism.

A stem is a DAG without its output: every inner vertex has an edge from an input or an earlier vertex. A vertex lies in
the layer that its longest way from an input says; so the last layer can be told, and a stem has exactly one parent, the
stem without it. The children of a stem are the orbits of its automorphisms on the layers that can follow, hence each
stem is found once, and none is ever compared with another (orderly generation, after Read, "Every one a winner", 1978).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations, product
from math import factorial, prod
from typing import TypeAlias

from ghndsl.dags.groups import Group, Permutation, bits, image, subsets, trivial

_MOST_AUTOMORPHISMS = 5_040

Layer: TypeAlias = tuple[int, ...]
"""The sources of each vertex of a layer, as masks, ascending."""


class TooManyError(Exception):
    """There are more stems than can be listed."""


@dataclass(frozen=True, slots=True)
class Stem:
    """Inputs and inner vertices: the sources of each inner vertex as a mask, and what moves the stem onto itself.

    `last` is the last layer, `sinks` are the vertices that feed no other, both as masks.
    """

    inputs: int
    sources: tuple[int, ...]
    last: int
    sinks: int
    edges: int
    group: Group

    @property
    def size(self) -> int:
        """How many inputs and inner vertices there are."""
        return self.inputs + len(self.sources)


def stems(inputs: int, inner: int, least_inner: int, most_edges: int, most: int | None = None) -> list[list[Stem]]:
    """All stems, by the number of inner vertices up to `inner`; raises `TooManyError` when there are more than `most`.

    Those are left out that no DAG of at least `least_inner` inner vertices and at most `most_edges` edges contains.

    >>> [len(found) for found in stems(1, 4, 0, 100)]
    [1, 1, 3, 16, 164]
    """
    found: list[list[Stem]] = [[] for _ in range(inner + 1)]
    count = 0

    def grow(stem: Stem) -> None:
        nonlocal count
        found[len(stem.sources)].append(stem)
        count += 1
        if most is not None and count > most:
            raise TooManyError
        for width in range(1, inner - len(stem.sources) + 1):
            wanting = max(0, least_inner - len(stem.sources) - width)
            for child in _children(stem, width, most_edges - wanting):
                grow(child)

    all_inputs = (1 << inputs) - 1
    grow(Stem(inputs, (), all_inputs, all_inputs, 0, trivial(inputs)))
    return found


def _children(stem: Stem, width: int, most_edges: int) -> Iterator[Stem]:
    """The stems that a layer of a width makes of one, of those with few enough edges, one more for each sink."""
    room = most_edges - stem.edges - stem.sinks.bit_count()
    if room < width:
        return
    masks = _feeding(stem, room - width)
    last = ((1 << width) - 1) << stem.size
    for layer in _layers(masks, 0, width, room, stem.sinks):
        if len(stem.group) > 1 and not _is_least(layer, stem.group):
            continue
        union, edges = 0, stem.edges
        for mask in layer:
            union |= mask
            edges += mask.bit_count()
        group = automorphisms(stem, layer)
        yield Stem(stem.inputs, stem.sources + layer, last, stem.sinks & ~union | last, edges, group)


def _feeding(stem: Stem, most: int) -> list[int]:
    """What can feed a vertex of the next layer: some of the last one, other sinks, and at most so many beside."""
    others = list(bits(((1 << stem.size) - 1) & ~stem.sinks))
    beside = [sum([1 << v for v in some]) for size in range(most + 1) for some in combinations(others, size)]
    sinks = [mask for mask in subsets(stem.sinks) if mask & stem.last]
    return sorted([one | other for one in sinks for other in beside])


def _layers(masks: Sequence[int], start: int, width: int, room: int, sinks: int) -> Iterator[Layer]:
    """Layers of a width, in order. Each vertex takes one of `room` for its own edge to come, and one for each edge to
    it that does not come from a sink."""
    for place in range(start, len(masks)):
        mask = masks[place]
        left = room - 1 - (mask & ~sinks).bit_count()
        if left < width - 1:
            continue
        if width == 1:
            yield (mask,)
            continue
        for rest in _layers(masks, place, width - 1, left, sinks & ~mask):
            yield (mask, *rest)


def moved_layer(permutation: Permutation, layer: Layer) -> Layer:
    """The layer that a permutation of the stem takes one to."""
    return tuple(sorted([image(permutation, mask) for mask in layer]))


def _is_least(layer: Layer, group: Group) -> bool:
    return all(moved_layer(g, layer) >= layer for g in group)


def automorphisms(stem: Stem, layer: Layer) -> Group:
    """What moves a stem with a further layer onto itself: what does so to the stem, and exchanges vertices alike."""
    if len(stem.group) == 1 and len(set(layer)) == len(layer):
        return trivial(stem.size + len(layer))
    places: dict[int, list[int]] = {}
    for place, mask in enumerate(layer, stem.size):
        places.setdefault(mask, []).append(place)
    if len(stem.group) * prod([factorial(len(alike)) for alike in places.values()]) > _MOST_AUTOMORPHISMS:
        raise TooManyError
    found: list[Permutation] = []
    for g in stem.group:
        if moved_layer(g, layer) != layer:
            continue
        targets = [permutations(places[image(g, mask)]) for mask in places]
        for choice in product(*targets):
            moved = [*g, *layer]
            for alike, onto in zip(places.values(), choice, strict=True):
                for one, other in zip(alike, onto, strict=True):
                    moved[one] = other
            found.append(tuple(moved))
    return tuple(found)
