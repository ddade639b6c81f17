"""A `use` and the folder of its text go in; the file that it means comes out, inside of the allowed folders."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ghndsl import resources
from ghndsl.diagnostics import CompileError, Diagnostic, Span, did_you_mean
from ghndsl.language import tree

SUFFIXES = (".arch", ".nas")
"""What the name of a text ends in."""
_MOST_LISTED = 8


def resolved(path: Path) -> Path | None:
    """The place of a path, links followed; None where they lead nowhere."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return None


def used_file(use: tree.Use, folder: Path | None, root: Path | None, opened: Iterable[Path] = ()) -> Path:
    """The file of a `use` in a text of `folder`, which may reach what lies in `root`, or ships; else refused.

    `opened` are the files that are being read, which nothing is meant to name.
    """
    if not use.is_file:
        return _shipped_spec(use)
    if folder is None:
        raise _refusal(use, "a text without a folder can use shipped specs only")
    _check_words(use, folder, root)
    path = resolved(folder / use.source)
    if path is None:
        raise _refusal(use, f"`{use.source}` cannot be read: its links go in a circle")
    if not _is_inside(path, folder, root):
        hint = "a spec reads files beside and below it, and those that ship: `use std.conv (ConvBN)`"
        raise _refusal(use, f"`use` cannot leave the folder of the spec: {use.source}", hint)
    if path.suffix not in SUFFIXES or not _is_file(path):
        raise _refusal(use, f"there is no spec `{use.source}`", _near(use.source, folder, root, opened))
    return path


def _check_words(use: tree.Use, folder: Path, root: Path | None) -> None:
    """Refuses what names no text, wherever it lies."""
    source = PurePosixPath(use.source)
    if "\0" in use.source:
        raise _refusal(use, "a path holds no zero bytes")
    if source.is_absolute():
        raise _refusal(use, "`use` takes a path from the folder of the text, not an absolute one")
    if source.suffix not in SUFFIXES:
        hint = _near(use.source, folder, root, ())
        raise _refusal(use, "`use` takes the name of a file that ends in `.arch` or `.nas`", hint)


def _is_inside(path: Path, folder: Path, root: Path | None) -> bool:
    roots = [one for one in (root, resources.specs().resolve()) if one is not None and folder.is_relative_to(one)]
    return any(path.is_relative_to(one) for one in roots)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _is_readable(path: Path) -> bool:
    return _is_file(path) and os.access(path, os.R_OK)


def _near(source: str, folder: Path, root: Path | None, opened: Iterable[Path]) -> str | None:
    """A help line for a path that names no text: the likely one, or those in the folder that it names."""
    asked = PurePosixPath(source)
    above = asked.parent
    for base in (above, asked):
        place = resolved(folder / base)
        if place is None or not _is_inside(place, folder, root):
            continue
        texts = [str(base / path.name) for path in texts_in(place) if path not in opened and base / path.name != asked]
        likely = _likely(source, texts)
        if likely or (base != above and texts):
            return likely or f"there are {_listed(texts)}"
    return None


def _likely(source: str, texts: list[str]) -> str | None:
    """The text that was likely meant; that all end alike makes none of them likely."""
    by_stem = {str(PurePosixPath(text).with_suffix("")): text for text in texts}
    hint = did_you_mean(source.removesuffix(PurePosixPath(source).suffix), by_stem)
    return hint and "`".join([by_stem.get(part, part) for part in hint.split("`")])


def texts_in(folder: Path) -> list[Path]:
    """The texts that lie in a folder itself and can be read."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and _is_readable(path))
    except OSError:
        return []


def _shipped_spec(use: tree.Use) -> Path:
    path = resources.specs().joinpath(*use.source.split(".")).with_suffix(".arch")
    if not _is_file(path):
        shipped = _shipped()
        hint = did_you_mean(use.source, shipped) or _same_place(use.source, shipped)
        raise _refusal(use, f"there is no spec `{use.source}`", hint)
    return path


def _same_place(source: str, shipped: list[str]) -> str:
    """A help line for a spec that does not ship: those of the same name, or of the same folder."""
    first, _, last = source.rpartition(".")
    alike = [name for name in shipped if name.rpartition(".")[2] == last]
    beside = [name for name in shipped if name.rpartition(".")[0] == (first or source)]
    return f"there are {_listed(alike or beside or [name for name in shipped if name.startswith('std.')])}"


def _listed(names: list[str]) -> str:
    more = [f"{len(names) - _MOST_LISTED} more"] if len(names) > _MOST_LISTED else []
    return ", ".join([*[f"`{name}`" for name in names[:_MOST_LISTED]], *more])


def _shipped() -> list[str]:
    root = resources.specs()
    return sorted(".".join(path.relative_to(root).with_suffix("").parts) for path in root.rglob("*.arch"))


def source_span(use: tree.Use) -> Span:
    """The place of what is used, without the names taken from it."""
    source, start = use.span.source, use.span.start + len("use")
    end = source.text.rfind("(", start, use.names[0].span.start)
    text = source.text[start:end]
    return Span(source, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))


def _refusal(use: tree.Use, message: str, hint: str | None = None) -> CompileError:
    return CompileError(Diagnostic("G112", message, source_span(use), help=hint))
