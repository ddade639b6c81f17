"""Colours: each family has its own, and every text can be read on a white page and on a black one."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pytest

import ghndsl
from ghndsl import ops
from ghndsl.emit.outline.folding import EVERYTHING
from ghndsl.emit.picture.dot import to_dot
from ghndsl.emit.picture.palette import BLOCK, EXIT, FAINT, FAMILIES, INK, MOTIF, QUIET, colours, contrast
from ghndsl.emit.picture.render import svg_of
from ghndsl.ir import Graph
from ghndsl.ops import TABLE
from ghndsl.space.picture import to_dot as space_to_dot

PAGES = ("#ffffff", "#000000", "#0d1117", "#1e1e1e")
READABLE, VISIBLE = 4.5, 3.0


def test_every_operator_belongs_to_a_family() -> None:
    own = [op for op in TABLE.values() if op.__module__.startswith("ghndsl.")]
    homes = [home for homes in FAMILIES.values() for home in homes]
    assert sorted(homes) == sorted({op.__module__.rpartition(".")[2] for op in own})
    assert colours(ops.Relu()) != colours(ops.Conv(1, 1))


def test_families_are_told_apart() -> None:
    fills = [family.fill for family in (*FAMILIES, BLOCK, MOTIF)]
    assert len(set(fills)) == len(fills)


@pytest.mark.parametrize("paint", [*FAMILIES, BLOCK, MOTIF, EXIT], ids=lambda paint: paint.word)
def test_what_is_in_a_box_can_be_read_and_its_border_seen(paint: object) -> None:
    assert isinstance(paint, type(BLOCK))
    assert contrast(INK, paint.fill) > 2 * READABLE
    assert contrast(FAINT, paint.fill) > READABLE
    assert contrast(paint.line, paint.fill) > VISIBLE


@pytest.mark.parametrize("page", PAGES)
def test_lines_are_seen_on_any_page(page: str) -> None:
    assert contrast(QUIET, page) > VISIBLE


NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def painted(svg: str) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    """In the order of painting: `text` with its colour and place, or `shape` with its fill and its outmost points."""
    for element in ET.fromstring(svg).iter():
        kind, fill = element.tag.rpartition("}")[2], element.get("fill", "")
        if kind == "text":
            yield "text", fill, (float(element.get("x", "")), float(element.get("y", "")) - 3)
        elif kind == "ellipse":
            x, y, wide, high = (float(element.get(name, "")) for name in ("cx", "cy", "rx", "ry"))
            yield "shape", fill, (x - wide, y - high, x + wide, y + high)
        elif kind in ("polygon", "path"):
            found = [float(number) for number in NUMBER.findall(element.get("points") or element.get("d") or "")]
            across, down = found[::2], found[1::2]
            yield "shape", fill, (min(across), min(down), max(across), max(down))


def grounds(svg: str) -> Iterator[tuple[str, str | None]]:
    """The colour of each text, and of what was painted last where it stands."""
    shapes: list[tuple[str, tuple[float, ...]]] = []
    for kind, fill, at in painted(svg):
        if kind == "text":
            x, y = at
            own = [one for one, (left, top, right, low) in shapes if left <= x <= right and top <= y <= low]
            yield fill, own[-1] if own else None
        elif fill.startswith("#") or fill == "white":
            shapes.append(("#ffffff" if fill == "white" else fill, at))


@pytest.mark.parametrize("depth", [None, 1, EVERYTHING])
@pytest.mark.parametrize("net", ["resnet18", "siamese", "digits@17"])
def test_no_text_stands_on_the_page_itself(net: str, depth: int | None) -> None:
    found = list(grounds(svg_of(to_dot(ghndsl.load(net), depth).source)))
    assert len(found) > 50
    for ink, ground in found:
        assert ground is not None
        assert contrast(ink, ground) > READABLE


def test_no_text_of_an_exit_or_a_space_stands_on_the_page_itself(network: Callable[..., Graph]) -> None:
    for source in (to_dot(network(3)).source, space_to_dot(ghndsl.load_space("digits")).source):
        for ink, ground in grounds(svg_of(source)):
            assert ground is not None
            assert contrast(ink, ground) > READABLE
