"""Names of files and folders go in; what each text was and would be in the canonical layout comes out."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.files import write_atomically
from ghndsl.language.layout.text import format_source
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.modules import decoded, read_source
from ghndsl.language.used_files import SUFFIXES
from ghndsl.records import record


@record
class Formatted:
    """A file's content under the name it was asked for by, before and after."""

    name: str
    before: bytes
    after: bytes

    @property
    def is_changed(self) -> bool:
        """Whether they differ, if only in the ends of lines."""
        return self.before != self.after

    def diff(self) -> str:
        """The lines that differ, as `diff -u` shows them."""
        before, after = _lines(self.before), _lines(self.after)
        return "".join(difflib.unified_diff(before, after, self.name, self.name))

    def write(self) -> None:
        """Replaces the file, or the one that a link of its name leads to. Errors: G007."""
        write_atomically(Path(self.name).resolve(), self.after)


def format_file(name: str, limits: Limits = DEFAULT) -> Formatted:
    """The content of a file in the canonical layout; nothing is written. Errors: those of reading it."""
    path = Path(name)
    text = format_source(read_source(path, limits), limits)
    return Formatted(name, path.read_bytes(), text.encode())


def format_bytes(name: str, data: bytes, limits: Limits = DEFAULT) -> Formatted:
    """The same of what was read elsewhere."""
    return Formatted(name, data, format_source(decoded(name, data, limits), limits).encode())


def found(names: Sequence[str]) -> Iterator[str]:
    """The names of files, each once; in place of a folder's, those of all `.arch` and `.nas` files below it.

    Errors: G001 for a folder without any.
    """
    seen: set[str] = set()
    for name in names:
        # `Path` trips over names that are too long.
        for one in _below(Path(name)) if os.path.isdir(name) else [name]:
            if one not in seen:
                seen.add(one)
                yield one


def _below(folder: Path) -> list[str]:
    """The texts below a folder; hidden folders are left alone."""
    paths = [path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    if not paths:
        raise CompileError(Diagnostic("G001", f"there is no file `.arch` or `.nas` below {folder}"))
    return sorted(str(path) for path in paths if not any(p.startswith(".") for p in path.relative_to(folder).parts))


def _lines(content: bytes) -> list[str]:
    *lines, last = content.decode(errors="replace").split("\n")
    whole = [f"{line}\n" for line in lines]
    return [*whole, f"{last}\n\\ No newline at end of file\n"] if last else whole
