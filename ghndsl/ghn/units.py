"""Nodes in program order go in; the units that a hypernetwork sees as one node each come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from ghndsl.ir import Graph, Node
from ghndsl.ops import Conv, Role

Unit: TypeAlias = tuple[Node, ...]
"""Nodes of which each but the first takes only what the one before makes, and nothing else does."""

_KERNELS = Role.KERNEL, Role.EMBEDDING, Role.PARAMETER

_JOINS = "concat", "add"

LONGEST = 8
"""Nodes that a unit has at most."""


def uses(graph: Graph) -> Counter[int]:
    """How often each value is taken, by nodes and by outputs."""
    taken = Counter(value.id for node in graph.nodes for value in node.inputs)
    taken.update(port.value.id for port in graph.results)
    return taken


def units(nodes: Sequence[Node], taken: Counter[int], *, fused: bool, begins: bool = False) -> list[Unit]:
    """The units, ordered by their first nodes; single nodes unless `fused`. With `begins` a unit begins with what joins
    values, also where it joins one alone.

    In Zhang et al. (ICLR 2019) a node is a whole operation such as ReLU, convolution and normalisation, not each of
    the three: here a chain joins what stands around one kernel, so that messages go from operation to operation.
    """
    if not fused:
        return [(node,) for node in nodes]
    open_: dict[int, list[Node]] = {}
    found: list[list[Node]] = []
    for node in nodes:
        goes_on = len(node.inputs) == 1 and not (begins and joins(node))
        chain = open_.pop(node.inputs[0].id, None) if goes_on else None
        if chain is None or len(chain) == LONGEST or (has_kernel(node) and any(map(has_kernel, chain))):
            chain = []
            found.append(chain)
        chain.append(node)
        if len(node.results) == 1 and taken[node.results[0].id] == 1:
            open_[node.results[0].id] = chain
    return [tuple(chain) for chain in found]


def joins(node: Node) -> bool:
    """Whether a node joins values: any number of them, also one."""
    return node.op.name in _JOINS


def is_bottleneck(unit: Unit) -> bool:
    """Whether a unit is a pointwise convolution of one value, with what stands around it."""
    kernels = [node.op for node in unit if has_kernel(node)]
    return (
        len(kernels) == 1
        and len(unit[0].inputs) == 1
        and isinstance(kernels[0], Conv)
        and kernels[0].groups == 1
        and {*_sizes(kernels[0].kernel_size)} == {1}
    )


def _sizes(size: int | tuple[int, ...]) -> tuple[int, ...]:
    return (size,) if isinstance(size, int) else size


def has_kernel(node: Node) -> bool:
    """Whether a node has weights that are no bias, scale or statistic."""
    return bool(node.weights) and any(weight.role in _KERNELS for weight in node.weights)
