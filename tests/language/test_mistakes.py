"""What newcomers write, and what they are told: the files under `tests/golden/mistakes` hold both, case by case.

A case is a text, and below it, indented, each thing that is told: its code, the words it is about, the message and the
help. `REWRITE_GOLDEN=1` writes what is told now; read the difference before it is kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ghndsl import ops
from ghndsl.diagnostics import CompileError, Diagnostic, Source
from ghndsl.language import absent, module_from_text
from ghndsl.language.torch_words import operator_of
from ghndsl.space.check import check_module

FOLDER = Path(__file__).parent.parent / "golden" / "mistakes"
ARCH = "arch net(k: int = 3) {\n    input x: f32[N, 3, 32, 32]\n    ", "\n    output out = x -> conv(k, 1)\n}\n"
BLOCK = (
    "block B(x: [N, C, H, W], width: int, stride: int = 1, act: op = relu) {\n"
    "    return x -> conv(width, 3, stride, padding=1) -> act\n}\n"
)
AROUND = {
    "syntax": ARCH,
    "values": ARCH,
    "operators": ARCH,
    "shapes": ARCH,
    "blocks": (f"{BLOCK}arch net() {{\n    input x: f32[N, 3, 32, 32]\n    ", "\n}\n"),
    "spaces": ("space s() {\n    input x: f32[N, 3, 32, 32]\n    ", "\n}\n"),
    "texts": ("", "\n"),
}
"""What stands before and after each case of a file."""
_INDENT = "        "


def cases(name: str) -> list[tuple[str, str]]:
    """The texts of a file, each with what is told of it."""
    found: list[tuple[str, str]] = []
    for case in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").strip("\n").split("\n\n"):
        lines = case.split("\n")
        text = [line for line in lines if not line.startswith(_INDENT)]
        found.append(("\n".join(text), "\n".join(line for line in lines if line.startswith(_INDENT))))
    return found


def told(name: str, text: str) -> str:
    """All that a text is told, a line each; that a value is never used is left out, since the cases use none."""
    before, after = AROUND[name]
    try:
        found = check_module(module_from_text(Source("a.arch", f"{before}{text}{after}")), {})
    except CompileError as error:
        found = list(error.diagnostics)
    return "\n".join(map(shown, (one for one in found if one.code not in ("G141", "G144"))))


def shown(one: Diagnostic) -> str:
    place = f" ⟦{one.span.text}⟧".replace("\n", "⏎") if one.span else ""
    return f"{_INDENT}{one.code}{place} {one.message}{f' | {one.help}' if one.help else ''}"


@pytest.mark.parametrize("name", AROUND)
def test_mistakes(name: str) -> None:
    before = cases(name)
    after = [(text, told(name, text)) for text, _ in before]
    if os.environ.get("REWRITE_GOLDEN"):
        rows = "\n\n".join(f"{text}\n{words}" for text, words in after)
        (FOLDER / f"{name}.txt").write_text(f"{rows}\n", encoding="utf-8")
    assert after == before


def test_every_mistake_is_told() -> None:
    assert [text for name in AROUND for text, words in cases(name) if not words] == []
    assert sum(len(cases(name)) for name in AROUND) > 250


def test_what_is_absent_is_no_operator() -> None:
    """A word that is told to name nothing here must name nothing, and no operator of torch that is one here."""
    words = absent.INSTEAD.keys() | absent.ABSENT
    assert [word for word in sorted(words) if operator_of(word)] == []
    assert [name for name in ops.TABLE if absent.instead_of_word(name)] == []


TERMINALS = ("LPAR", "RSQB", "_NL", "$END", "NAME", "COMPARE", "__ANON", "LABEL")


def test_nothing_is_told_in_the_words_of_a_parser() -> None:
    words = "\n".join(words for name in AROUND for _, words in cases(name))
    assert not [terminal for terminal in TERMINALS if terminal in words]
