"""Codes, their pages and what is refused say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ghndsl
from ghndsl import resources
from ghndsl.diagnostics import CompileError, Diagnostic, Source
from ghndsl.language import module_from_text
from ghndsl.space.check import check_module

PAGES = {path.stem: path.read_text(encoding="utf-8") for path in resources.errors().glob("*.md")}
TEXTS = sorted(code for code, page in PAGES.items() if "```ghndsl" in page)
WARNINGS = {"G141", "G142", "G143", "G144", "G145", "G146", "G147"}
SEVERITIES = {**dict.fromkeys(WARNINGS, "warning"), "G308": "note"}
NOT_IN_ONE_TEXT = {
    "G106": "it is about the command line's settings",
    "G113": "it takes two files",
    "G304": "it is about a candidate's number or line, not the space",
    "G309": "it is about a candidate that moves between two spaces",
}


def codes_in_source() -> set[str]:
    root = Path(ghndsl.__file__).parent
    return {code for path in root.rglob("*.py") for code in re.findall(r'"(G\d{3})"', path.read_text(encoding="utf-8"))}


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(PAGES) == codes_in_source()


@pytest.mark.parametrize("code", sorted(PAGES))
def test_pages_are_whole(code: str) -> None:
    page = PAGES[code]
    assert page.startswith(f"# {code}: ")
    assert page.index("## Wrong") < page.index("## Right")
    prose = page.split("\n", 1)[1].split("## Wrong")[0]
    assert 2 <= len(re.findall(r"[.?!](?=\s)", prose)) <= 5, "what it says, and why it is refused"
    assert resources.explain(code.lower()) == page


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(CompileError, match="G005"):
        resources.explain("G999")


def told(text: str) -> list[Diagnostic]:
    """What is told of a text: of its architectures, and of all candidates of its spaces."""
    try:
        module = module_from_text(Source("page.nas", text))
        module.main(("arch", "space"))
        return check_module(module, {})
    except CompileError as error:
        return list(error.diagnostics)


@pytest.mark.parametrize("code", TEXTS)
def test_examples_do_what_the_page_says(code: str) -> None:
    wrong, right = re.findall(r"```ghndsl\n(.*?)```", PAGES[code], re.DOTALL)
    assert [(one.code, one.severity) for one in told(wrong)] == [(code, SEVERITIES.get(code, "error"))]
    assert told(right) == []


def test_pages_of_the_language_show_text() -> None:
    of_language = {code for code in PAGES if code[1] in "123"}
    assert of_language - set(TEXTS) == set(NOT_IN_ONE_TEXT)


SHELL = {code: page for code, page in PAGES.items() if "printf '" in page}


@pytest.mark.parametrize("code", sorted(SHELL))
def test_texts_in_shell_examples_are_read(code: str) -> None:
    for text in re.findall(r"printf '(.*?)' > \S+\.(?:arch|nas)", SHELL[code]):
        assert told(text.replace("\\n", "\n")) == []


def test_shell_examples_put_no_statements_on_one_line() -> None:
    assert [code for code, page in PAGES.items() if re.search(r"(?:echo|printf) '[^'\n]*;[^'\n]*\}", page)] == []
