"""A page goes in; it is looked at in a real browser, where there is one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOUND = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
CHROMIUM = os.environ.get("CHROMIUM", FOUND)
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here; CHROMIUM names one elsewhere")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
SIZES = {"desk": (1280, 900), "phone": (360, 740)}
CONTRAST = """() => {
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
"""The least contrast of a text with the page, as WCAG 2.1 counts it."""


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
