"""A graph or module of ours and a network of theirs go in; the weights and layers that are not equal come out."""

from __future__ import annotations

import re

import torch
from torch import nn
from torchvision.ops import StochasticDepth

from ghndsl import ops
from ghndsl.emit.weights import buffer, torch_type
from ghndsl.ir import Graph


def state_faults(graph: Graph, theirs: nn.Module) -> list[str]:
    """Names, shapes, types and kinds (learned, or kept) of weights that differ."""
    learned = {name for name, _ in theirs.named_parameters()}
    wanted = {
        path: (tuple(tensor.shape), tensor.dtype, path in learned) for path, tensor in theirs.state_dict().items()
    }
    ours = {path: (weight.shape, torch_type(weight), weight.trainable) for path, weight in graph.weights.items()}
    missing = [f"{path} is missing" for path in wanted if path not in ours]
    extra = [f"{path} is not theirs" for path in ours if path not in wanted]
    wrong = [
        f"{path} is {ours[path]}, not {wanted[path]}" for path in wanted if ours.get(path, wanted[path]) != wanted[path]
    ]
    return [*missing, *extra, *wrong]


def buffer_faults(graph: Graph, theirs: nn.Module) -> list[str]:
    """Buffers of a network that was just built whose first numbers differ, such as tables of positions."""
    wanted = dict(theirs.named_buffers())
    faults: list[str] = []
    for path, weight in graph.weights.items():
        if path in wanted and not torch.allclose(buffer(weight), wanted[path], rtol=1e-6):
            faults.append(f"{path} begins with other numbers")
    return faults


def layer_faults(ours: nn.Module, theirs: nn.Module) -> list[str]:
    """Settings of layers with weights that differ, such as a small `eps` that results hardly show."""
    made = dict(ours.named_modules())
    faults: list[str] = []
    for path, layer in theirs.named_modules():
        same = made.get(path)
        if same is None or not vars(layer)["_parameters"] or not same.extra_repr():
            continue
        wanted, found = (_rounded(one.extra_repr()) for one in (layer, same))
        if wanted != found:
            faults.append(f"{path} has {found}, not {wanted}")
    return faults


def chance_faults(graph: Graph, theirs: nn.Module) -> list[str]:
    """Probabilities with which parts are left out in training, of which evaluation shows nothing."""
    layers = [layer for layer in theirs.modules() if isinstance(layer, nn.Dropout | StochasticDepth)]
    wanted = {round(float(layer.p), 6) for layer in layers} - {0.0}
    ours = [node.op.p for node in graph.nodes if isinstance(node.op, ops.Dropout | ops.StochasticDepth)]
    found = {round(p, 6) for p in ours} - {0.0}
    # Torchvision makes such layers in some blocks that never call them.
    is_same = found <= wanted and max(found, default=0.0) == max(wanted, default=0.0)
    return [] if is_same else [f"parts are left out with {sorted(found)}, not with {sorted(wanted)}"]


def _rounded(settings: str) -> str:
    """Settings of a layer with their fractions as short as they were meant.

    >>> _rounded("eps=0.001, momentum=0.00029999999999996696")
    'eps=0.001, momentum=0.0003'
    """
    return re.sub(r"\d+\.\d+(e-?\d+)?", lambda number: f"{float(number[0]):.6g}", settings)
