"""Files are written whole or not at all, through links, and never in the place of what is no file."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ghndsl.diagnostics import CompileError
from ghndsl.files import check_writable, files_beside, write_atomically


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


def link(path: Path, target: str) -> None:
    path.symlink_to(target)


def piped(path: Path) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to("pipe")


def opened(path: Path) -> None:
    with files_beside(path) as folder:
        (folder / path.name).write_bytes(b"new")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "pipe": (os.mkfifo, "it is a device, a pipe or a socket, and no file"),
    "socket": (bind, "it is a device, a pipe or a socket, and no file"),
    "link to a pipe": (piped, "it is a device, a pipe or a socket, and no file"),
    "folder": (Path.mkdir, "it is a folder"),
    "link to a folder": (lambda path: link(path, "."), "it is a folder"),
    "link to itself": (lambda path: link(path, path.name), "it is a link that leads nowhere"),
    "link into no folder": (lambda path: link(path, "none/there"), "there is no folder"),
}
WRITERS: dict[str, Callable[[Path], object]] = {
    "check_writable": check_writable,
    "write_atomically": lambda path: write_atomically(path, b"new"),
    "files_beside": opened,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_file_is_not_replaced(
    kind: str, writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make, reason = REFUSED[kind]
    make(tmp_path / "a")
    before = (tmp_path / "a").lstat()
    with pytest.raises(CompileError, match=reason) as caught:
        WRITERS[writer](tmp_path / "a")
    assert [one.code for one in caught.value.diagnostics] == ["G007"]
    after = (tmp_path / "a").lstat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert {path.name for path in tmp_path.iterdir()} <= {"a", "pipe"}


@pytest.mark.parametrize("before", [None, b"old"])
def test_the_file_that_a_link_leads_to_is_replaced(tmp_path: Path, before: bytes | None) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("store/c")
    if before is not None:
        (tmp_path / "store" / "c").write_bytes(before)
        (tmp_path / "store" / "c").chmod(0o640)
    write_atomically(tmp_path / "a", b"new")
    assert (tmp_path / "store" / "c").read_bytes() == b"new"
    assert [os.readlink(tmp_path / name) for name in "ab"] == ["b", "store/c"]
    assert before is None or (tmp_path / "store" / "c").stat().st_mode & 0o777 == 0o640


def test_files_that_are_moved_together_are_no_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    with pytest.raises(CompileError, match="it is a link"), files_beside(tmp_path / "a", tmp_path / "c"):
        pytest.fail("the files are not to be made")
