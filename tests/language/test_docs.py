"""The examples of the documentation are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ghndsl.diagnostics import Source
from ghndsl.language import elaborate, module_from_text
from ghndsl.space import Space

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "language.md", ROOT / "docs" / "anytime.md", ROOT / "README.md"]
EXAMPLES = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"```(?:ghndsl)?\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
    if re.search(r"^(arch|space) ", text, re.MULTILINE)
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_example(text: str) -> None:
    module = module_from_text(Source("example.nas", text))
    last = list(module.definitions.values())[-1]
    if last.kind == "space":
        space = Space(module, last, {})
        assert space.check() == []
        for candidate in space.sample(3, 0):
            assert space.build(candidate).params > 0
        return
    assert elaborate(module, last).params > 0
