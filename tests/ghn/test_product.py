"""Products in memory of numpy's against torch's own."""

from __future__ import annotations

import pytest
import torch

from ghndsl.ghn.decoders.product import product

SHAPES = {"small": (3, 5, 4, 6), "large": (2, 1030, 33, 701), "one large": (1, 1030, 3, 1100), "none": (0, 5, 4, 6)}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_product_is_torchs(shape: tuple[int, int, int, int], dtype: torch.dtype) -> None:
    count, rows, rank, columns = shape
    left = torch.randn(count, rank, rows, dtype=dtype).transpose(1, 2)
    right = torch.randn(count, rank, columns, dtype=dtype)
    found = product(left, right)
    assert found.dtype == dtype
    assert found.is_contiguous()
    torch.testing.assert_close(found, left @ right)


def test_products_do_not_share_memory() -> None:
    left, right = torch.randn(1, 1030, 8), torch.randn(1, 8, 1100)
    first = product(left, right)
    kept = first.clone()
    second = product(2 * left, right)
    assert torch.equal(first, kept)
    torch.testing.assert_close(second, 2 * kept)


def test_a_large_product_has_gradients_where_they_are_asked_for() -> None:
    left, right = torch.randn(1, 1030, 8, requires_grad=True), torch.randn(1, 8, 1100)
    found = torch.autograd.grad(product(left, right).square().sum(), left)
    asked = torch.autograd.grad((left @ right).square().sum(), left)
    torch.testing.assert_close(found, asked)
    with torch.no_grad():
        assert not product(left, right).requires_grad
