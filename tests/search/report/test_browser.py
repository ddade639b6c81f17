"""A report in a real browser: on a desk and on a phone, by day and by night, pointed at and sorted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import CONTRAST, NEEDS_CHROMIUM, SIZES, looked_at
from seeking import other, seek

from ghndsl.search.objectives import objectives
from ghndsl.search.report import facts, page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a search with two objectives, some of whose candidates failed."""
    folder = tmp_path_factory.mktemp("report")
    goals = objectives(["score"], ["macs"])
    seek(folder / "run", plan=other(algorithm="nsga2", options={"population": 5}, objectives=goals, controls=3))
    (folder / "report.html").write_text(page(facts(folder / "run")), encoding="utf-8")
    return folder / "report.html"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_it_fits_and_can_be_read(size: str, dark: bool, browser: Browser, report: Path) -> None:
    opened = looked_at(browser, report, size, dark=dark)
    width, _ = SIZES[size]
    assert opened.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
    assert opened.evaluate(CONTRAST) >= 4.5, "as WCAG 2.1 AA asks"
    body = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in body[4:-1].split(",")) < 200) == dark
    for name in ("progress", "agreement", "front_macs"):
        box = opened.locator(f"#{name} svg").bounding_box()
        assert box is not None
        assert 200 < box["width"] <= width
    opened.context.close()


def test_what_is_pointed_at_says_what_it_is(browser: Browser, report: Path) -> None:
    opened = looked_at(browser, report, "desk")
    mark, tip = opened.locator("#front_macs .p-good").first, opened.locator("#tip")
    mark.scroll_into_view_if_needed()
    mark.hover()
    assert tip.is_visible()
    assert "MACs" in tip.inner_text()
    assert "size=" in tip.inner_text()
    opened.mouse.move(2, 2)
    assert not tip.is_visible()
    opened.locator("#agreement .p-good").first.focus()
    assert tip.is_visible()
    assert "accuracy" in tip.inner_text()
    opened.context.close()


def test_a_heading_sorts(browser: Browser, report: Path) -> None:
    opened = looked_at(browser, report, "desk")
    heads = opened.locator("#candidates th").all_inner_texts()
    column = heads.index("MACs")

    def values() -> list[float]:
        cells = opened.locator(f"#candidates tbody tr td:nth-child({column + 1})")
        return [float(one.get_attribute("data-value") or 0) for one in cells.all()]

    opened.locator("#candidates th button").nth(column).click()
    assert values() == sorted(values(), reverse=True)
    opened.locator("#candidates th button").nth(column).click()
    assert values() == sorted(values())
    assert len(values()) > 5
    opened.context.close()
