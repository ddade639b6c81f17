"""The commands that count, draw and list the candidates of a space: count, sample and enumerate."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ghndsl.cli import options
from ghndsl.cli.candidates import Listed, each_by, rows, shard_of, show, watched, within
from ghndsl.cli.output import emit, note, say
from ghndsl.dags import in_words

if TYPE_CHECKING:
    from ghndsl.space import Space
    from ghndsl.space.distinct import Bounds, Each

Folder: TypeAlias = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help="Write each as an `.arch` into a folder.")
]
Processes: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Processes that build candidates; as many as are worth it, by default.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(count)
    app.command()(sample)
    app.command("enumerate")(enumerate_)


def _find(space: str, set_: list[str] | None, limit: list[str] | None) -> Space:
    """The space of an address; refused when it has no candidates."""
    from ghndsl.space.load import find_space, parse_settings

    found = find_space(space, parse_settings(set_ or []), options.limits_of(limit))
    found.check_any()
    return found


def count(
    space: options.SpaceAddress,
    distinct: Annotated[
        bool, typer.Option("--distinct", help="Count the architectures that differ too; up to 50,000 are built.")
    ] = False,
    workers: Processes = None,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Counts the candidates of a space, exactly.

    Examples: `ghndsl count nasbench201`, `ghndsl count space.nas --distinct`, `ghndsl count space.nas --json`.
    """
    found = _find(space, set_, limit)
    found.check_any(looking=True)
    bounds = _bounds(found, workers) if distinct else None
    # Of some spaces only this has shown that nothing meets a `where`.
    found.check_any(looking=True)
    least, most = (bounds.least, bounds.most) if bounds else (min(found.feasible or 0, 1), found.distinct.most)
    keys = {"size": found.size, "feasible": found.feasible, "distinct": least if bounds and least == most else None}
    known = {"distinct_at_least": least, "distinct_at_most": most}
    because = bounds.because if bounds else "no candidate was built, as `--distinct` asks for"
    graphs = _graphs(found) if distinct else {}
    told = {"because": because, **({"graphs": graphs} if graphs else {})}

    def printed() -> None:
        _print_count(found, bounds)
        for path, counted in graphs.items():
            say(_graphs_told(path, counted))

    emit({**keys, **known, **told}, as_json=as_json, show=printed)


def _graphs(space: Space) -> dict[str, dict[str, int]]:
    """Of each choice of graphs that are numbered by the order of vertices, how many there are, and how many differ."""
    found: dict[str, dict[str, int]] = {}
    for path, dags in space.ordered_graphs.items():
        least, most = dags.distinct
        found[path] = {"ordered": dags.size, "distinct_at_least": least, "distinct_at_most": most}
    return found


def _graphs_told(path: str, counted: dict[str, int]) -> str:
    least, most = counted["distinct_at_least"], counted["distinct_at_most"]
    differ = in_words(least) if least == most else f"from {in_words(least)} to {in_words(most)}"
    return f"`{path}`: {in_words(counted['ordered'])} graphs by the order of their vertices, {differ} up to isomorphism"


def _bounds(space: Space, workers: int | None) -> Bounds:
    with watched(space.distinct.most) as progress:
        if space.distinct.is_countable:
            space.distinct.complete(each_by(workers, space.distinct.most), progress)
        return space.distinct.bounds(progress)


def _print_count(space: Space, bounds: Bounds | None) -> None:
    say(f"{space.size:,} candidate{'s' * (space.size != 1)}")
    if space.feasible is None:
        say("how many of them meet every `where` is not known: they are too many to try each")
    elif space.feasible != space.size:
        say(f"{space.feasible:,} meet every `where`")
    if bounds and bounds.least == bounds.most:
        say(f"{bounds.most:,} distinct architecture{'s' * (bounds.most != 1)}")
    elif bounds:
        say(f"from {bounds.least:,} to {bounds.most:,} distinct architectures, because {bounds.because}")


def sample(
    space: options.SpaceAddress,
    n: Annotated[int, typer.Option("-n", min=0, help="How many.")] = 1,
    seed: options.Seed = 0,
    distinct: Annotated[bool, typer.Option("--distinct", help="No architecture twice.")] = False,
    output: Folder = None,
    workers: Processes = None,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Draws candidates uniformly from those that meet every `where`.

    With `--distinct` each architecture is as likely as another, for which every candidate is built. Of a space of more
    than 50,000 an architecture is the likelier the more candidates stand for it.

    Examples: `ghndsl sample digits -n 5 --seed 1`, `ghndsl sample space.nas -n 3 --distinct -o drawn`.
    """
    found = _find(space, set_, limit)
    picks = _drawn_apart(found, n, seed, workers) if distinct else _drawn(found, n, seed, built=as_json)
    listed: list[dict[str, object]] = []
    for row in rows(picks, found, output):
        listed.append(row)
        if not as_json:
            show(row)
    if as_json:
        print(json.dumps({"candidates": listed}))
    if len(listed) < n:
        note(f"the space is used up: {found.distinct.ending(len(listed))}")


def _drawn(space: Space, n: int, seed: int, *, built: bool) -> Iterator[Listed]:
    from ghndsl.space.looking import Look

    numbered = ((space.number(candidate), candidate) for candidate in space.sample(n, seed))
    return map(Look(space), numbered) if built else numbered


def _drawn_apart(space: Space, n: int, seed: int, workers: int | None) -> Iterator[Listed]:
    if not space.distinct.is_countable:
        note("candidates are drawn uniformly: an architecture is the likelier, the more of them stand for it")
        return space.distinct.sampled(n, seed)
    with watched(space.distinct.most) as progress:
        space.distinct.complete(each_by(workers, space.distinct.most), progress)
    return space.distinct.sampled(n, seed)


def enumerate_(
    space: options.SpaceAddress,
    distinct: Annotated[
        bool, typer.Option("--distinct", help="Of each architecture the candidate of the lowest number alone.")
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="I/N", help="One of N even parts, `1/N` to `N/N`."),
    ] = None,
    output: Folder = None,
    bare: Annotated[bool, typer.Option("--bare", help="In JSON, number and line alone: nothing is built.")] = False,
    workers: Processes = None,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line and nothing else.")] = False,
) -> None:
    """Lists the candidates that meet every `where`, in the order of their numbers, as they are found.

    With `--distinct` the shards are parts of all candidates; what comes before is built too, to know what is new.

    Examples: `ghndsl enumerate digits`, `ghndsl enumerate nasbench101 --shard 1/8`, `ghndsl enumerate digits --json`.
    """
    part = shard_of(shard)
    found = _find(space, set_, limit)
    each = each_by(workers, found.distinct.most // part[1]) if distinct or (as_json and not bare) else map
    with closing(_listed(found, part, each, distinct=distinct, bare=bare or not as_json)) as listed:
        row = None
        for row in rows(listed, found, output):
            if as_json:
                print(json.dumps(row), flush=not bare)
            else:
                show(row)
    if row is None:
        found.check_any(looking=True)


def _listed(space: Space, part: tuple[int, int], each: Each, *, distinct: bool, bare: bool) -> Generator[Listed]:
    """The candidates of a shard, those that need not be built as they are."""
    from ghndsl.space.looking import Look

    numbered = space.enumerate(part)
    if distinct:
        with closing(space.distinct.architectures(each)) as architectures:
            found = within(architectures, (number for number, _ in numbered))
            yield from ((one.number, one.candidate) for one in found) if bare else found
    else:
        yield from numbered if bare else each(Look(space), numbered)
