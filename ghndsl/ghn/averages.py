"""A graph goes in; the kernels that read averages over all places, which are small, come out."""

from __future__ import annotations

from ghndsl.ir import Graph, Node
from ghndsl.ops import Mean, Role, Weight

_KEEPING = frozenset({"dropout", "expand", "flatten", "identity", "permute", "reshape", "squeeze", "unsqueeze"})
"""What hands an average on as it is."""
_ATTENDING = ("attention", "window_attention")


def averaged(graph: Graph) -> frozenset[str]:
    """The paths of kernels that read an average: of what a ReLU passes it is .4 of unit size, of a SiLU's .2, of
    normalised values less.

    Such are the kernels of heads, those that weigh channels (Hu et al., CVPR 2018), and those by which attention
    answers.
    """
    small: set[int] = set()
    found: set[str] = set()
    for node in graph.nodes:
        output = output_of(node)
        if output is not None:
            found.add(node.weight_path(output))
        reads = bool(node.inputs) and node.inputs[0].id in small
        if _averages(node) or (reads and node.op.name in _KEEPING):
            small |= {value.id for value in node.results}
        elif reads:
            found |= {node.weight_path(weight) for weight in node.weights if weight.role is Role.KERNEL}
    return frozenset(found)


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
