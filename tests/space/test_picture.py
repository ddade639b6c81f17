"""The picture of a space names every choice, its options and how many are alike."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import ghndsl
from ghndsl.emit.picture.palette import CHOICE, INK, contrast
from ghndsl.emit.picture.render import LARGEST
from ghndsl.space.picture import render, to_dot
from ghndsl.space.rows import rows

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
    for word in ("Cell", "inputs</b>: 1-2 of", "from{0-2}.op</b> ×3: one of", "width", "4 · 8 · 16", "tooltip="):
        assert word in text
    assert f"{ghndsl.loads_space(TEXT).size:,} candidates, 5 choices" in text
    assert "<text>:3:5: choose op {" in text, "tooltips name the line"
    assert contrast(INK, CHOICE.fill) > 7


RECURSIVE = """
block Op(x: [N, C, H, W], n: int) {
    choose form {
        leaf: x -> conv(C, 1)
        both: (x -> Op(n - 1) as a -> Op(n - 1) as b) if n > 0 else x
    }
    return form
}

space net() {
    input image: f32[N, 3, 8, 8]
    output logits = image -> Op(5) as top
}
"""


def test_choices_of_a_space_that_calls_itself_are_few_rows(tmp_path: Path) -> None:
    space = ghndsl.loads_space(RECURSIVE)
    assert len(space.domains) == 63
    assert [(row.pattern, row.count) for row in rows(space)] == [("top.form", 1), ("top…form", 62)]
    render(ghndsl.load_space("hnas"), tmp_path / "space.png")
    width, height = struct.unpack(">II", (tmp_path / "space.png").read_bytes()[16:24])
    assert max(width, height) < LARGEST


def test_a_space_draws_itself_in_a_notebook() -> None:
    assert (ghndsl.loads_space(TEXT)._repr_svg_() or "").startswith("<svg")


def test_a_space_is_told_in_a_line() -> None:
    assert repr(ghndsl.load_space("nasbench201")) == "Space(NASBench201: 15,625 candidates)"


@pytest.mark.parametrize("name", ["digits", "nasbench201"])
def test_shipped_spaces_are_drawn(name: str, tmp_path: Path) -> None:
    render(ghndsl.load_space(name), tmp_path / "space.svg")
    assert "motif" in (tmp_path / "space.svg").read_text()
