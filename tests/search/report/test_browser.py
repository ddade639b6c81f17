"""A report in a real browser: on a desk and on a phone, by day and by night, pointed at and sorted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from seeking import other, seek

from ghndsl.search.objectives import objectives
from ghndsl.search.report import facts, page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOUND = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
CHROMIUM = os.environ.get("CHROMIUM", FOUND)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here; CHROMIUM names one elsewhere")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
SIZES = {"desk": (1280, 900), "phone": (360, 740)}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a search with two objectives, some of whose candidates failed."""
    folder = tmp_path_factory.mktemp("report")
    goals = objectives(["score"], ["macs"])
    seek(folder / "run", plan=other(algorithm="nsga2", options={"population": 5}, objectives=goals, controls=3))
    (folder / "report.html").write_text(page(facts(folder / "run")), encoding="utf-8")
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


def looked_at(browser: Browser, report: Path, size: str, *, dark: bool = False) -> Page:
    width, height = SIZES[size]
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda one: wrong.append(one.url) if one.url.startswith("http") else None)
    opened.goto(report.as_uri())
    assert wrong == []
    return opened


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_it_fits_and_can_be_read(size: str, dark: bool, browser: Browser, report: Path) -> None:
    opened = looked_at(browser, report, size, dark=dark)
    width, _ = SIZES[size]
    assert opened.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
    contrast = """() => {
        const light = text => {
            const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map(Number)
                .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const page = light(getComputedStyle(document.body).backgroundColor);
        return [...document.querySelectorAll("h1, p, td, .card span, figcaption, svg text")].map(one => {
            const style = getComputedStyle(one), ink = light(one.closest("svg") ? style.fill : style.color);
            return (Math.max(ink, page) + 0.05) / (Math.min(ink, page) + 0.05);
        }).reduce((least, one) => Math.min(least, one), 99);
    }"""
    assert opened.evaluate(contrast) >= 4.5, "as WCAG 2.1 AA asks"
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
