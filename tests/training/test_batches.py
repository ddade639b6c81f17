"""Batches: each image once a pass, augmentation as it says, any batch without the others."""

from __future__ import annotations

import pytest
import torch

from ghndsl.data import Classes, Dense, Split
from ghndsl.training.augment import augmented
from ghndsl.training.batches import Batches, epoch
from ghndsl.training.distort import distorted
from ghndsl.training.seeds import generator
from ghndsl.training.settings import Augment, Settings

IMAGES = torch.arange(20.0)[:, None, None, None].expand(20, 2, 3, 4).contiguous()
SPLIT = Split({"x": IMAGES}, torch.arange(20), Classes(20), ("x",))


def test_a_pass_holds_each_image_once() -> None:
    batches = list(epoch(SPLIT, 5, "none", generator(0)))
    assert sorted(torch.cat([batch.targets for batch in batches]).tolist()) == list(range(20))
    endless = Batches(SPLIT, 5, "none", seed=0)
    for start in (0, 4, 400):
        labels = torch.cat([endless[start + step].targets for step in range(4)])
        assert sorted(labels.tolist()) == list(range(20))


def test_the_odd_rest_waits_and_small_parts_make_one_batch() -> None:
    assert [len(batch) for batch in epoch(SPLIT, 7, "none", generator(0))] == [7, 7]
    assert [len(batch) for batch in epoch(SPLIT, 64, "none", generator(0))] == [20]


@pytest.mark.parametrize("augment", ["none", "shift", "flip"])
def test_any_batch_without_the_others(augment: Augment) -> None:
    one, other = Batches(SPLIT, 6, augment, seed=1), Batches(SPLIT, 6, augment, seed=1)
    for number in (9, 0, 9, 100):
        images = one[number].inputs["x"]
        assert torch.equal(images, other[number].inputs["x"])
        assert torch.equal(images[:, 0, 0, 0].long(), one[number].targets)


def test_augmentation_moves_and_mirrors() -> None:
    """A mask goes where its image goes, pixel by pixel, and so does a second image."""
    image = torch.arange(64.0).reshape(1, 1, 8, 8).expand(200, 1, 8, 8)
    part = Split({"a": image, "b": image, "z": image}, image[:, 0].long(), Dense(64, 8, 8), ("a", "b"))
    padded = torch.nn.functional.pad(image[:1], (1, 1, 1, 1), mode="replicate")
    moved = {bytes(padded[0, 0, a : a + 8, b : b + 8].contiguous().numpy()) for a in range(3) for b in range(3)}
    mirrored = torch.nn.functional.pad(image[:1].flip(3), (1, 1, 1, 1), mode="replicate")
    flipped = {bytes(mirrored[0, 0, a : a + 8, b : b + 8].contiguous().numpy()) for a in range(3) for b in range(3)}
    for augment, expected in (("shift", moved), ("flip", moved | flipped)):
        batch = augmented(part, augment, generator(0))
        assert {bytes(one[0].numpy()) for one in batch.inputs["a"]} == expected
        assert torch.equal(batch.targets, batch.inputs["a"][:, 0].long())
        assert torch.equal(batch.inputs["b"], batch.inputs["a"])
        assert batch.inputs["z"] is image


def test_crop_and_mirror() -> None:
    """Each of the places that zeros around an image leave is cut out, by chance mirrored; masks go with images."""
    image = torch.arange(1.0, 65.0).reshape(1, 1, 8, 8).expand(400, 1, 8, 8)
    part = Split({"a": image, "z": image}, image[:, 0].long(), Dense(66, 8, 8), ("a",))
    expected: set[bytes] = set()
    for one in (image[:1], image[:1].flip(3)):
        padded = torch.nn.functional.pad(one, (1, 1, 1, 1))
        expected |= {bytes(padded[0, 0, a : a + 8, b : b + 8].contiguous().numpy()) for a in range(3) for b in range(3)}
    batch = distorted(part, Settings(crop=1, mirror=True), generator(0))
    found = batch.inputs["a"]
    assert {bytes(one[0].contiguous().numpy()) for one in found} == expected
    assert torch.equal(batch.targets, torch.where(found[:, 0] == 0, -100, found[:, 0].long()))
    assert batch.inputs["z"] is image
    assert distorted(part, Settings(), generator(0)) is part


def test_cutout_blanks_a_square_that_edges_cut() -> None:
    """As in the paper its centre is any pixel; nothing else changes, and masks stay."""
    image = torch.ones(300, 2, 6, 7).contiguous(memory_format=torch.channels_last)
    part = Split({"x": image}, torch.zeros(300, 6, 7).long(), Dense(2, 6, 7), ("x",))
    batch = distorted(part, Settings(cutout=4), generator(0))
    blank = batch.inputs["x"][:, 0] == 0
    assert torch.equal(blank, batch.inputs["x"][:, 1] == 0)
    heights, widths = blank.any(2).sum(1), blank.any(1).sum(1)
    assert torch.equal(blank.sum((1, 2)), heights * widths)
    assert (set(heights.tolist()), set(widths.tolist())) == ({2, 3, 4}, {2, 3, 4})
    assert bool(batch.targets.eq(0).all())
    assert batch.inputs["x"].is_contiguous(memory_format=torch.channels_last)
