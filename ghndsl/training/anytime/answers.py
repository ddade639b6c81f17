"""A graph goes in; those of its exits and outputs that answer what the main output answers come out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ghndsl.data import main_output
from ghndsl.ir import Graph
from ghndsl.passes.dead import dead
from ghndsl.passes.facts import Exit, reach


@dataclass(frozen=True)
class Answers:
    """All of them, in the order of the text; the main output is the last."""

    exits: tuple[str, ...]
    main: str

    @property
    def names(self) -> tuple[str, ...]:
        """The exits, then the main output."""
        return (*self.exits, self.main)

    def reached(self, graph: Graph) -> tuple[Exit, ...]:
        """What it takes to reach each, in a graph with outputs of these names."""
        ports = {port.name: port for port in graph.results}
        return tuple(reach(graph, ports[name]) for name in self.names)

    def in_turn(self, graph: Graph) -> tuple[int, ...]:
        """The multiply-adds of each with all those before it, as when each is looked at before the next is asked;
        ValueError while sizes are open."""
        ports = {port.name: port for port in graph.results}
        kept = [ports[name] for name in self.names]
        costs = [dead(replace(graph, results=tuple(kept[: count + 1]))).macs for count in range(len(kept))]
        known = tuple(cost for cost in costs if cost is not None)
        if len(known) < len(costs):
            raise ValueError("what exits cost is not known while sizes are open")
        return known


def answers(graph: Graph) -> Answers:
    """The exits that are of the main output's type, and it.

    >>> import ghndsl
    >>> answers(ghndsl.load("msdnet")).names
    ('early1', 'early3', 'early5', 'early7', 'logits')
    """
    main = main_output(graph)
    kind = main.value.type
    exits = [port.name for port in graph.results if port.is_exit and port.name != main.name and port.value.type == kind]
    return Answers(tuple(exits), main.name)
