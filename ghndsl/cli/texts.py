"""The command about texts as such: fmt."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.colour import rendered
from ghndsl.cli.output import note

if TYPE_CHECKING:
    from ghndsl.diagnostics import Diagnostic
    from ghndsl.language import Limits
    from ghndsl.language.layout.files import Formatted

STANDARD_INPUT = "-"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(fmt)


def fmt(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files, folders of `.arch` and `.nas` files, or `-`."),
    ],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if something would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="The same, and print what would change.")] = False,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Writes texts in the one canonical layout; comments stay. `-` reads standard input and prints.

    Examples: `ghndsl fmt net.arch`, `ghndsl fmt --check specs`, `ghndsl fmt - < net.arch`.
    """
    done, faults = _formatted(files, options.limits_of(limit), is_dry=check or diff)
    changed = [one for one in done if one.is_changed]
    if as_json:
        print(json.dumps(_found(done, faults, is_diff=diff)))
    else:
        _print(done, is_check=check, is_diff=diff)
        if faults:
            note(rendered(faults, sys.stderr))
    if faults or (changed and (check or diff)):
        sys.exit(1)


def _formatted(names: list[str], limits: Limits, *, is_dry: bool) -> tuple[list[Formatted], list[Diagnostic]]:
    """Every text that can be read, in its layout, written unless the run is dry; and what is wrong with others."""
    from ghndsl.diagnostics import CompileError
    from ghndsl.language.layout.files import format_bytes, format_file, found

    done: list[Formatted] = []
    faults: list[Diagnostic] = []
    for name in found(names):
        try:
            from_input = name == STANDARD_INPUT
            data = sys.stdin.buffer.read(limits.text + 1) if from_input else b""
            one = format_bytes(name, data, limits) if from_input else format_file(name, limits)
            if one.is_changed and not is_dry and not from_input:
                one.write()
            done.append(one)
        except CompileError as error:
            faults += error.diagnostics
    return done, faults


def _found(done: list[Formatted], faults: list[Diagnostic], *, is_diff: bool) -> dict[str, object]:
    """What JSON tells; the text of standard input has no other place."""
    found: dict[str, object] = {"changed": [one.name for one in done if one.is_changed]}
    if is_diff:
        found["diff"] = "".join([one.diff() for one in done])
    for one in done:
        if one.name == STANDARD_INPUT:
            found["text"] = one.after.decode()
    return found | {"diagnostics": [fault.to_json() for fault in faults]}


def _print(done: list[Formatted], *, is_check: bool, is_diff: bool) -> None:
    for one in done:
        if is_diff:
            sys.stdout.write(one.diff())
        elif one.name == STANDARD_INPUT and not is_check:
            sys.stdout.write(one.after.decode())
        if one.is_changed and (is_check or one.name != STANDARD_INPUT):
            note(f"{'would change' if is_check or is_diff else 'formatted'} {one.name}")
