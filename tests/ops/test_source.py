"""Every operator as Python: the file of a graph of it computes what its `run` does, with the same weights."""

from __future__ import annotations

import pytest
import torch

from ghndsl.emit.run import run
from ghndsl.emit.source import to_source
from ghndsl.types import DType, TensorType


def tensor(kind: TensorType, generator: torch.Generator) -> torch.Tensor:
    shape = [int(str(size)) for size in kind.shape]
    dtype: torch.dtype = getattr(torch, kind.dtype.torch_name)
    if kind.dtype.is_float:
        return torch.rand(shape, generator=generator, dtype=torch.float64).add(0.25).to(dtype)
    most = 2 if kind.dtype is DType.BOOL else 20
    return torch.randint(0, most, shape, generator=generator).to(dtype)


@pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel")
def test_samples(sample, made) -> None:
    graph = sample.graph
    module = made(to_source(graph))
    generator = torch.Generator().manual_seed(0)
    weights = module.state_dict()
    assert {path: tuple(weight.shape) for path, weight in weights.items()} == {
        path: weight.shape for path, weight in graph.weights.items()
    }
    for path, weight in graph.weights.items():
        assert weights[path].dtype == getattr(torch, weight.dtype.torch_name)
        if weight.trainable or "running" in path:
            weights[path] = torch.rand(weights[path].shape, generator=generator).add(0.5).to(weights[path].dtype)
    module.load_state_dict(weights, strict=True)
    module.eval()
    inputs = [tensor(kind, generator) for kind in sample.types_at(2, graph=True)]
    wanted = run(graph, inputs, weights)
    with torch.no_grad():
        got = module(*inputs)
    results = got if isinstance(got, dict) else {next(iter(wanted)): got}
    assert list(results) == list(wanted)
    for name, value in wanted.items():
        torch.testing.assert_close(results[name], value, rtol=1e-5, atol=1e-6)
