"""Where a fault is drawn, whatever a text is written in: the line and column that are told, and the underline."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghndsl.diagnostics import CompileError, Diagnostic, Mark, Source, Span, did_you_mean
from ghndsl.language import module_from_text
from ghndsl.space.check import check_file, check_module

NET = "arch net() {{\n    input x: f32[N, 3]\n    {}\n    output y = x\n}}\n"
# What the third line says, the column of the fault, the line as it is drawn, and the underline.
LINES: dict[str, tuple[str, int, str, str]] = {
    "plain": ("y = x -> rleu", 14, "    y = x -> rleu", "             ^^^^"),
    "umlauts": ("größe = x -> rleu", 18, "    größe = x -> rleu", "                 ^^^^"),
    "characters of two columns": ("大小 = x -> rleu", 15, "    大小 = x -> rleu", "                ^^^^"),
    "a fault of two columns each": ("y = x -> 大小", 14, "    y = x -> 大小", "             ^^^^"),
    "a combining accent": ('y = "e\u0301" + 1', 14, '    y = "e\u0301" + 1', "            ^"),
    "tabs": ("y =\tx ->\trleu", 14, "    y = x -> rleu", "             ^^^^"),
    "an invisible character": ("y = x\u200b -> relu", 10, "    y = x· -> relu", "         ^"),
    "a blank of another kind": ("y\u00a0= x", 6, "    y·= x", "     ^"),
    "an arrow": ("y = x → relu", 11, "    y = x → relu", "          ^"),
}


def rows(fault: Diagnostic) -> list[str]:
    return [row.split("|", 1)[1].removeprefix(" ") for row in str(fault).split("\n") if "|" in row]


@pytest.mark.parametrize("name", LINES)
def test_columns_and_underlines(name: str) -> None:
    line, column, drawn, underline = LINES[name]
    try:
        found = check_module(module_from_text(Source("a.arch", NET.format(line))), {})
    except CompileError as error:
        found = list(error.diagnostics)
    (fault,) = (one for one in found if one.severity == "error")
    assert fault.span is not None
    assert fault.span.source.position(fault.span.start) == (3, column)
    assert rows(fault)[1:3] == [drawn, underline]


LOOKS: dict[str, bytes] = {
    "a byte order mark": b"\xef\xbb\xbf" + NET.format("y = x -> rleu").encode(),
    "carriage returns": NET.format("y = x -> rleu").replace("\n", "\r\n").encode(),
    "no newline at the end": NET.format("y = x -> rleu").rstrip().encode(),
    "tabs": NET.format("y = x -> rleu").replace("    ", "\t").encode(),
}


@pytest.mark.parametrize("look", LOOKS)
def test_looks(tmp_path: Path, look: str) -> None:
    path = tmp_path / "a.arch"
    path.write_bytes(LOOKS[look])
    (fault,) = (one for one in check_file(str(path), {}) if one.severity == "error")
    assert fault.to_json()["line"] == 3
    assert fault.to_json()["column"] == (11 if look == "tabs" else 14)
    assert rows(fault)[1].lstrip() == "y = x -> rleu"
    assert rows(fault)[2].strip() == "^^^^"
    assert rows(fault)[1].index("rleu") == rows(fault)[2].index("^")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n  \t\n", "  # the end"])
@pytest.mark.parametrize("cut", ["x -> conv(", "x +", "[x, ", "x"])
def test_texts_that_end_too_soon(cut: str, ending: str) -> None:
    text = f"arch net() {{\n    input x: f32[N, 3]\n    output y = {cut}{ending}"
    with pytest.raises(CompileError) as caught:
        module_from_text(Source("a.arch", text))
    (fault,) = caught.value.diagnostics
    assert fault.code == "G101"
    assert fault.span is not None
    assert 0 <= fault.span.start < fault.span.end <= len(text)
    assert "is missing" in fault.message


def test_marks_are_stacked_below_their_words() -> None:
    source = Source("a", "first second third")
    marks = (Mark(Span(source, 0, 5), "one"), Mark(Span(source, 13, 18), "three"))
    assert rows(Diagnostic("G204", "no", Span(source, 6, 12), marks)) == [
        "",
        "first second third",
        "----- ^^^^^^ ----- three",
        "|",
        "one",
    ]


def test_nothing_that_is_told_moves_a_terminal() -> None:
    told = str(Diagnostic("G120", "not \x1b[31mred", notes=("in \x07B",), help="write \u202ex"))
    assert not any(char in told for char in "\x1b\x07\u202e")


# A word, those that are known, and what is suggested: the one likely word, or none.
LIKELY: list[tuple[str, list[str], str | None]] = [
    ("rleu", ["relu", "gelu", "silu"], "relu"),
    ("batchnorm", ["batch_norm", "layer_norm"], "batch_norm"),
    ("Conv2d", ["conv", "conv_transpose"], "conv"),
    ("widht", ["width", "depth"], "width"),
    ("kernel", ["kernel_size", "stride"], "kernel_size"),
    ("K", ["k", "n"], "k"),
    ("x", ["y", "k", "net"], None),
    ("act", ["cat", "add"], None),
    ("unsqueeze", ["relu", "linear", "reshape"], None),
    ("attention", ["conv", "mean", "matmul"], None),
    ("a" * 100, ["a" * 99], None),
    ("", ["relu"], None),
    ("op", ["ops", "ends"], "ops"),
    ("selu", ["relu", "gelu", "silu", "elu"], None),
    ("gone", ["ones"], None),
]


@pytest.mark.parametrize(("word", "known", "likely"), LIKELY)
def test_likely_words(word: str, known: list[str], likely: str | None) -> None:
    assert did_you_mean(word, known) == (likely and f"did you mean `{likely}`?")
