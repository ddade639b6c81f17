"""What is held out of one source is drawn by none; spaces of any sizes have a cheap scale."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

import ghndsl
from ghndsl.data import Dataset, load
from ghndsl.language.limits import DEFAULT
from ghndsl.passes import simplify
from ghndsl.search.mixing import Drawing, Fixed, mixed
from ghndsl.search.scale import scaled
from ghndsl.search.teaching import Lesson, lesson
from ghndsl.training.seeds import derived


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load("digits").few(20)


def taught(data: Dataset, *addresses: str, held_out: int = 3) -> Lesson:
    return lesson(addresses, {}, DEFAULT, data, {}, {}, held_out, seed=0)


def test_no_source_draws_what_is_held_out_of_another(data: Dataset) -> None:
    """Here of the same space."""
    found = taught(data, "digits", "digits", held_out=4)
    apart = {simplify(graph).id for graph in found.apart}
    assert len(apart) == len(found.apart) == 4
    sample = mixed(found.sources, 0, 100)
    assert not apart & {simplify(sample(number)).id for number in range(100)}
    assert [source.held for source in found.sources if isinstance(source, Drawing)] == [apart, apart]


def test_networks_that_are_learned_from_are_not_held_out(data: Dataset) -> None:
    first = ghndsl.load_space("digits").draw(random.Random(derived(0, "held out")))
    alone, both = taught(data, "digits", held_out=1), taught(data, "digits", f"digits@{first}", held_out=1)
    network = both.sources[1]
    assert isinstance(network, Fixed)
    assert [simplify(graph).id for graph in alone.apart] == [simplify(network.graph).id]
    assert len(both.apart) == 1
    assert simplify(both.apart[0]).id != simplify(network.graph).id


def test_a_source_is_told_by_its_settings_however_it_is_spelled(data: Dataset) -> None:
    alone = taught(data, "digits").about
    (told,) = alone.values()
    assert told == " ".join(sorted(told.split()))
    assert taught(data, "digits", "digits").about.keys() == {"scale of source 1", "scale of source 2"}


def test_sizes_that_are_symbolic_are_those_of_the_data(tmp_path: Path) -> None:
    """Masks of 32x32 for U-Nets of any size: at the cheap scale they are thin."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 255, (12, 32, 32, 3), np.uint8), rng.integers(0, 3, (12, 32, 32))
    np.savez(tmp_path / "m.npz", x_train=x, y_train=y)
    found = scaled(ghndsl.load_space("unets"), load(str(tmp_path / "m.npz")))
    assert found.is_reduced
    assert found.cheap.settings["width"] < 16  # type: ignore[operator]
