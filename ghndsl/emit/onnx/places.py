"""A graph goes in; values of its symbolic sizes that are worth a run come out, the likeliest to show a mix-up first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from ghndsl.ir import Graph, batch_symbol
from ghndsl.ir.sizes import linear
from ghndsl.types import SymbolicSize, is_empty, product

_PLACES = (32, 16, 8, 4, 2, 1, 64, 128, 256)
"""How many places dimensions of symbolic size get at most, tried in this order until the graph runs."""
_MOST_ELEMENTS = 30_000_000
"""Numbers in the largest tensor with which larger sizes are tried."""
_MOST_PLACES = 2**16


def ways(graph: Graph, batches: Sequence[int]) -> Iterator[tuple[int, list[dict[str, int]]]]:
    """Numbers of places, and sizes beside the batch that give dimensions so many, in one order or two, best first."""
    batch = batch_symbol(graph)
    names = [name for name in sizes_of(graph, 1) if name != batch]
    for places in chain(_PLACES, _larger(graph, batches)):
        for orders in _orders(len(names), places):
            every = [sizes_of(graph, places, dict(zip(names, order, strict=True))) for order in orders]
            # Dimensions of multiples of names may need more than an eighth to differ.
            if all(len({sizes[name] for name in names}) >= len(set(orders[0])) for sizes in every):
                yield places, [{name: sizes[name] for name in names} for sizes in every]


def _orders(count: int, places: int) -> Iterator[list[list[int]]]:
    """Places of so many dimensions, in one order or two: each an eighth less than the one before, or half; then equal.

    >>> list(_orders(2, 32))
    [[[32, 28], [28, 32]], [[32, 16], [16, 32]], [[32, 28]], [[28, 32]], [[32, 32]]]
    """
    eighths = [max(1, places * (8 - i % 8) // 8) for i in range(count)]
    if len(set(eighths)) > 1:
        halves = [max(1, places >> i) for i in range(count)]
        yield from ([one, one[::-1]] for one in (eighths, halves))
        yield from ([one] for one in (eighths, eighths[::-1]))
    yield [[places] * count]


def sizes_of(graph: Graph, places: int, wanted: Mapping[str, int] | None = None) -> dict[str, int]:
    """The least values with which dimensions have so many places, or as many as are wanted of the name in them."""
    sizes: dict[str, int] = {}
    for port in graph.arguments:
        for size in port.value.type.shape:
            form = linear(size) if isinstance(size, SymbolicSize) else None
            if form is not None:
                name, factor, rest = form
                asked = (wanted or {}).get(name, places)
                sizes[name] = max(sizes.get(name, 1), -(-(asked - rest) // factor))
    return sizes


def _larger(graph: Graph, batches: Sequence[int]) -> Iterator[int]:
    """The fewest places with which no tensor is empty, if more than the usual ones, and tensors are not too large."""
    low = high = max(_PLACES)
    while not _is_filled(graph, high) and high < _MOST_PLACES:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _is_filled(graph, middle) else (middle, high)
    is_found = high > max(_PLACES) and _is_filled(graph, high)
    if is_found and max(batches, default=1) * _elements(graph, high) <= _MOST_ELEMENTS:
        yield high


def _is_filled(graph: Graph, places: int) -> bool:
    """Whether no tensor is certain to be empty; the batch is one of the sizes here."""
    sizes = sizes_of(graph, places)
    types = [value.type.substitute(sizes) for node in graph.nodes for value in node.results]
    return not any(is_empty(size) for kind in types for size in kind.shape)


def _elements(graph: Graph, places: int) -> int:
    """The numbers in the largest tensor of one example."""
    sizes = {**sizes_of(graph, places), (batch_symbol(graph) or ""): 1}
    values = [port.value for port in graph.arguments] + [value for node in graph.nodes for value in node.results]
    counts = [product(value.type.substitute(sizes).shape) for value in values]
    return max([count for count in counts if isinstance(count, int)], default=0)
