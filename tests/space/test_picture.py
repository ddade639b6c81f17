"""The picture of a space names every choice, its options and how many are alike."""

from __future__ import annotations

from pathlib import Path

import pytest

import ghndsl
from ghndsl.space.picture import render, rows, to_dot

TEXT = """
block Op(x: [N, C, H, W]) {
    choose op {
        skip: x
        conv: x -> conv(C, 1)
    }
    return op
}

motif Cell(x) {
    choose 1..2 inputs from range(3)
    return add([x -> Op as from{j} for j in inputs])
}

space net() {
    input image: f32[N, 3, 8, 8]
    choose width from [4, 8, 16]
    x = image -> conv(width, 1) -> Cell as a -> Cell as b
    output logits = x -> flatten
}
"""


def test_choices_alike_but_for_numbers_are_one_row() -> None:
    found = {(row.pattern, row.count, row.domain.options, row.domain.low) for row in rows(ghndsl.loads_space(TEXT))}
    assert found == {
        ("width", 1, ("4", "8", "16"), None),
        ("Cell.inputs", 1, ("0", "1", "2"), 1),
        ("Cell.from{0-2}.op", 3, ("skip", "conv"), None),
    }


def test_the_picture_says_it_all() -> None:
    text = to_dot(ghndsl.loads_space(TEXT)).source
    for word in ("Cell", "inputs</B>: 1-2 of", "from{0-2}.op</B> ×3", "width"):
        assert word in text
    assert f"{ghndsl.loads_space(TEXT).size:,} candidates" in text


@pytest.mark.parametrize("name", ["digits", "nasbench201"])
def test_shipped_spaces_are_drawn(name: str, tmp_path: Path) -> None:
    render(ghndsl.load_space(name), tmp_path / "space.svg")
    assert "motif" in (tmp_path / "space.svg").read_text()
