"""`use` reaches shipped specs and the spec's own folder, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ghndsl import loads
from ghndsl.diagnostics import CompileError
from ghndsl.language import elaborate, load_module
from ghndsl.space.check import check_file

BLOCK = "block Twice(x) { return x -> relu -> relu }\n"
ARCH = "arch a() { input x: f32[N, 4]\n output y = x -> Twice }\n"


def write(folder: Path, **files: str) -> Path:
    """Writes files (`inner__b` is `inner/b.arch`) and returns the path of `a.arch`."""
    for name, text in files.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".arch")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "a.arch"


def refused(path: Path) -> tuple[str, str]:
    try:
        (fault,) = load_module(path).faults
    except CompileError as error:
        (fault,) = error.diagnostics
    return fault.code, fault.span.text if fault.span else ""


def nodes(path: Path) -> list[str]:
    module = load_module(path)
    return [node.op.name for node in elaborate(module, module.main(("arch",))).nodes]


ONCE = "block Once(x) { return x }"
THRICE = 'use "b.arch" (Twice)\nblock Thrice(x) { return x -> Twice -> relu }'
USES: dict[str, dict[str, str]] = {
    "beside": {"a": f'use "b.arch" (Twice)\n{ARCH}', "b": BLOCK},
    "below": {"a": f'use "inner/b.arch" (Twice)\n{ARCH}', "inner__b": BLOCK},
    "through another": {"a": f'use "b.arch" (Twice)\n{ARCH}', "b": f'use "c.arch" (Once)\n{BLOCK}', "c": ONCE},
    "up again": {"a": f'use "i/b.arch" (Twice)\n{ARCH}', "i__b": f'use "../c.arch" (Once)\n{BLOCK}', "c": ONCE},
    "one of two": {"a": f'use "b.arch" (Twice)\nuse "c.arch" (Thrice)\n{ARCH}', "b": BLOCK, "c": THRICE},
}


@pytest.mark.parametrize("name", USES)
def test_used(tmp_path: Path, name: str) -> None:
    assert nodes(write(tmp_path, **USES[name])) == ["relu", "relu"]


def test_names_of_a_used_file_are_its_own(tmp_path: Path) -> None:
    inner = "block One(x) { return x -> gelu }\nblock Twice(x) { return x -> One -> One }\n"
    path = write(tmp_path, a=f'use "b.arch" (Twice)\nblock One(x) {{ return x -> relu }}\n{ARCH}', b=inner)
    assert nodes(path) == ["gelu", "gelu"]


def test_a_shipped_spec(tmp_path: Path) -> None:
    path = write(tmp_path, a="use std.conv (ConvBN)\narch a() { input x: f32[N, 3, 8, 8]\n output y = x -> ConvBN(4) }")
    assert nodes(path) == ["conv", "batch_norm", "relu"]


CLIMBING = ['"../b.arch"', '"inner/../../b.arch"', '"{outside}/b.arch"', '"link.arch"', '"folder/b.arch"']


@pytest.mark.parametrize("source", CLIMBING)
def test_climbing_out_is_refused(tmp_path: Path, source: str) -> None:
    inside, outside = tmp_path / "inside", tmp_path
    write(outside, b=BLOCK)
    source = source.format(outside=outside)
    path = write(inside, a=f"use {source} (Twice)\n{ARCH}", inner__c=BLOCK)
    (inside / "link.arch").symlink_to(outside / "b.arch")
    (inside / "folder").symlink_to(outside)
    assert refused(path) == ("G112", source)


# (files, code, the words that are wrong)
WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "a missing file": ({"a": f'use "b.arch" (Twice)\n{ARCH}'}, "G112", '"b.arch"'),
    "a folder": ({"a": f'use "b.arch" (Twice)\n{ARCH}', "b.arch__c": BLOCK}, "G112", '"b.arch"'),
    "a missing spec": ({"a": f"use std.convs (ConvBN)\n{ARCH}"}, "G112", "std.convs"),
    "a folder of specs": ({"a": f"use std (ConvBN)\n{ARCH}"}, "G112", "std"),
    "a missing name": ({"a": f'use "b.arch" (Thrice)\n{ARCH}', "b": BLOCK}, "G112", "Thrice"),
    "a circle": ({"a": f'use "b.arch" (Twice)\n{ARCH}', "b": f'use "a.arch" (a)\n{BLOCK}'}, "G113", '"a.arch"'),
    "itself": ({"a": f'use "a.arch" (a)\n{ARCH}'}, "G113", '"a.arch"'),
    "a space's word": ({"a": f'use "b.arch" (M)\n{ARCH}', "b": "motif M(x) { return x }"}, "G104", "motif M"),
    "a syntax error": ({"a": f'use "b.arch" (Twice)\n{ARCH}', "b": "block Twice(x) { return x + }"}, "G101", "}"),
    "a broken file, twice": (
        {"a": f'use "b.arch" (Twice)\nuse "b.arch" (Once)\n{ARCH}', "b": "block Twice(x) { return x + }"},
        "G101",
        "}",
    ),
    "a broken file, by two ways": (
        {
            "a": f'use "b.arch" (Twice)\nuse "c.arch" (Thrice)\n{ARCH}',
            "b": "block Twice(x) { return x + }",
            "c": THRICE,
        },
        "G101",
        "}",
    ),
    "a name too long": ({"a": f'use "{"a" * 300}.arch" (Twice)\n{ARCH}'}, "G112", f'"{"a" * 300}.arch"'),
    "no text": ({"a": f'use "data.txt" (Twice)\n{ARCH}'}, "G112", '"data.txt"'),
    "no suffix": ({"a": f'use "b" (Twice)\n{ARCH}', "b": BLOCK}, "G112", '"b"'),
    "nothing": ({"a": f'use "" (Twice)\n{ARCH}'}, "G112", '""'),
    "its folder": ({"a": f'use "." (Twice)\n{ARCH}'}, "G112", '"."'),
    "from two files": (
        {"a": f'use "b.arch" (Twice)\nuse "c.arch" (Twice)\n{ARCH}', "b": BLOCK, "c": BLOCK},
        "G111",
        "Twice",
    ),
    "taken twice": ({"a": f'use "b.arch" (Twice, Twice)\n{ARCH}', "b": BLOCK}, "G111", "Twice"),
    "taken and defined": ({"a": f'use "b.arch" (Twice)\n{BLOCK}{ARCH}', "b": BLOCK}, "G111", "Twice"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_uses(tmp_path: Path, name: str) -> None:
    files, code, words = WRONG[name]
    assert refused(write(tmp_path, **files)) == (code, words)


# (what a text uses, what is suggested)
NEAR: list[tuple[str, str]] = [
    ('"B.arch" (Twice)', "did you mean `b.arch`?"),
    ('"b" (Twice)', "did you mean `b.arch`?"),
    ('"sub/B.arch" (Twice)', "did you mean `sub/b.arch`?"),
    ('"sub" (Twice)', "there are `sub/b.arch`"),
    ('"aa.arch" (Twice)', ""),
    ('"../b.arch" (Twice)', "a spec reads files beside and below it, and those that ship: `use std.conv (ConvBN)`"),
    ("std.nosuch (Twice)", "there are `std.conv`, `std.graph`, `std.mobile`"),
    ("std.resnet (Twice)", "there are `networks.resnet`"),
    ("std.convs (Twice)", "did you mean `std.conv`?"),
]


@pytest.mark.parametrize(("source", "hint"), NEAR)
def test_what_is_suggested(tmp_path: Path, source: str, hint: str) -> None:
    write(tmp_path, aaa_above=BLOCK)
    path = write(tmp_path / "in", a=f"use {source}\n{ARCH}", b=BLOCK, sub__b=BLOCK)
    (fault,) = load_module(path).faults
    assert (fault.help or "") == hint


def test_links_in_a_circle(tmp_path: Path) -> None:
    for one, other in (("b", "c"), ("c", "b")):
        (tmp_path / f"{one}.arch").symlink_to(tmp_path / f"{other}.arch")
    assert refused(write(tmp_path, a=f'use "b.arch" (Twice)\n{ARCH}')) == ("G112", '"b.arch"')
    assert refused(tmp_path / "b.arch") == ("G001", "")


def test_what_can_be_checked_is_checked_after_a_name_is_missing(tmp_path: Path) -> None:
    inner = "block Other(x) { return x }\n"
    text = 'use "b.arch" (Twice, Other)\nuse "none.arch" (Lost)\nblock Other(x) { return x -> foo }\n'
    body = "x = x -> Lost -> Other -> relu\n output y = x -> conv(4, 3, foo=1)"
    path = write(tmp_path, a=f"{text}arch t() {{ input x: f32[N, 4, 8, 8]\n z = x -> Twice\n {body} }}", b=inner)
    found = check_file(str(path), {})
    errors = [one for one in found if one.severity == "error"]
    assert [(one.code, one.span and one.span.text) for one in errors] == [
        ("G111", "Other"),
        ("G112", "Twice"),
        ("G112", '"none.arch"'),
        ("G110", "foo"),
        ("G120", "foo"),
    ]


def test_a_long_line_of_files_is_refused(tmp_path: Path) -> None:
    files = {f"f{i}": f'use "f{i + 1}.arch" (B{i + 1})\nblock B{i}(x) {{ return x }}' for i in range(100)}
    path = write(tmp_path, a=f'use "f0.arch" (B0)\n{ARCH}', **files)
    assert refused(path)[0] == "G125"


def test_a_text_without_a_folder_uses_shipped_specs_only(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="G112"):
        loads(f'use "{write(tmp_path, a=BLOCK)}" (Twice)\n{ARCH}')


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
@pytest.mark.parametrize("beside", [False, True])
def test_what_cannot_be_read_is_not_suggested(tmp_path: Path, kind: str, *, beside: bool) -> None:
    path = write(tmp_path, a=f'use "block.arch" (Twice)\n{ARCH}', **({"blocks": BLOCK} if beside else {}))
    place = tmp_path / "block.arch"
    make = {"link": lambda: place.symlink_to("nowhere"), "folder": place.mkdir, "pipe": lambda: os.mkfifo(place)}
    make[kind]()
    (fault,) = load_module(path).faults
    assert fault.message == "there is no spec `block.arch`"
    assert fault.help == ("did you mean `blocks.arch`?" if beside else None)


@pytest.mark.parametrize(("kind", "word"), [("folder", "a folder"), ("pipe", "a pipe")])
def test_only_files_are_read(tmp_path: Path, kind: str, word: str) -> None:
    place = tmp_path / "a.arch"
    {"folder": place.mkdir, "pipe": lambda: os.mkfifo(place)}[kind]()
    with pytest.raises(CompileError, match=f"it is {word}, not a file") as caught:
        load_module(place)
    assert caught.value.diagnostics[0].code == "G001"
