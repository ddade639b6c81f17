"""A graph goes in; by how much weights at the ends of residual branches are made smaller comes out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ghndsl.ghn.averages import output_of
from ghndsl.ghn.kinds import kind
from ghndsl.ghn.scaling import halves
from ghndsl.ir import Graph, Node, Value
from ghndsl.ops import Role, Weight

FREE = 6.5
"""How many branches a stream may sum before each of them is made smaller."""

_MOVED = frozenset(
    {"expand", "flatten", "pad", "permute", "reshape", "roll", "slice", "squeeze", "transpose", "unsqueeze"}
)
_PLAIN = _MOVED | {"avg_pool", "dropout", "identity", "max_pool", "stochastic_depth"}
"""What hands a sum on as it is."""
_CARRIED = _PLAIN | {"gelu", "relu", "silu"}
"""What hands a sum on at about its size."""
_ENDING = (Role.KERNEL, Role.SCALE, Role.PARAMETER, Role.EMBEDDING)


def gains(graph: Graph) -> Mapping[str, float]:
    """Factors below one by the path of a weight, for weights that end a branch of a long residual stream, with what is
    added to what they make, and for kernels that read a sum to which no ReLU was applied, of which their deviation
    makes up for the half that it takes.

    Branches of unit size add up: their sum grows with the number of them or its root, as they are alike or not. Where
    more than `FREE` are summed in one stream each is made smaller by `FREE` over their number, so that the sum stays
    within the size of `FREE` alike. (GPT-2 has 1 / sqrt(2 layers) for this; Radford et al., 2019.)
    """
    streams = _Streams()
    for node in graph.nodes:
        streams.follow(node)
    found: dict[str, float] = {}
    for stream, value in streams.branches:
        count = streams.counts[streams.root(stream)]
        ended = _end(value, streams.makers) if count > FREE else None
        for path in _paths(ended) if ended is not None else ():
            found[path] = min(found.get(path, 1.0), FREE / count)
    for path in streams.unhalved:
        found[path] = found.get(path, 1.0) / math.sqrt(2)
    return found


@dataclass
class _Streams:
    """Sums that are linked by what carries them on: of each value the stream, of each stream how many sums it has."""

    of: dict[int, int] = field(default_factory=dict[int, int])
    parents: list[int] = field(default_factory=list[int])
    counts: list[int] = field(default_factory=list[int])
    makers: dict[int, Node] = field(default_factory=dict[int, Node])
    branches: list[tuple[int, Value]] = field(default_factory=list[tuple[int, Value]])
    plain: set[int] = field(default_factory=set[int])
    unhalved: set[str] = field(default_factory=set[str])

    def follow(self, node: Node) -> None:
        """Takes the next node in program order."""
        self.makers |= {value.id: node for value in node.results}
        known = [self.of[value.id] for value in node.inputs if value.id in self.of]
        if node.op.name == "add":
            stream = self._joined(known)
            self.counts[stream] += 1
            self.branches += [(stream, value) for value in node.inputs if known and value.id not in self.of]
            self.of[node.results[0].id] = stream
            self.plain.add(node.results[0].id)
        elif known and node.op.name in _CARRIED:
            self.of |= {value.id: known[0] for value in node.results}
            if node.op.name in _PLAIN and node.inputs[0].id in self.plain:
                self.plain |= {value.id for value in node.results}
        elif known and node.inputs[0].id in self.plain:
            self.unhalved |= {node.weight_path(weight) for weight in node.weights if halves(kind(node.op, weight))}

    def root(self, stream: int) -> int:
        """The stream that this one has become."""
        while self.parents[stream] != stream:
            # Half the way is left out for the next who asks.
            self.parents[stream] = self.parents[self.parents[stream]]
            stream = self.parents[stream]
        return stream

    def _joined(self, known: list[int]) -> int:
        roots = sorted({self.root(stream) for stream in known})
        if not roots:
            self.parents.append(len(self.parents))
            self.counts.append(0)
            return len(self.parents) - 1
        for other in roots[1:]:
            self.parents[other] = roots[0]
            self.counts[roots[0]] += self.counts[other]
        return roots[0]


def _end(value: Value, makers: Mapping[int, Node]) -> tuple[Node, Weight] | None:
    """The last weight on the way to a value that its size follows."""
    node = makers.get(value.id)
    while node is not None:
        ending = [weight for weight in node.weights if weight.trainable and weight.role in _ENDING]
        if ending:
            return node, output_of(node) or ending[-1]
        node = next(_before(node, makers), None)
    return None


def _paths(ended: tuple[Node, Weight]) -> Iterator[str]:
    """The path of the weight, and those of what its node adds: it adds up over the branches as well."""
    node, last = ended
    yield node.weight_path(last)
    added = [weight for weight in node.weights if weight.name == f"{last.name.removesuffix('weight')}bias"]
    yield from map(node.weight_path, added)


def _before(node: Node, makers: Mapping[int, Node]) -> Iterator[Node]:
    """The nodes whose size a node hands on, a learned factor first."""
    found = [makers[value.id] for value in node.inputs if value.id in makers]
    if node.op.name == "mul":
        yield from sorted(found, key=lambda maker: maker.op.name != "parameter")
    elif node.op.name in _CARRIED:
        yield from found
