"""A graph goes in; the scale of each unit and whether an exit hangs on it, as rows of the embedding table, come out."""

from __future__ import annotations

import math

from ghndsl.ghn.features import Rows, row
from ghndsl.ghn.units import Unit, uses
from ghndsl.ir import Graph, Node
from ghndsl.types import TensorType

CARRIES, ANSWERS = 1, 2


class Standing:
    """Where units of a network stand that may answer early (Zhang et al., ICLR 2019, appendix).

    The scale is how often images were halved on the way: 0, 1 and 2 for the 32, 16 and 8 places of the paper. An exit
    hangs on the node whose map others take too, the last one where it concatenates several; what only leads from
    there to the answer is the exit's own.
    """

    def __init__(self, graph: Graph) -> None:
        self._whole = max((_side(port.value.type) for port in graph.arguments), default=0)
        self._exits = _exits(graph)

    def rows(self, unit: Unit) -> Rows:
        """The rows of a unit: the scale of what it makes, and its part in an exit, if it has one."""
        marks = [self._exits[node] for node in unit if node in self._exits]
        return (*self.scale(unit[-1].results[0].type), *(row("exit", mark) for mark in marks[-1:]))

    def scale(self, kind: TensorType) -> Rows:
        """The row of an image's scale; none for what is no image, or of open size."""
        side = _side(kind)
        return (row("scale", max(0, round(math.log2(self._whole / side)))),) if side and self._whole else ()


def _side(kind: TensorType) -> int:
    """The height of an image, 0 for anything else."""
    side = kind.shape[2] if kind.rank == 4 else 0
    return side if isinstance(side, int) else 0


def _exits(graph: Graph) -> dict[Node, int]:
    """The nodes on which an exit hangs, and those that are its own."""
    order = {value.id: index for index, node in enumerate(graph.nodes) for value in node.results}
    taken, found = uses(graph), dict[Node, int]()
    for port in graph.results:
        value = port.value
        while port.is_exit and value.id in order:
            node = graph.nodes[order[value.id]]
            is_own = taken[value.id] == 1 and (len(node.inputs) == 1 or node.op.name == "concat")
            found.setdefault(node, ANSWERS if is_own else CARRIES)
            if not is_own:
                break
            value = max(node.inputs, key=lambda one: order.get(one.id, -1))
    return found
