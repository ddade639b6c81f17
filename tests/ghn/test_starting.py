"""Weights to start from: kernels made orthogonal as the singular value decomposition does, or parted by noise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from ghndsl import ops
from ghndsl.ghn.starting import noisy, orthogonal
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.types import TensorType, symbol

Weights = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def graph() -> Graph:
    """Kernels wide and tall, of one place, of one channel a group, transposed, of one row; with biases and scales."""
    build = GraphBuilder("kernels")
    scope = Scope("arch", "kernels")
    x = build.input("image", TensorType((symbol("N"), 3, 8, 8)))
    layers: dict[str, ops.Operator] = {
        "wide": ops.Conv(8, 3, padding=1),
        "norm": ops.BatchNorm(),
        "tall": ops.Conv(16, 1),
        "depthwise": ops.Conv(16, 3, padding=1, groups=16),
        "few_places": ops.Conv(16, 2, groups=16),
        "transposed": ops.ConvTranspose(4, 3),
        "pool": ops.AdaptiveAvgPool(1),
        "flatten": ops.Flatten(),
        "linear": ops.Linear(24),
        "one": ops.Linear(1),
    }
    for path, op in layers.items():
        (x,) = build.add(op, [x], path, scope)
    build.output("logits", x)
    return build.finish()


def drawn(graph: Graph, seed: int = 0) -> Weights:
    rng = torch.Generator().manual_seed(seed)
    return {path: 0.3 * torch.randn(one.shape, generator=rng) for path, one in graph.weights.items()}


def kernels(graph: Graph) -> list[str]:
    return [path for path, one in graph.weights.items() if len(one.shape) > 1]


def size(weight: torch.Tensor) -> float:
    return float(weight.square().mean().sqrt())


def assert_orthogonal(weight: torch.Tensor, length: float | None = None) -> None:
    """Its rows, or its columns where those are fewer, are at right angles and of one length."""
    matrix = weight.flatten(1).double()
    matrix = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.t()
    products = matrix @ matrix.t()
    length = float(products.diagonal().mean()) if length is None else length
    torch.testing.assert_close(products, length * torch.eye(len(products), dtype=torch.float64), rtol=1e-5, atol=1e-5)


def of_rank(count: int) -> Callable[[torch.Tensor], torch.Tensor]:
    def change(weight: torch.Tensor) -> torch.Tensor:
        matrix = weight.flatten(1)
        rng = torch.Generator().manual_seed(1)
        rows, columns = (torch.randn(side, count, generator=rng) for side in matrix.shape)
        return (rows @ columns.t()).view_as(weight)

    return change


WEIGHTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "of full rank": lambda weight: weight,
    "of rank one": of_rank(1),
    "of rank two": of_rank(2),
    "equal channels": lambda weight: weight[:1].expand_as(weight).contiguous(),
    "tiny": lambda weight: 1e-12 * weight,
    "large": lambda weight: 1e6 * weight,
}


@pytest.mark.parametrize("change", WEIGHTS.values(), ids=WEIGHTS)
def test_orthogonal_kernels(graph: Graph, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    weights = {path: change(one) if one.ndim > 1 else one for path, one in drawn(graph).items()}
    found = orthogonal(graph, weights)
    assert list(found) == list(weights)
    for path, weight in weights.items():
        assert (found[path].shape, found[path].dtype) == (weight.shape, weight.dtype)
        if weight.ndim < 2:
            assert torch.equal(found[path], weight)
            continue
        assert size(found[path]) == pytest.approx(size(weight), rel=1e-5)
        assert_orthogonal(found[path] / size(weight))


def test_nearest_by_the_singular_value_decomposition(graph: Graph) -> None:
    """And nearer than what it would be with a part of it turned."""
    weights = drawn(graph)
    found = orthogonal(graph, weights)
    for path in kernels(graph):
        matrix, near = weights[path].flatten(1), found[path].flatten(1)
        left, _, right = torch.linalg.svd(matrix, full_matrices=False)
        torch.testing.assert_close(near / size(near), left @ right / size(left @ right), rtol=1e-4, atol=1e-4)
        if len(near) > 1:
            angle = torch.randn(len(near), len(near), generator=torch.Generator().manual_seed(0))
            turned = torch.matrix_exp(0.05 * (angle - angle.t())) @ near
            assert float((matrix - near).norm()) < float((matrix - turned).norm())


def test_directions_that_a_kernel_lacks_are_of_the_seed(graph: Graph) -> None:
    """And those that it has are not."""
    weights = drawn(graph)
    thin = {path: of_rank(1)(one) if path in kernels(graph) else one for path, one in weights.items()}
    for path in kernels(graph):
        first, again, other = (orthogonal(graph, thin, seed)[path] for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert (min(first.flatten(1).shape) > 1) == (
            not torch.allclose(first, other, rtol=1e-2, atol=1e-2 * size(other))
        )
        whole = [orthogonal(graph, weights, seed)[path] for seed in (1, 2)]
        assert torch.equal(*whole)


def test_what_is_orthogonal_stays(graph: Graph) -> None:
    once = orthogonal(graph, drawn(graph))
    twice = orthogonal(graph, once)
    for path in kernels(graph):
        torch.testing.assert_close(twice[path], once[path], rtol=1e-5, atol=1e-6)


def test_a_kernel_of_zeros_stays_one(graph: Graph) -> None:
    nothing = {path: torch.zeros_like(one) for path, one in drawn(graph).items()}
    for found in (orthogonal(graph, nothing), noisy(graph, nothing, 0.5, seed=0)):
        assert all(torch.equal(found[path], nothing[path]) for path in nothing)


@pytest.mark.parametrize("amount", [0.1, 1.0, 5.0])
def test_noise_keeps_the_size_and_parts_what_is_equal(graph: Graph, amount: float) -> None:
    weights = {path: one[:1].expand_as(one).contiguous() if one.ndim > 1 else one for path, one in drawn(graph).items()}
    found = noisy(graph, weights, amount, seed=3)
    before, after = (torch.cat([one[path].flatten() for path in kernels(graph)]) for one in (weights, found))
    for path, weight in weights.items():
        if weight.ndim < 2:
            assert torch.equal(found[path], weight)
            continue
        rows = found[path].flatten(1)
        assert len(rows.unique(dim=0)) == len(rows)
        if weight.numel() > 500:
            assert size(found[path]) == pytest.approx(size(weight), rel=0.1)
            kept = float((found[path] * weight).mean()) / size(weight) / size(found[path])
            assert kept == pytest.approx((1 + amount**2) ** -0.5, abs=0.1)
    assert not torch.equal(before, after)


def test_noise_is_of_the_seed_and_the_path_alone(graph: Graph) -> None:
    weights = drawn(graph)
    torch.manual_seed(1)
    first = noisy(graph, weights, 0.2, seed=3)
    torch.manual_seed(2)
    again, other = noisy(graph, dict(reversed(weights.items())), 0.2, seed=3), noisy(graph, weights, 0.2, seed=4)
    none = noisy(graph, weights, 0.0, seed=3)
    noise = {path: (first[path] - weights[path]).flatten()[:4] for path in kernels(graph) if path != "one.weight"}
    assert len({tuple(one.tolist()) for one in noise.values()}) == len(noise)
    for path, weight in weights.items():
        assert torch.equal(first[path], again[path])
        assert torch.equal(none[path], weight)
        assert torch.equal(first[path], other[path]) == (weight.ndim < 2)
