"""NAS-Bench-201 as it ships, against the table of its authors."""

from __future__ import annotations

import csv
import gzip
import random
import re
from pathlib import Path

import pytest

from ghndsl.space import Space
from ghndsl.space.load import load_space

TRUTH = Path(__file__).parents[3] / "shared" / "data" / "nasbench201.csv.gz"
BIAS_OF_THE_HEAD = 10  # the table counts the bias of the linear layer among its MACs


@pytest.fixture(scope="module")
def space() -> Space:
    return load_space("nasbench201")


def line_of(arch: str) -> str:
    """A candidate's line from the official `|op~from|+|op~from|op~from|+...`: nodes in order, their edges by source."""
    edges = [
        (target, source, op)
        for target, node in enumerate(arch.split("+"), start=1)
        for op, source in re.findall(r"(\w+)~(\d)", node)
    ]
    return " ".join(f"Cell.e{target}_{source}.op={op}" for target, source, op in edges)


def test_size(space: Space) -> None:
    assert (space.size, space.feasible) == (15_625, 15_625)
    assert len({str(candidate) for candidate in space}) == 15_625
    assert len(space.choices) == 6


def test_numbers_do_not_depend_on_the_scale(space: Space) -> None:
    small = load_space("nasbench201", width=4, cells=1, size=8, classes=3)
    assert [*small] == [*space]


@pytest.mark.skipif(not TRUTH.is_file(), reason=f"the table is not beside the repository ({TRUTH.name})")
def test_params_and_macs_equal_the_table(space: Space) -> None:
    with gzip.open(TRUTH, "rt", newline="") as file:
        rows = random.Random(0).sample([*csv.DictReader(file)], 500)
    for row in rows:
        graph = space.build(space.parse(line_of(row["arch"])))
        assert (graph.params, graph.macs) == (int(row["params"]), int(row["macs"]) - BIAS_OF_THE_HEAD), row["arch"]
