"""A graph goes in; by how much kernels that read what is small are made larger comes out."""

from __future__ import annotations

from ghndsl.ir import Graph, Node
from ghndsl.ops import Mean, Role, Weight

_KEEPING = frozenset({"dropout", "expand", "flatten", "identity", "permute", "reshape", "squeeze", "unsqueeze"})
"""What hands an average on as it is."""
_ATTENDING = ("attention", "window_attention")
_AVERAGE, _ATTENDED = 2.0, 2.5
"""How much larger kernels are that read averages over all places, and those by which attention answers."""
_GELU: float = 0.425**-0.5
"""That of kernels that read a GELU, whose second moment is .425 where its input is normal."""


def factors(graph: Graph) -> dict[str, float]:
    """By how much kernels are made larger that read what is small, by path."""
    found = dict.fromkeys(_behind_gelu(graph), _GELU) | dict.fromkeys(averaged(graph), _AVERAGE)
    outputs = [(node, output_of(node)) for node in graph.nodes]
    return found | {node.weight_path(output): _ATTENDED for node, output in outputs if output is not None}


def averaged(graph: Graph) -> frozenset[str]:
    """The paths of kernels that read an average: of what a ReLU passes it is .4 of unit size, of a SiLU's .2, of
    normalised values less.

    Such are the kernels of heads, and those that weigh channels (Hu et al., CVPR 2018).
    """
    small: set[int] = set()
    found: set[str] = set()
    for node in graph.nodes:
        reads = bool(node.inputs) and node.inputs[0].id in small
        if _averages(node) or (reads and node.op.name in _KEEPING):
            small |= {value.id for value in node.results}
        elif reads:
            found |= {node.weight_path(weight) for weight in node.weights if weight.role is Role.KERNEL}
    return frozenset(found)


def _behind_gelu(graph: Graph) -> set[str]:
    """The paths of kernels of linear layers that read a GELU, as those of transformers' second layers do."""
    made: set[int] = set()
    found: set[str] = set()
    for node in graph.nodes:
        reads = bool(node.inputs) and node.inputs[0].id in made
        if node.op.name == "gelu" or (reads and node.op.name in ("dropout", "identity")):
            made |= {value.id for value in node.results}
        elif reads and node.op.name == "linear":
            found |= {node.weight_path(weight) for weight in node.weights if weight.role is Role.KERNEL}
    return found


def output_of(node: Node) -> Weight | None:
    """The kernel by which an attention answers, which reads means over places."""
    if node.op.name not in _ATTENDING:
        return None
    return next(weight for weight in node.weights if weight.name in ("out_proj.weight", "proj.weight"))


def _averages(node: Node) -> bool:
    if isinstance(node.op, Mean):
        # One over channels alone leaves the places that there are.
        rank, dim = node.input_types[0].rank, node.op.dim
        return dim is None or (1 if isinstance(dim, int) else len(dim)) >= rank - 2
    return node.op.name == "adaptive_avg_pool" and all(size == 1 for size in node.results[0].type.shape[2:])
