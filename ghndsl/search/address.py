"""An address of a network, a run's finding `RUN:best` included, goes in; its graph, and its own weights, come out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.language.values import Result
from ghndsl.search.folder import ASKED
from ghndsl.space.load import load_network


def find_network(net: str, settings: Mapping[str, Result]) -> Graph:
    """The graph of an address."""
    run = _run(net)
    return load_network(str(run / "best.arch") if run else net, settings)


def own_weights(net: str) -> Path | None:
    """The weights that an address brings along: those of a run's finding."""
    run = _run(net)
    return run / "best.safetensors" if run else None


def _run(net: str) -> Path | None:
    folder, colon, finding = net.rpartition(":")
    if not colon or not (Path(folder) / ASKED).is_file():
        return None
    if finding != "best":
        raise CompileError(Diagnostic("G603", f"{folder} has no finding `{finding}`", help=f"`{folder}:best` is there"))
    if not (Path(folder) / "best.arch").is_file():
        message = f"{folder} has no winner yet"
        raise CompileError(
            Diagnostic("G603", message, help=f"`ghndsl search ... -o {folder} --resume` goes on with it")
        )
    return Path(folder)
