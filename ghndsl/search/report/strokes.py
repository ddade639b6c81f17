"""Networks as rows of points go in; a plot with a legend and a line for each, which differ in dashes too, comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from ghndsl.search.report.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, across, canvas, down, frame, short

Role: TypeAlias = Literal["winner", "rival", "control"]

STYLE = (
    ".p-band{fill:var(--line,#d0d5dd);opacity:.35}.p-edge{stroke:var(--soft,#667085);stroke-dasharray:3 3}"
    ".p-stroke{fill:none;stroke-linejoin:round}"
    ".p-control-line{stroke:var(--dot,#98a2b3);fill:var(--dot,#98a2b3);stroke-width:1;opacity:.8}"
    ".p-winner{stroke:var(--accent,#1570ef);fill:var(--accent,#1570ef);stroke-width:3.5}"
    # Told apart by eyes that miss a colour too, and three times as light or dark as either page.
    ".p-rival0{stroke:#d55e00;fill:#d55e00}.p-rival1{stroke:#008f68;fill:#008f68}"
    ".p-rival2{stroke:#b5488a;fill:#b5488a}.p-rival3{stroke:#a67c00;fill:#a67c00}"
    "[class*=p-rival]{stroke-width:2}.p-stroke[class]{fill:none}.p-spread{stroke-width:1.2}"
    ".p-sign{stroke-width:1;stroke-dasharray:none}"
)
_COLOURS = 4
_DASHES = ("9 4", "2 4", "12 3 2 3", "5 2")
_SIGNS = ("M-4 -4H4V4H-4Z", "M0 -6L6 0L0 6L-6 0Z", "M0 -5.5L5.5 4.5H-5.5Z", "M-5.5 -4.5H5.5L0 5.5Z")
_ROUND = "M-{0} 0A{0} {0} 0 1 0 {0} 0A{0} {0} 0 1 0 -{0} 0Z"
_ROW = 26
"""How high a row of the legend is."""


@dataclass(frozen=True)
class Mark:
    """A point of a line, how far it spreads up and down, and what is said of it."""

    x: float
    y: float
    spread: float
    tip: str


@dataclass(frozen=True)
class Stroke:
    """A line through points; `number` counts the rivals from 0."""

    name: str
    role: Role
    marks: Sequence[Mark]
    number: int = 0

    @property
    def look(self) -> str:
        """The class that colours it."""
        return {"winner": "p-winner", "control": "p-control-line"}.get(self.role, f"p-rival{self.number % _COLOURS}")

    @property
    def dash(self) -> str:
        """Its dashes, others for each rival."""
        turn = self.number + self.number // _COLOURS
        return f' stroke-dasharray="{_DASHES[turn % len(_DASHES)]}"' if self.role == "rival" else ""

    @property
    def sign(self) -> str:
        """What stands at its points."""
        if self.role == "rival":
            turn = self.number + 2 * (self.number // _COLOURS)
            return _SIGNS[turn % len(_SIGNS)]
        return _ROUND.format(5 if self.role == "winner" else 2.5)


def draw(
    name: str, x: Axis, y: Axis, strokes: Sequence[Stroke], budgets: tuple[float, float], *, is_stepped: bool
) -> str:
    """The plot, what matters most on top; `is_stepped` for lines that keep a value until the next point."""
    order = sorted(strokes, key=lambda one: ("control", "rival", "winner").index(one.role))
    inner = [_band(x, budgets), frame(x, y)]
    inner += [_line(x, y, one, is_stepped=is_stepped) for one in order]
    inner += [_sign(x, y, one, mark) for one in order for mark in one.marks]
    legend = _legend(strokes, budgets)
    return canvas(name, "".join([*inner, *legend]), STYLE, HEIGHT + _ROW * len(legend) + 6)


def _band(x: Axis, budgets: tuple[float, float]) -> str:
    """The budgets, shaded."""
    low, high = (across(x, one) for one in budgets)
    edges = "".join(f'<path class="p-edge" d="M{one:.1f} {TOP}V{HEIGHT - BOTTOM}"/>' for one in (low, high))
    size = f'width="{high - low:.1f}" height="{HEIGHT - BOTTOM - TOP}"'
    return f'<rect class="p-band" x="{low:.1f}" y="{TOP}" {size}/>{edges}'


def _line(x: Axis, y: Axis, one: Stroke, *, is_stepped: bool) -> str:
    places = [(across(x, mark.x), down(y, mark.y)) for mark in one.marks]
    if is_stepped:
        (left, top), *rest = places
        words = f"M{left:.1f} {top:.1f}" + "".join(f"H{right:.1f}V{low:.1f}" for right, low in rest)
        words += f"H{WIDTH - RIGHT}"
    else:
        words = "M" + "L".join(f"{left:.1f} {top:.1f}" for left, top in places)
    found = f'<path class="p-stroke {one.look}"{one.dash} d="{words}"/>'
    if one.role == "control":
        return found
    spreads = [
        f"M{across(x, mark.x):.1f} {down(y, mark.y - mark.spread):.1f}V{down(y, mark.y + mark.spread):.1f}"
        for mark in one.marks
        if mark.spread
    ]
    return found + (f'<path class="p-spread {one.look}" d="{"".join(spreads)}"/>' if spreads else "")


def _sign(x: Axis, y: Axis, one: Stroke, mark: Mark) -> str:
    place = f'transform="translate({across(x, mark.x):.1f} {down(y, mark.y):.1f})"'
    focus = "" if one.role == "control" else ' tabindex="0"'
    said = f"data-tip={quoteattr(mark.tip)}"
    return (
        f'<path class="p-sign {one.look}" {place} d="{one.sign}"{focus} {said}><title>{escape(mark.tip)}</title></path>'
    )


def _legend(strokes: Sequence[Stroke], budgets: tuple[float, float]) -> list[str]:
    """A row for each network that has a name of its own, one for all random ones, and one for the budgets."""
    named = [one for one in strokes if one.role != "control"]
    others = [one for one in strokes if one.role == "control"]
    rows = [(_sample(one), one.name) for one in named]
    if others:
        count = len(others)
        rows.append((_sample(others[0]), f"{count} random candidate{'s' if count > 1 else ''}"))
    band = '<rect class="p-band" x="0" y="-8" width="44" height="16"/><path class="p-edge" d="M0 -8V8M44 -8V8"/>'
    rows.append((band, f"the budgets, {short(budgets[0])} to {short(budgets[1])} MACs"))
    return [
        f'<g transform="translate({LEFT} {HEIGHT + _ROW * (place + 0.5):.0f})">{sample}'
        f'<text x="54" y="5">{escape(name)}</text></g>'
        for place, (sample, name) in enumerate(rows)
    ]


def _sample(one: Stroke) -> str:
    line = f'<path class="p-stroke {one.look}"{one.dash} d="M0 0H44"/>'
    return f'{line}<path class="p-sign {one.look}" transform="translate(22 0)" d="{one.sign}"/>'
