"""What a run holds goes in; one page of HTML, which needs nothing else, comes out."""

from __future__ import annotations

import json
import math
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple, cast

from ghndsl.search.report.curves import beside, sheet
from ghndsl.search.report.facts import Facts
from ghndsl.search.report.plots import SHORT, plots
from ghndsl.search.report.svg import real, short
from ghndsl.search.report.words import LONG, brief, figure, named
from ghndsl.search.store import Stored

if TYPE_CHECKING:
    from jinja2 import Template

ROWS = 200
"""Candidates of the table."""
CHOICES = 12
"""Choices that are shown, the most telling ones."""
_FAILED = 20
_EXITS = "anytime_"
"""What an estimator foresees of one exit is called so."""


class _Cell(NamedTuple):
    """What a cell shows, what it is sorted by, and what is said of it when it is pointed at."""

    text: str
    value: float | str
    tip: str = ""


def page(facts: Facts) -> str:
    """The page. All texts in it are escaped: names, lines and errors are of others."""
    drawn = plots(facts)
    return _template().render(
        title=f"{facts.run.asked.space} on {facts.run.asked.data}",
        facts=facts,
        cards=_cards(facts),
        between=_between(facts),
        winner=_winner(facts),
        picture=_embedded(facts.picture),
        plots={**dict.fromkeys(("progress", "agreement", "short", "curves", "batches"), ""), **drawn},
        sheet=sheet(facts),
        beside=beside(facts),
        fronts=[name for name in drawn if name.startswith("front_")],
        agreement=[(name.capitalize(), str(one)) for name, one in facts.agreement.items()],
        choices=facts.choices[:CHOICES],
        more_choices=max(0, len(facts.choices) - CHOICES),
        head=_head(facts),
        rows=_rows(facts),
        failed=_failed(facts),
        command=shlex.join(facts.run.asked.command),
        again=_again(facts),
        versions=", ".join(f"{name} {text}" for name, text in facts.run.versions.items()),
        plan=json.dumps(dict(facts.run.asked.plan), indent=2),
        settings=json.dumps(dict(facts.run.asked.settings), indent=2),
        begun=_moment(facts.run.created),
        ended=None if facts.run.ended is None else _moment(facts.run.ended),
        short=short,
        brief=brief,
        most=LONG,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    room = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return room.from_string((files("ghndsl.search.report") / "page.html").read_text(encoding="utf-8"))


def _between(facts: Facts) -> str:
    """The budgets between which networks are judged, if they are."""
    budgets = cast("Sequence[float] | None", facts.run.asked.plan.get("budgets"))
    return "" if not budgets else f"{short(budgets[0])} to {short(budgets[1])}"


def _cards(facts: Facts) -> list[tuple[str, str]]:
    """The few numbers that matter most."""
    best = cast("Mapping[str, object]", (facts.results or {}).get("best", {}))
    found: list[tuple[str, str]] = []
    if best:
        accuracy = cast("float", best["accuracy"])
        found.append((f"test {facts.metric}", figure(facts.metric, accuracy)))
        for name, title in (("params", "params"), ("macs", "MACs")):
            value = cast("int | None", best[name])
            found.append((title, "?" if value is None else short(value)))
    found.append(("candidates scored", f"{facts.summary.done:,}"))
    if facts.summary.failed:
        found.append(("failed", f"{facts.summary.failed:,}"))
    found.append(("trained from scratch", f"{len(facts.trained):,}"))
    if failed := sum(one.state == "failed" for one in facts.rungs):
        found.append(("trainings failed", f"{failed:,}"))
    spent = facts.summary.cpu_seconds + sum(one.cpu_seconds or 0 for one in facts.rungs)
    found.append(("hours of processor, hypernetwork not counted", f"{spent / 3600:.2g}"))
    return found


def _failed(facts: Facts) -> list[tuple[int, str, str]]:
    """What failed when it was trained, and then what failed when it was scored: place, line and why."""
    lines = {one.place: one.line for one in facts.done}
    trained = [(one.candidate, lines[one.candidate], one.error or "") for one in facts.rungs if one.state == "failed"]
    return [*trained, *((one.place, one.line, one.error or "") for one in facts.failed)][:_FAILED]


def _winner(facts: Facts) -> Mapping[str, object]:
    best = cast("Mapping[str, object]", (facts.results or {}).get("best", {}))
    return best or {}


def _embedded(picture: str) -> str:
    """A picture as an address. What a picture holds is drawn so, and never run."""
    return picture and f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}"


def _columns(facts: Facts) -> list[str]:
    """The numbers of the table: the score first, then what is measured of most candidates, but for what is foreseen of
    each exit."""
    measured: dict[str, int] = {}
    for one in facts.done[:ROWS]:
        for name in one.measures:
            measured[name] = measured.get(name, 0) + 1
    return [facts.score, *sorted(name for name in measured if name != facts.score and not name.startswith(_EXITS))]


def _head(facts: Facts) -> list[str]:
    middle = [SHORT] if facts.short else []
    return ["place", "number", *_columns(facts), "params", "MACs", *middle, f"trained {facts.metric}", "line"]


def _rows(facts: Facts) -> Sequence[Sequence[_Cell]]:
    """The best candidates, and all that were trained."""
    trained = {one.candidate.place: one.accuracy for one in facts.trained}
    best = {one.place for one, _ in sorted(facts.scored, key=lambda pair: -pair[1])[:ROWS]}
    chosen = [one for one in facts.done if one.place in best or one.place in trained or one.place in facts.short]
    order = {one.place: -score for one, score in facts.scored}
    chosen.sort(key=lambda one: order.get(one.place, math.inf))
    columns = _columns(facts)
    learned = [[facts.short.get(one.place)] if facts.short else [] for one in chosen]
    return [_row(one, columns, [*short, trained.get(one.place)]) for one, short in zip(chosen, learned, strict=True)]


def _row(one: Stored, columns: Sequence[str], learned: Sequence[float | None]) -> list[_Cell]:
    """What is known of it before it was trained, and what it `learned`."""
    numbers = [*(one.measures.get(name) for name in columns), one.params, one.macs, *learned]
    cells = [_Cell("" if value is None else short(value), "" if value is None else real(value)) for value in numbers]
    digits = str(one.number)
    number = _Cell(named(one.number), real(one.number), "" if named(one.number) == digits else digits)
    return [_Cell(str(one.place), float(one.place)), number, *cells, _Cell(one.line, brief(one.line))]


def _again(facts: Facts) -> list[str]:
    """Commands that go on from here."""
    run = shlex.quote(str(facts.folder))
    if facts.results is None:
        words = [word for word in facts.run.asked.command if word != "--resume"]
        return (
            [f"{shlex.join(words)} --resume"] if words else [f"search(..., Path({str(facts.folder)!r}), resume=True)"]
        )
    return [f"ghndsl export {run}:best --onnx best.onnx --check", f"ghndsl show {run}:best"]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
