"""A graph goes in; what is to be done for one of its answers after another comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ghndsl.emit.run import last_uses
from ghndsl.ir import Graph, Port


@dataclass(frozen=True, slots=True)
class Leg:
    """The way to an output or exit: nodes by their place in the graph, each with the values by id that nothing on the
    way needs any more, and the value that is the answer."""

    name: str
    value: int
    nodes: tuple[tuple[int, tuple[int, ...]], ...]


def legs(graph: Graph, ports: Sequence[Port]) -> tuple[Leg, ...]:
    r"""The ways to some outputs and exits, in this order: each adds what those before it left undone.

    >>> import ghndsl
    >>> text = "input x: f32[N, 2]\n a = x -> linear(3)\n exit early = a -> relu\n output y = a -> tanh"
    >>> graph = ghndsl.loads(f"arch net() {{ {text} }}")
    >>> [[graph.nodes[place].op.name for place, _ in leg.nodes] for leg in legs(graph, graph.results)]
    [['linear', 'relu'], ['tanh']]
    """
    done: set[int] = set()
    ways: list[list[int]] = []
    for port in ports:
        needed = replace(graph, results=(port,)).needed
        way = [
            place
            for place, node in enumerate(graph.nodes)
            if place not in done and not needed.isdisjoint(value.id for value in node.results)
        ]
        done.update(way)
        ways.append(way)
    order = [graph.nodes[place] for way in ways for place in way]
    uses = iter(last_uses(order, [port.value.id for port in ports]))
    return tuple(
        Leg(port.name, port.value.id, tuple((place, next(uses)) for place in way))
        for port, way in zip(ports, ways, strict=True)
    )
