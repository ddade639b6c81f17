"""The commands that tell what is wrong: check and explain."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.bars import steps
from ghndsl.cli.colour import rendered
from ghndsl.cli.output import emit, note, print_page, say
from ghndsl.diagnostics import printable

if TYPE_CHECKING:
    from ghndsl.space.check import Checked
    from ghndsl.space.checking.proof import Proof
    from ghndsl.training.progress import Progress

_LONG = 200
"""Candidates from which on their building is shown as it goes."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(check)
    app.command()(explain)


def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE or SPACE...", help="Files `.arch` and `.nas`, folders of them, or shipped names."),
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what is only doubtful too.")] = False,
    sample: Annotated[
        int,
        typer.Option("--sample", metavar="N", min=0, help="Build N candidates of each space too, drawn uniformly."),
    ] = 0,
    seed: options.Seed = 0,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Checks texts: every architecture, all candidates of a space at once; warns of what was likely not meant.

    Examples: `ghndsl check net.arch --strict`, `ghndsl check space.nas --set width=32`, `ghndsl check nasbench101
    --sample 100`.
    """
    from ghndsl.language.layout.files import found as texts
    from ghndsl.space.check import Sampling, checked
    from ghndsl.space.load import parse_settings

    settings, limits = parse_settings(set_ or []), options.limits_of(limit)
    with _told(sample, as_json=as_json) as told:
        sampling = Sampling(sample, seed, told)
        found = {file: checked(file, settings, limits, sampling, strict=strict) for file in texts(files)}
    diagnostics = [one for file in found.values() for one in file.diagnostics]
    ok = all(file.is_ok for file in found.values())
    if as_json:
        parts = [
            {"file": file, "ok": one.is_ok, "spaces": [proof.to_json() for proof in one.proofs]}
            for file, one in found.items()
        ]
        print(json.dumps({"ok": ok, "files": parts, "diagnostics": [one.to_json() for one in diagnostics]}))
    elif diagnostics:
        note(rendered(diagnostics, sys.stderr))
    if not as_json:
        for line in _lines(files, found):
            # Not by `rich`, which takes longer to load than a small text to be checked.
            print(printable(line))
    if not ok:
        sys.exit(1)


@contextmanager
def _told(sample: int, *, as_json: bool) -> Generator[Callable[[str, int, int], None]]:
    """How much of the building of candidates is done, shown as it goes; nothing of a few."""
    if sample < _LONG or as_json:
        yield lambda _space, _done, _all: None
        return
    bars: dict[str, Progress] = {}
    with steps() as begin:

        def told(space: str, done: int, n: int) -> None:
            if space not in bars:
                bars[space] = begin(f"Building candidates of {space}")
            bars[space](done, n, "")

        yield told


def _lines(files: Sequence[str], found: Mapping[str, Checked]) -> list[str]:
    """What was shown of each space without faults; of other texts, if nothing is wrong, that it is so."""
    lines = [f"{_address(file, proof, one)}: {proof.in_words}" for file, one in found.items() for proof in one.proofs]
    if not all(one.is_ok for one in found.values()):
        return lines
    others = [file for file, one in found.items() if not one.proofs]
    if not lines:
        lines = [f"{', '.join(files)}: no faults"]
    elif others:
        lines.append(f"{others[0] if len(others) == 1 else f'{len(others):,} other texts'}: no faults")
    doubts = sum(diagnostic.severity == "warning" for one in found.values() for diagnostic in one.diagnostics)
    return [*lines[:-1], f"{lines[-1]}, {doubts} warning{'s' * (doubts > 1)}"] if doubts else lines


def _address(file: str, proof: Proof, among: Checked) -> str:
    return file if len(among.proofs) == 1 else f"{file}:{proof.name}"


def explain(
    word: Annotated[
        str | None,
        typer.Argument(metavar="[CODE or NAME]", help="A message's code, `G204`, or an operator, `conv`; all if none."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Explains a message or an operator; alone, lists both.

    Examples: `ghndsl explain G204`, `ghndsl explain conv`, `ghndsl explain`.
    """
    from ghndsl import ops, resources
    from ghndsl.ops import manual

    if word is None:
        codes, groups = resources.titles(), manual.groups()
        emit({"codes": codes, "operators": groups}, as_json=as_json, show=lambda: _print_words(codes, groups))
        return
    text = manual.explain(word)
    operator = manual.operator_of(word)
    found = manual.described(ops.TABLE[operator]) if operator else {"code": word.upper(), "text": text}
    emit(found, as_json=as_json, show=lambda: print_page(text))


def _print_words(codes: Mapping[str, str], groups: Mapping[str, Sequence[str]]) -> None:
    for title, names in groups.items():
        say(f"{title}: {', '.join(names)}")
    say("")
    for code, title in codes.items():
        say(f"{code}  {title}")
