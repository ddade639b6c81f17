"""A graph and its weights go in; both come out with batch normalisations folded into the layers before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import torch

from ghndsl import ops
from ghndsl.ir import Graph, Node
from ghndsl.passes.dead import dead

_Tensors: TypeAlias = Mapping[str, torch.Tensor]
_Layer: TypeAlias = ops.Conv | ops.ConvTranspose | ops.Linear


@dataclass(frozen=True)
class _Uses:
    """The node that makes each value, how often each value is used, and how many nodes share each weight."""

    makers: Mapping[int, Node]
    values: Counter[int]
    weights: Counter[str]


def fold_batch_norms(graph: Graph, weights: _Tensors) -> tuple[Graph, dict[str, torch.Tensor]]:
    """The same function in evaluation, without the batch normalisations that a layer before them can take over.

    The layer is a convolution, a transposed one or a linear one of two dimensions; its result is used by the
    normalisation alone, and its weights by no other node. They keep their paths, and a bias is added where there was
    none. A normalisation by the statistics of the batch stays.

    >>> import ghndsl
    >>> from ghndsl.emit.initial import initial_weights
    >>> graph = ghndsl.load("resnet18")
    >>> folded, weights = fold_batch_norms(graph, initial_weights(graph, 0))
    >>> len(graph.nodes), len(folded.nodes), weights["conv1.bias"].shape
    (69, 49, torch.Size([64]))
    """
    uses = _uses(graph)
    pairs = {norm.results[0].id: norm for norm in graph.nodes if _takes_over(norm, uses, graph)}
    layers = {uses.makers[norm.inputs[0].id]: norm for norm in pairs.values()}
    folded = {**weights}
    nodes: list[Node] = []
    for node in graph.nodes:
        norm = layers.get(node)
        if norm is not None:
            folded |= _folded(node, norm, weights)
            nodes.append(replace(node, op=replace(_layer(node), bias=True), results=norm.results))
        elif node.results[0].id not in pairs:
            nodes.append(node)
    return dead(replace(graph, nodes=tuple(nodes))), folded


def _uses(graph: Graph) -> _Uses:
    values = Counter(value.id for node in graph.nodes for value in node.inputs)
    values.update(port.value.id for port in graph.results)
    weights = Counter(node.weight_path(weight) for node in graph.nodes for weight in node.weights)
    return _Uses({value.id: node for node in graph.nodes for value in node.results}, values, weights)


def _takes_over(norm: Node, uses: _Uses, graph: Graph) -> bool:
    """Whether a node is a normalisation that the layer before it can take over."""
    if not isinstance(norm.op, ops.BatchNorm) or not norm.op.track_running_stats:
        return False
    (given,) = norm.inputs
    layer = uses.makers.get(given.id)
    if layer is None or not isinstance(layer.op, _Layer) or uses.values[given.id] > 1:
        return False
    # In more dimensions the channels that are normalised are not those that a linear layer makes.
    if isinstance(layer.op, ops.Linear) and given.type.rank != 2:
        return False
    is_own = all(uses.weights[layer.weight_path(weight)] == 1 for weight in layer.weights)
    return is_own and (layer.op.bias or f"{layer.path}.bias" not in graph.weights)


def _folded(layer: Node, norm: Node, weights: _Tensors) -> dict[str, torch.Tensor]:
    """The weights of the layer that does what both did, by path.

    What there is one of for each channel is computed in doubles; kernels, which are large, in their own type or f32.
    """
    kernel = weights[f"{layer.path}.weight"]
    given = {weight.name: weights[norm.weight_path(weight)].double() for weight in norm.weights}
    bias = weights.get(f"{layer.path}.bias") if _layer(layer).bias else None
    eps = norm.op.eps if isinstance(norm.op, ops.BatchNorm) else 0.0
    scale = given.get("weight", 1.0) / (given["running_var"] + eps).sqrt()
    shift = ((0.0 if bias is None else bias.double()) - given["running_mean"]) * scale + given.get("bias", 0.0)
    return {
        f"{layer.path}.weight": _scaled(layer, kernel, scale).to(kernel.dtype),
        f"{layer.path}.bias": shift.to(kernel.dtype),
    }


def _scaled(layer: Node, kernel: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """A kernel times a number for each of the channels that it makes."""
    scale = scale.to(torch.promote_types(kernel.dtype, torch.float32))
    if not isinstance(layer.op, ops.ConvTranspose):
        return kernel * scale.reshape(-1, *(1,) * (kernel.dim() - 1))
    # Of shape [in, out / groups, ...], the inputs of one group after those of another.
    grouped = kernel.reshape(layer.op.groups, -1, *kernel.shape[1:])
    scales = scale.reshape(layer.op.groups, 1, -1, *(1,) * (kernel.dim() - 2))
    return (grouped * scales).reshape(kernel.shape)


def _layer(node: Node) -> _Layer:
    if not isinstance(node.op, _Layer):
        raise TypeError(f"{node} is no layer with a kernel")
    return node.op
