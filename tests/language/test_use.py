"""`use` reaches shipped specs and the spec's own folder, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghndsl.diagnostics import CompileError, Source
from ghndsl.language import elaborate, load_module, module_from_text

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
    with pytest.raises(CompileError) as caught:
        load_module(path)
    (fault,) = caught.value.diagnostics
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
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_uses(tmp_path: Path, name: str) -> None:
    files, code, words = WRONG[name]
    assert refused(write(tmp_path, **files)) == (code, words)


def test_a_long_line_of_files_is_refused(tmp_path: Path) -> None:
    files = {f"f{i}": f'use "f{i + 1}.arch" (B)\nblock B(x) {{ return x }}' for i in range(100)}
    path = write(tmp_path, a=f'use "f0.arch" (B)\n{ARCH}', **files)
    assert refused(path)[0] == "G125"


def test_a_text_without_a_folder_uses_shipped_specs_only(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="G112"):
        module_from_text(Source("text", f'use "{write(tmp_path, a=BLOCK)}" (Twice)\n{ARCH}'))
