"""A graph and a path go in; its picture is in the file then: SVG, PNG or Graphviz's own text."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.picture.dot import to_dot
from ghndsl.files import check_writable, write_atomically
from ghndsl.ir import Graph

FORMATS = (".svg", ".png", ".dot")
_SECONDS = 300
# An SVG's points are pixels at 72; a PNG is to stay sharp when it is looked at closely.
_DPI = {"svg": 72, "png": 144}
LARGEST = 4000
"""How many pixels a PNG is wide and high at most: what is larger is drawn smaller."""
_SIZE = {"svg": (), "png": (f"-Gsize={LARGEST / _DPI['png']:.2f}",)}


def render(graph: Graph, path: str | os.PathLike[str], depth: int | None = None) -> None:
    """Writes the picture that `to_dot` describes, by the suffix of the path; an interruption leaves no part of it.

    Graphviz's `dot` lays it out where it is installed, else `graphviz-pure`, which comes with the package. Errors:
    G504 for other suffixes, G505 for a picture that cannot be laid out, G007 for a file that cannot be written.
    """
    write_picture(lambda: to_dot(graph, depth).source, Path(path))


def write_picture(describe: Callable[[], str], path: Path) -> float:
    """Writes what Graphviz makes of a text, which is asked for only once the path is known to be good.

    The share of its own size that it is drawn in comes out: below one for a PNG that would be too large.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        known = f"`{'`, `'.join(FORMATS[:-1])}` or `{FORMATS[-1]}`"
        raise CompileError(Diagnostic("G504", f"a picture is written to a file named {known}, not `{path.name}`"))
    check_writable(path)
    text = describe()
    if suffix != ".png":
        write_atomically(path, _drawn(text, suffix).encode())
        return 1.0
    content = laid_out(text, "png")
    write_atomically(path, content)
    return _share(text, content)


def _share(text: str, png: bytes) -> float:
    """How large a PNG is of what the text asks for."""
    side = max(int.from_bytes(png[16:20]), int.from_bytes(png[20:24]))
    found = re.search(rb'<svg width="(\d+)pt" height="(\d+)pt"', laid_out(text, "svg")) if side >= LARGEST - 2 else None
    if found is None:
        return 1.0
    return min(1.0, LARGEST / (max(int(found[1]), int(found[2])) * _DPI["png"] / _DPI["svg"]))


def svg(graph: Graph) -> str | None:
    """The picture as a notebook shows it; none where nothing can lay it out.

    >>> import ghndsl
    >>> svg(ghndsl.load("resnet18")).startswith("<svg")
    True
    """
    try:
        return svg_of(to_dot(graph).source)
    except CompileError:
        return None


def svg_of(text: str) -> str:
    """An SVG of Graphviz's text that stands in a page: no wider than it, and asking no other site for anything."""
    drawn = laid_out(text, "svg").decode()
    return drawn[drawn.index("<svg") :].replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)


def _drawn(text: str, suffix: str) -> str:
    return text if suffix == ".dot" else f'<?xml version="1.0" encoding="UTF-8"?>\n{svg_of(text)}'


def laid_out(text: str, kind: str) -> bytes:
    """A picture from Graphviz's text, by the first program that is there and can draw this kind."""
    problems: list[str] = []
    for program in programs():
        try:
            done = subprocess.run(
                [program, f"-T{kind}", f"-Gdpi={_DPI[kind]}", *_SIZE[kind]],
                input=text.encode(),
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            message = f"the picture took over {_SECONDS} seconds to lay out"
            raise CompileError(
                Diagnostic("G505", message, help="draw fewer levels of blocks, or write a `.dot`")
            ) from error
        if done.returncode == 0 and done.stdout:
            return done.stdout
        problems += done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    why = f": {problems[-1]}" if problems else ""
    raise CompileError(Diagnostic("G505", f"the picture cannot be laid out{why}"))


def programs() -> list[str]:
    """The programs that lay out graphs on this machine, the preferred one first."""
    return [found for found in (shutil.which("dot"), _graphviz_pure()) if found]


def _graphviz_pure() -> str | None:
    """The program of the package `graphviz-pure`, also where the environment it is in was not activated."""
    name = "graphviz-pure"
    beside = shutil.which(name, path=sysconfig.get_path("scripts"))
    if beside or shutil.which(name):
        return beside or shutil.which(name)
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return None
    return next(
        (str(file.locate()) for file in files if file.stem == name and file.parent.name in ("bin", "Scripts")), None
    )
