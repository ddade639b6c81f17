"""Every row of the table of samples: first weights are drawn as torch's own modules draw theirs."""

import math

import torch

from ghndsl.emit.initial import initial_weights
from ghndsl.ops import Draw, Role

ENOUGH = 60
"""Numbers from which a deviation can be told."""


def is_drawn_so(values: torch.Tensor, draw: Draw) -> bool:
    if draw.kind == "fill":
        return bool((values == draw.scale).all())
    if draw.kind == "uniform" and float(values.abs().max()) > draw.scale * (1 + 1e-6):
        return False
    deviation = draw.scale / math.sqrt(3) if draw.kind == "uniform" else draw.scale
    return values.numel() < ENOUGH or abs(float(values.std()) / deviation - 1) < 0.4


def test_first_weights_are_drawn_as_torch_does(sample) -> None:
    module = sample.op.module(*sample.types_at(2))
    (node,) = sample.graph.nodes
    ours = initial_weights(sample.graph, 0)
    for weight in node.weights:
        found = ours[node.weight_path(weight)]
        drawn = [found] if module is None else [found, module.state_dict()[weight.name]]
        for values in drawn:
            if weight.table is not None:
                assert torch.equal(values, torch.from_numpy(weight.table.numbers()).to(values.dtype))
                continue
            if weight.zero_row is not None:
                assert not bool(values[weight.zero_row].any())
                values = torch.cat((values[: weight.zero_row], values[weight.zero_row + 1 :]))  # noqa: PLW2901
            assert is_drawn_so(values, weight.drawn), weight.name


def test_a_weight_depends_on_the_seed_and_its_path_alone(sample) -> None:
    first, again, other = (initial_weights(sample.graph, seed) for seed in (0, 0, 1))
    for path, weight in sample.graph.weights.items():
        assert torch.equal(first[path], again[path])
        assert torch.equal(first[path], other[path]) is (weight.role is Role.TABLE or weight.drawn.kind == "fill")
