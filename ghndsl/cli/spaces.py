"""The commands about text and spaces: check, count, sample, explain."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.colour import rendered
from ghndsl.cli.output import emit, note, print_page, say


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(check)
    app.command()(count)
    app.command()(sample)
    app.command()(explain)


def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE or SPACE...", help="Files `.arch` and `.nas`, folders of them, or shipped names."),
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what is only doubtful too.")] = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Checks texts: every architecture, all candidates of a space at once; warns of what was likely not meant.

    Examples: `ghndsl check net.arch --strict`, `ghndsl check space.nas --set width=32`.
    """
    from ghndsl.language.layout.files import found as texts
    from ghndsl.space.check import check_file
    from ghndsl.space.load import parse_settings

    settings, limits = parse_settings(set_ or []), options.limits_of(limit)
    found = [one for file in texts(files) for one in check_file(file, settings, limits, strict=strict)]
    ok = not any(one.severity == "error" for one in found)
    if as_json:
        print(json.dumps({"ok": ok, "diagnostics": [one.to_json() for one in found]}))
    elif found:
        note(rendered(found, sys.stderr))
    if ok and not as_json:
        count = sum(one.severity == "warning" for one in found)
        doubts = f", {count} warning{'s' * (count > 1)}" if count else ""
        # Not by `rich`, which takes longer to load than a small text to be checked.
        found_in = " in the graphs that were tried" if any(one.code == "G308" for one in found) else ""
        print(f"{', '.join(files)}: no faults{found_in}{doubts}")
    if not ok:
        sys.exit(1)


def count(
    space: options.SpaceAddress,
    distinct: Annotated[
        bool, typer.Option("--distinct", help="Count architectures that differ, by building all (small spaces).")
    ] = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Counts the candidates of a space, exactly.

    Examples: `ghndsl count nasbench201`, `ghndsl count space.nas --json`.
    """
    from ghndsl.space.load import find_space, parse_settings

    found = find_space(space, parse_settings(set_ or []), options.limits_of(limit))
    exact, least, most = None, min(found.feasible or 0, 1), found.size if found.feasible is None else found.feasible
    if distinct:
        from ghndsl.search.draw import count_distinct

        exact, least, most = count_distinct(found)
    keys = {"size": found.size, "feasible": found.feasible, "distinct": exact}
    bounds = {"distinct_at_least": least, "distinct_at_most": most}

    def printed() -> None:
        say(f"{found.size:,} candidates")
        if found.feasible != found.size:
            unknown = "how many of them meet every `where` is known only by building each"
            known = unknown if found.feasible is None else f"{found.feasible:,} meet every `where`"
            say(known)
        if distinct:
            text = f"{exact:,}" if exact is not None else f"from {least:,} to {most:,}: too many to build all"
            say(f"{text} distinct architectures")

    emit({**keys, **bounds}, as_json=as_json, show=printed)


def sample(
    space: options.SpaceAddress,
    n: Annotated[int, typer.Option("-n", min=0, help="How many.")] = 1,
    seed: options.Seed = 0,
    distinct: Annotated[bool, typer.Option("--distinct", help="No architecture twice.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Write each as an `.arch` into a folder.")
    ] = None,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Draws candidates uniformly from those that meet every `where`.

    Examples: `ghndsl sample digits -n 5 --seed 1`, `ghndsl sample nasbench201 -n 3 --distinct -o drawn`.
    """
    from itertools import islice

    from ghndsl.files import write_atomically
    from ghndsl.language import format_graph
    from ghndsl.search.draw import distinct as drawn_apart
    from ghndsl.search.draw import drawn
    from ghndsl.space.load import find_space, parse_settings

    found = find_space(space, parse_settings(set_ or []), options.limits_of(limit))
    picks = list(islice(drawn_apart(found, seed), n)) if distinct else drawn(found, n, seed)
    rows: list[dict[str, object]] = []
    for pick in picks:
        number = found.number(pick.candidate)
        graph = pick.at(found)
        measured = {"params": graph.params, "macs": graph.macs}
        rows.append({"number": number, "line": str(pick.candidate), "id": pick.identity, **measured})
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            write_atomically(output / f"{number}.arch", format_graph(graph).encode())

    def printed() -> None:
        for row in rows:
            say(f"{row['number']}  {row['line']}")
        if len(rows) < n:
            note(f"the space is used up: it gave {len(rows):,} distinct architectures")

    emit({"candidates": rows}, as_json=as_json, show=printed)


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
