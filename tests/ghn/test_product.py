"""Products in memory that is got at once against torch's own."""

from __future__ import annotations

import math

import pytest
import torch

from ghndsl.ghn.decoders.product import Room

SHAPES = {"small": (3, 5, 4, 6), "large": (2, 1030, 33, 701), "one large": (1, 1030, 3, 1100), "none": (0, 5, 4, 6)}


def thin(shape: tuple[int, int, int, int], dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    """Matrices whose product has a shape, by way of a rank."""
    count, rows, rank, columns = shape
    left = torch.randn(count, rank, rows, dtype=dtype).transpose(1, 2)
    return left, torch.randn(count, rank, columns, dtype=dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("learns", [False, True])
def test_products_are_torchs_each_in_its_own_place(learns: bool, dtype: torch.dtype) -> None:
    factors = [thin(shape, dtype) for shape in SHAPES.values()]
    sizes = [count * rows * columns for count, rows, _, columns in SHAPES.values()]
    with torch.set_grad_enabled(learns):
        room = Room(sizes, factors[0][0])
        found = [room.product(*both) for both in factors]
    assert len({made.untyped_storage().data_ptr() for made in found if len(made)}) == (len(sizes) - 1 if learns else 1)
    for made, (left, right) in zip(found, factors, strict=True):
        assert made.is_contiguous()
        assert learns or made.data_ptr() % 64 == 0
        torch.testing.assert_close(made, left @ right)


def test_what_no_room_is_left_for_has_its_own() -> None:
    left, right = thin(SHAPES["large"])
    with torch.no_grad():
        room = Room([math.prod((2, 1030, 701))], left)
        first, second = room.product(left, right), room.product(2 * left, right)
    torch.testing.assert_close(second, 2 * first)
    assert first.untyped_storage().data_ptr() != second.untyped_storage().data_ptr()


def test_a_large_product_has_gradients_where_they_are_asked_for() -> None:
    left, right = torch.randn(1, 1030, 8, requires_grad=True), torch.randn(1, 8, 1100)
    found = torch.autograd.grad(Room([1030 * 1100], left).product(left, right).square().sum(), left)
    asked = torch.autograd.grad((left @ right).square().sum(), left)
    torch.testing.assert_close(found, asked)


def test_memory_is_used_again_when_nobody_sees_it_any_more() -> None:
    left, right = thin((1, 1030, 8, 1100))
    with torch.no_grad():
        first = Room([1030 * 1100], left).product(left, right)
        part, place = first[0, 3:5], first.untyped_storage().data_ptr()
        del first
        second = Room([1030 * 1100], left).product(2 * left, right)
        assert second.untyped_storage().data_ptr() != place
        torch.testing.assert_close(part, (left @ right)[0, 3:5])
        seen = part.numpy()
        del part
        third = Room([1030 * 1100], left).product(left, right)
        assert third.untyped_storage().data_ptr() != place
        del seen, second
        fourth = Room([1030 * 1100], left).product(left, right)
        assert fourth.untyped_storage().data_ptr() == place
    torch.testing.assert_close(third, fourth)
