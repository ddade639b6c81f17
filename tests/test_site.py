"""The site has a page for every code, and its links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from ghndsl import resources

ROOT = resources.root()
DOCS = ROOT / "docs"
if not (ROOT / "mkdocs.yml").is_file():
    pytest.skip("the site is made in a checkout", allow_module_level=True)


def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hooks", DOCS / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = {
    **{str(path.relative_to(DOCS)): path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")},
    **hooks().pages(ROOT),
}


def test_every_code_is_in_the_list_of_errors() -> None:
    listed = re.findall(r"^\| \[(G\d{3})\]\((\1\.md)\) \| (.+) \| (.+) \|$", PAGES["errors/index.md"], re.MULTILINE)
    codes = sorted(path.stem for path in resources.errors().glob("G*.md"))
    assert [code for code, *_ in listed] == codes
    for code, _, title, first in listed:
        assert PAGES[f"errors/{code}.md"].startswith(f"# {code}: {title}\n")
        assert first.endswith((".", ":")), f"{code} begins with no sentence: {first}"


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    prose = re.sub(r"```.*?```|`[^`]*`", "", PAGES[name], flags=re.DOTALL)
    for target in re.findall(r'\]\(([^)#]+)(?:#[^)]*)?\)|src="([^"]+)"', prose):
        link = "".join(target)
        if not link.startswith(("http:", "https:")):
            place = (Path(name).parent / link).as_posix()
            assert place in PAGES or (DOCS / place).is_file(), link


def test_the_menu_names_pages_that_are_there() -> None:
    named = re.findall(r"^  - .+: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(named) > 5
    assert set(named) <= PAGES.keys()
    assert {page for page in PAGES if "/" not in page} <= set(named)
