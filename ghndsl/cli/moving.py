"""The commands that move from a candidate to others: neighbors and transfer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ghndsl.cli import options
from ghndsl.cli.candidates import show
from ghndsl.cli.output import emit, note, say

if TYPE_CHECKING:
    from ghndsl.space import Space

CandidateWord: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="CANDIDATE",
        help="A number (`17`), a line (`'depth=2 op=conv'`), a run's finding (`RUN:best`), or a file that a search, "
        "`sample -o` or `enumerate -o` wrote.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(neighbors)
    app.command()(transfer)


def _find(space: str, set_: list[str] | None, limit: list[str] | None) -> Space:
    from ghndsl.space.load import find_space, parse_settings

    return find_space(space, parse_settings(set_ or []), options.limits_of(limit))


def neighbors(
    space: options.SpaceAddress,
    candidate: CandidateWord,
    n: Annotated[
        int | None, typer.Option("-n", min=0, help="How many at most; all, by default.", show_default=False)
    ] = None,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Lists the candidates that differ from one in one choice.

    That is any other option, one item more, less or exchanged, one edit of a graph; what else differs had to.

    Examples: `ghndsl neighbors digits 17`, `ghndsl neighbors nasbench201 drawn/17.arch -n 5`.
    """
    from ghndsl.search.address import candidate_word
    from ghndsl.space.written import candidate_at

    found = _find(space, set_, limit)
    near = islice(found.neighbors(candidate_at(found, candidate_word(candidate))), n)
    listed: Iterator[dict[str, object]] = ({"number": found.number(one), "line": str(one)} for one in near)
    if as_json:
        print(json.dumps({"candidates": list(listed)}))
        return
    for row in listed:
        show(row)


def transfer(
    candidate: CandidateWord,
    source: Annotated[
        str, typer.Option("--from", metavar="SPACE", help="The space that it is of.", show_default=False)
    ],
    target: Annotated[
        str, typer.Option("--to", metavar="SPACE", help="The space that it moves to.", show_default=False)
    ],
    seed: options.Seed = 0,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Moves the motifs of a candidate into another space: a wider one, a deeper one, one for other images.

    The spaces share motifs of the same names and choices. Choices of the other space that are no motif's stay what they
    were where it has them, and are drawn where it has not. `--set` gives the parameters of the space that it moves to;
    those of the space that it is of are the usual ones, or what a file says that it was written with.

    Examples: `ghndsl transfer 17 --from ghn_cifar --to ghn_mobile`,
    `ghndsl transfer run:best --from ghn_cifar --to ghn_mobile`.
    """
    from ghndsl.search.address import candidate_word
    from ghndsl.space.moving.moved import moved
    from ghndsl.space.written import candidate_at_home

    before, one = candidate_at_home(_find(source, None, limit), candidate_word(candidate))
    after = _find(target, set_, limit)
    found = moved(one, before, after, seed)
    if found.drawn:
        note(f"drawn by chance: {', '.join(found.drawn)}")
    if found.lost:
        note(f"without a place in `{after.name}` beside its other choices: {', '.join(found.lost)}")
    keys = {"number": after.number(found.candidate), "line": str(found.candidate)}
    drawn = {"drawn": list(found.drawn), "lost": list(found.lost)}
    emit({**keys, **drawn}, as_json=as_json, show=lambda: say(str(found.candidate)))
