"""The canonical layout: what messy texts become, and that specs, examples and the pages' texts have it.

`REWRITE_GOLDEN=1 pytest tests/language/test_fmt.py` writes what is made now; read the difference before it is kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import ghndsl
from ghndsl import resources
from ghndsl.diagnostics import CompileError, Source
from ghndsl.language import parse, tree
from ghndsl.language.layout import text as layout
from ghndsl.language.layout.breaks import WIDTH
from ghndsl.language.layout.files import format_file, found
from ghndsl.language.layout.text import format_source, format_text

GOLDEN = Path(__file__).parents[1] / "golden" / "fmt"
MESSY = sorted((GOLDEN / "messy").iterdir())
SPECS = sorted(path for path in resources.specs().rglob("*") if path.suffix in (".arch", ".nas"))
EXAMPLES = resources.root().parent / "shared" / "design" / "examples"


def comments(text: str) -> list[str]:
    """The comments of a text, found without the formatter's help."""
    found = re.finditer(r'"(?:[^"\\\n]|\\["\\])*"|#[^\n]*', text)
    return [match[0].rstrip() for match in found if match[0].startswith("#")]


def read(text: str) -> tree.File:
    return parse(Source("a.nas", text))


@pytest.mark.parametrize("path", MESSY, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    messy = path.read_text(encoding="utf-8")
    made = format_text(messy)
    golden = GOLDEN / "canonical" / path.name
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")
    assert format_text(made) == made
    assert read(made) == read(messy)
    assert comments(made) == comments(messy)


def test_golden_files_are_pairs() -> None:
    assert [path.name for path in MESSY] == sorted(path.name for path in (GOLDEN / "canonical").iterdir())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_shipped_specs_are_formatted(path: Path) -> None:
    one = format_file(str(path))
    assert one.diff() == ""
    assert not one.is_changed


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the design's examples do not lie beside this checkout")
def test_examples_of_the_design_keep_what_they_say() -> None:
    names = list(found([str(EXAMPLES)]))
    assert names
    for name in names:
        before = Path(name).read_text(encoding="utf-8")
        after = format_text(before)
        assert read(after) == read(before), name
        assert comments(after) == comments(before), name
        assert format_text(after) == after, name


PAGES = [resources.root() / "docs" / "language.md", resources.root() / "README.md"]
SHOWN = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"```ghndsl\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.mark.parametrize("text", SHOWN)
def test_the_texts_of_the_pages_are_formatted(text: str) -> None:
    assert format_text(text) == text


PLAIN = "arch a() {  # größe\n    input x: f32[N, 4]\n    y = x -> relu -> gelu\n\n    output z = y\n}\n"
LOOKS: dict[str, str] = {
    "as it is": PLAIN,
    "a byte order mark": f"\ufeff{PLAIN}",
    "carriage returns": PLAIN.replace("\n", "\r\n"),
    "tabs": PLAIN.replace("    ", "\t"),
    "no newline at the end": PLAIN.rstrip(),
    "empty lines and trailing spaces": PLAIN.replace("\n", "  \n \t\n\n").replace("N, 4]\n\n", "N, 4]\n", 1),
    "form feeds": PLAIN.replace("\n", "\f\n"),
    "narrow lines": PLAIN.replace(" -> ", "\n->"),
    "brackets": PLAIN.replace("x -> relu -> gelu", "((x)) -> (relu)\n-> gelu"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_looks(look: str) -> None:
    made = format_text(LOOKS[look])
    # Empty lines between statements are a person's to choose, one at most.
    assert made.replace("\n\n", "\n") == PLAIN.replace("\n\n", "\n")
    assert "\n\n\n" not in made


@pytest.mark.parametrize("text", ["", "\n\n", "\r\n", "\ufeff", " \t"])
def test_nothing_stays_nothing(text: str) -> None:
    assert format_text(text) == ""


def test_comments_alone() -> None:
    assert format_text("\n\n#a\n\n\n  # b  \r\n") == "#a\n\n# b\n"


# (what is written, what it becomes): each in the body of a block
STATEMENTS = [
    ("y = ( x )", "y = x"),
    ("y = (x -> f) -> g", "y = (x -> f) -> g"),
    ("y = ((x + y) * z) + (a * b)", "y = (x + y) * z + a * b"),
    ("y = a - (b - c)", "y = a - (b - c)"),
    ("y = (a ** b) ** (c ** d)", "y = (a ** b) ** c ** d"),
    ("y = (-a) ** 2 + (-a ** 2)", "y = (-a) ** 2 + -a ** 2"),
    ("y = not (a in b)", "y = not a in b"),
    ("y = (not a) == b", "y = (not a) == b"),
    ("y = (a == b) == c", "y = (a == b) == c"),
    ("y = (1 .. n + 1)", "y = 1..n + 1"),
    ("y = (a if b else c) if d else (e if f else g)", "y = (a if b else c) if d else e if f else g"),
    ("y = (x as a) as b", "y = (x as a) as b"),
    ("y = x -> (f as a) -> (f)", "y = x -> f as a -> f"),
    ("y = x [ 1 : (2) : ]", "y = x[1:2]"),
    ("y = x[(a if b else c)]", "y = x[a if b else c]"),
    ("y = x[(a if b else c) :]", "y = x[(a if b else c):]"),
    ("y = (f)((x), k = (3))", "y = f(x, k=3)"),
    ("y = (x -> f)[0].a", "y = (x -> f)[0].a"),
    ("for i in (a -> f) { }", "for i in (a -> f) {}"),
    ("if (x as a) { }", "if (x as a) {}"),
    ("y = 1K + 1.50 + 1E-05", "y = 1K + 1.50 + 1E-05"),
    ("if a { } else { if b { x = y } }", "if a {} else if b { x = y }"),
    ("if a { x = y } else { }", "if a { x = y }"),
    ("y = (a,)", "y = (a,)"),
    ("y = [a,]", "y = [a]"),
    ("exit a . 0 . {( i )} = x", "exit a.0.{i} = x"),
]


@pytest.mark.parametrize(("statement", "wanted"), STATEMENTS, ids=[case[0] for case in STATEMENTS])
def test_statements(statement: str, wanted: str) -> None:
    assert format_text(f"block B(x) {{\n{statement}\n}}") == f"block B(x) {{\n    {wanted}\n}}\n"


def chain(width: int, *, is_broken: bool) -> str:
    """A statement of so many columns, in one line or in two."""
    name = "f" * (width - len("    y = x -> a -> "))
    return f"    y = x -> a{f'{chr(10)}          ' if is_broken else ' '}-> {name}"


@pytest.mark.parametrize(
    ("width", "is_broken", "breaks"),
    [(120, False, False), (121, False, True), (100, True, False), (101, True, True), (120, True, True)],
)
def test_widths(width: int, is_broken: bool, breaks: bool) -> None:
    made = format_text(f"block B(x) {{\n{chain(width, is_broken=is_broken)}\n}}")
    assert made == f"block B(x) {{\n{chain(width, is_broken=breaks)}\n}}\n"


TIGHT = [
    "y = x -> conv(8, 3, padding=1) -> batch_norm -> (relu -> NAME) as labelled -> relu",
    "y = x -> conv(8, 3, padding=1) -> batch_norm -> (relu -> relu -> NAME)",
    "y = f(first_argument, (NAME, second, third), NAME, fourth, fifth, sixth_argument)",
    "y = f(first_argument -> second_argument -> third_argument -> NAME, NAME)",
    "y = [NAME, NAME, first_argument, second_argument, third_argument + fourth_argument]",
    "y = [NAME -> f for i in range(NAME) if i != first_argument and i != second_argument]",
    "if first_argument == NAME and second_argument in [NAME, third_argument] { y = x }",
    "choose NAME from [NAME, first_argument, second_argument, third_argument]",
    "y = x -> NAME if first_argument == NAME else x -> (f -> g) as second.argument",
    "y, z = f(NAME, first_argument) if a else b, second_argument + NAME + third_argument",
]


@pytest.mark.parametrize("statement", TIGHT)
def test_lines_end_in_time(statement: str) -> None:
    for columns in range(1, 85):
        made = format_text(f"block B(x) {{\n{statement.replace('NAME', 'n' * columns)}\n}}")
        assert max(map(len, made.splitlines())) <= WIDTH, made


def test_what_would_change_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "arch a() {\n    # why\n    input x: f32[N]\n    output y = x\n}\n"
    for broken in (
        "",
        text.replace("y = x", "z = x"),
        text.replace("# why", "# how"),
        text.replace("# why\n", "\n"),
        "{",
    ):
        monkeypatch.setattr(layout, "printed", lambda *_, made=broken: made)
        with pytest.raises(CompileError, match="G008"):
            format_source(Source("a.arch", text))


def test_python_has_it_too() -> None:
    assert ghndsl.format_text("use std.conv(ConvBN)") == "use std.conv (ConvBN)\n"
    with pytest.raises(CompileError, match="G10"):
        ghndsl.format_text("arch a( {")
