"""Labelled vertices and edges of a DAG go in; an order of the vertices that is the same for isomorphic DAGs comes out.

Colours are refined along the DAG; where ties remain, what the settled vertices separate is solved part by part, and
only a part without a settled vertex is branched on (individualisation-refinement after McKay, "Practical graph
isomorphism", 1981), once for each orbit of the automorphisms found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TypeAlias

from ghndsl.records import record

Edge: TypeAlias = tuple[int, bytes]
"""A neighbour and the label of the edge to it; all labels of a DAG have one length."""

_Certificate: TypeAlias = tuple[tuple[bytes, tuple[tuple[int, bytes], ...]], ...]


@record
class _Wiring:
    """The edges of a DAG from both ends, its vertices numbered so that sources come first."""

    sources: Sequence[Sequence[Edge]]
    users: Sequence[Sequence[Edge]]

    def restricted(self, part: Sequence[int]) -> _Wiring:
        """The wiring among some vertices, numbered by their place in `part`."""
        place = {v: i for i, v in enumerate(part)}
        sources = [[(place[s], label) for s, label in self.sources[v] if s in place] for v in part]
        users = [[(place[u], label) for u, label in self.users[v] if u in place] for v in part]
        return _Wiring(sources, users)


def canonical_order(sources: Sequence[Sequence[Edge]], labels: Iterable[str]) -> list[int]:
    """The vertices in an order that depends on labels and edges alone, but for automorphisms.

    `sources` lists the edges that enter each vertex, from earlier vertices only; their order is without meaning.

    >>> x_twice = canonical_order([[], [], [(0, b"a")], [(1, b"a")]], ["x", "y", "f", "f"])
    >>> swapped = canonical_order([[], [], [(0, b"a")], [(1, b"a")]], ["y", "x", "f", "f"])
    >>> [[1, 0, 3, 2][v] for v in swapped] == x_twice
    True
    """
    users: list[list[Edge]] = [[] for _ in sources]
    for vertex, edges in enumerate(sources):
        for source, label in edges:
            users[source].append((vertex, label))
    texts = [*labels]
    colours = {text: _digest(text.encode()) for text in set(texts)}
    return _solve(_Wiring(sources, users), [colours[text] for text in texts], thorough=True)


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _solve(wiring: _Wiring, colours: list[bytes], *, thorough: bool) -> list[int]:
    """A canonical order; without `thorough` only one branch is followed, which may or may not be the canonical one."""
    while True:
        colours = _refined(wiring, colours)
        cells: dict[bytes, list[int]] = {}
        for vertex, colour in enumerate(colours):
            cells.setdefault(colour, []).append(vertex)
        loose = [vertex for vertex, colour in enumerate(colours) if len(cells[colour]) > 1]
        parts = _components(wiring, loose)
        if not parts or len(parts[0]) < len(colours):
            order = [cells[colour][0] for colour in sorted(cells) if len(cells[colour]) == 1]
            return order + _solved(wiring, colours, parts, thorough=thorough)
        _, colour = min((len(cell), colour) for colour, cell in cells.items())
        cell = cells[colour]
        if thorough and len({_edges(wiring, v) for v in cell}) > 1:
            return _branch(wiring, colours, cell)
        # Vertices with the same edges can be swapped, so one of them speaks for all.
        colours = _apart(colours, cell[0])


def _solved(wiring: _Wiring, colours: Sequence[bytes], parts: Sequence[Sequence[int]], *, thorough: bool) -> list[int]:
    """The order of what the settled vertices separate, part by part."""
    solved: list[tuple[_Certificate, list[int]]] = []
    for part in parts:
        inner, inner_colours = wiring.restricted(part), [colours[v] for v in part]
        found = _solve(inner, inner_colours, thorough=thorough)
        solved.append((_certificate(inner, inner_colours, found), [part[i] for i in found]))
    # Colours say all about edges to settled vertices, so parts with equal certificates are interchangeable.
    solved.sort(key=lambda pair: pair[0])
    return [vertex for _, found in solved for vertex in found]


def _refined(wiring: _Wiring, colours: list[bytes]) -> list[bytes]:
    """Colours that tell vertices apart by all they are made from and all they are used for, until none is split."""
    colours, count = list(colours), len(set(colours))
    while True:
        before = count
        for edges, sweep in ((wiring.sources, range(len(colours))), (wiring.users, reversed(range(len(colours))))):
            for v in sweep:
                if edges[v]:
                    near = [label + colours[other] for other, label in edges[v]]
                    near.sort()
                    colours[v] = blake2b(colours[v] + b"".join(near), digest_size=16).digest()
            count = len(set(colours))
            if count == len(colours):
                return colours
        if count == before:
            return colours


def _components(wiring: _Wiring, vertices: Sequence[int]) -> list[list[int]]:
    """The connected components among some vertices, each in ascending order."""
    left, parts = set(vertices), list[list[int]]()
    for start in vertices:
        if start not in left:
            continue
        left.remove(start)
        part, stack = [start], [start]
        while stack:
            v = stack.pop()
            near = {other for other, _ in (*wiring.sources[v], *wiring.users[v])} & left
            left -= near
            part += near
            stack += near
        parts.append(sorted(part))
    return parts


def _certificate(wiring: _Wiring, colours: Sequence[bytes], order: Sequence[int]) -> _Certificate:
    """A DAG written in an order: equal for two orders exactly when an automorphism leads from one to the other."""
    place = {v: i for i, v in enumerate(order)}
    return tuple((colours[v], tuple(sorted((place[s], label) for s, label in wiring.sources[v]))) for v in order)


def _apart(colours: Sequence[bytes], vertex: int) -> list[bytes]:
    """The colours with one vertex told apart from those of its colour."""
    return [_digest(colour + b"!") if v == vertex else colour for v, colour in enumerate(colours)]


def _branch(wiring: _Wiring, colours: Sequence[bytes], cell: Sequence[int]) -> list[int]:
    """The order with the least certificate among those that put one vertex of the cell apart."""
    found: dict[_Certificate, list[int]] = {}
    orbits = {v: {v} for v in range(len(colours))}
    for index, vertex in enumerate(cell):
        if not orbits[vertex].isdisjoint(cell[:index]):
            continue
        # A single path to a leaf seen before is enough to know an automorphism, and spares the whole branch.
        for careful in (False, True) if found else (True,):
            order = _solve(wiring, _apart(colours, vertex), thorough=careful)
            earlier = found.get(certificate := _certificate(wiring, colours, order))
            if earlier is not None:
                _join(orbits, zip(earlier, order, strict=True))
                break
            if careful:
                found[certificate] = order
    return found[min(found)]


def _edges(wiring: _Wiring, vertex: int) -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    return tuple(sorted(wiring.sources[vertex])), tuple(sorted(wiring.users[vertex]))


def _join(orbits: dict[int, set[int]], automorphism: Iterable[tuple[int, int]]) -> None:
    for a, b in automorphism:
        if orbits[a] is not orbits[b]:
            orbits[a] |= orbits[b]
            for v in orbits[b]:
                orbits[v] = orbits[a]
