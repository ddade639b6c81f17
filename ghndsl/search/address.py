"""An address of a network or a candidate, a run's finding `RUN:best` included, goes in; its graph, its own weights, or
where it is written come out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.values import Result
from ghndsl.search.folder import RunFolder
from ghndsl.search.store import is_run
from ghndsl.space.load import load_network, parameters_of


def find_network(net: str, settings: Mapping[str, Result], limits: Limits = DEFAULT) -> Graph:
    """The graph of an address."""
    found = _finding(net)
    return load_network(str(found.with_suffix(".arch")) if found else net, settings, limits)


def parameters(address: str) -> frozenset[str]:
    """The names of the parameters of the network or space of an address."""
    found = _finding(address)
    return parameters_of(str(found.with_suffix(".arch")) if found else address)


def own_weights(net: str) -> Path | None:
    """The weights that an address brings along: those of a run's finding."""
    found = _finding(net)
    return found and found.with_suffix(".safetensors")


def candidate_word(word: str) -> str:
    """A word for a candidate, as `space.written` reads it: of a run's finding, the file that says which one it is.

    Errors: G601 where there is no such run, G603 where it has no such finding.
    """
    found = None if "=" in word else _finding(word)
    if found is not None:
        return str(found.with_suffix(".arch"))
    folder, colon, name = word.rpartition(":")
    if "=" not in word and colon and (name == "best" or name.isdecimal()):
        raise CompileError(Diagnostic("G601", f"there is no run in {folder}"))
    return word


def _finding(net: str) -> Path | None:
    """Where a finding lies, but for the suffix: `RUN:best`, or by its place `RUN:3`; None for other addresses."""
    folder, colon, name = net.rpartition(":")
    if not colon or not is_run(Path(folder)):
        return None
    run = RunFolder(Path(folder))
    if not run.has_results:
        message = f"{folder} has no winner yet"
        raise CompileError(
            Diagnostic("G603", message, help=f"`ghndsl search ... -o {folder} --resume` goes on with it")
        )
    if name == "best":
        return run.path / "best"
    finalists = cast("list[dict[str, object]]", run.results()["finalists"])
    places = {str(one.get("place")): one["number"] for one in finalists if one.get("place")}
    if name not in places:
        known = f"`{folder}:best` and the places `{folder}:1` to `{folder}:{len(places)}` are there"
        raise CompileError(Diagnostic("G603", f"{folder} has no finding `{name}`", help=known))
    return run.finalists / run.stem(cast("int", places[name]))
