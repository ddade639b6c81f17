"""Points and axes go in; a plot as SVG, which follows the colours of the page around it, comes out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 74, 12, 12, 44
_TICKS = 5
_DECADES = 20.0
"""How many times the least the most must be for an axis to count in decades."""

STYLE = (
    # A page takes these for its own: so they have names of their own.
    "svg text{font:12px system-ui,sans-serif;fill:var(--soft,#667085)}"
    # On a phone a plot is half as wide.
    "@media(max-width:600px){svg text{font-size:18px}}"
    ".p-axis{stroke:var(--line,#d0d5dd)}.p-grid{stroke:var(--line,#d0d5dd);opacity:.5}"
    ".p-dot{fill:var(--dot,#98a2b3);fill-opacity:.55}.p-good{fill:var(--accent,#1570ef)}"
    ".p-control{fill:none;stroke:var(--ink,#1d2939);stroke-width:1.5;pointer-events:all}"
    ".p-way{fill:none;stroke:var(--accent,#1570ef);stroke-width:2}"
    "svg [data-tip]:hover,svg [data-tip]:focus{stroke:var(--ink,#1d2939);stroke-width:2;outline:none}"
)


@dataclass(frozen=True)
class Point:
    """Where something is, what is said of it, and how it is drawn: `dot`, `good` or `control`."""

    x: float
    y: float
    tip: str
    kind: str = "dot"


@dataclass(frozen=True)
class Axis:
    """An axis with its title, from the least to the most of some values, in decades where they span many.

    >>> Axis.of("MACs", [1e6, 9e8]).is_log, Axis.of("score", [0.1, 0.9]).is_log
    (True, False)
    """

    title: str
    least: float
    most: float
    is_log: bool = False

    @classmethod
    def of(cls, title: str, values: Sequence[float], *, straight: bool = False) -> Axis:
        """The axis that all values are on."""
        known = [value for value in values if math.isfinite(value)] or [0.0]
        least, most = min(known), max(known)
        if least == most:
            least, most = least - (abs(least) / 10 or 0.5), most + (abs(most) / 10 or 0.5)
        if not straight and least > 0 and most / least > _DECADES:
            return cls(title, least, most, is_log=True)
        margin = (most - least) / 25
        return cls(title, least - margin, most + margin)

    def share(self, value: float) -> float:
        """How far along the axis a value is, from 0 to 1."""
        if self.is_log:
            return math.log(max(value, self.least) / self.least) / math.log(self.most / self.least)
        return min(1.0, max(0.0, (value - self.least) / (self.most - self.least)))

    def ticks(self) -> list[float]:
        """Round values along the axis.

        >>> Axis("x", 0.0, 10.0).ticks(), Axis("x", 3e5, 2e8, is_log=True).ticks()
        ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [1000000.0, 10000000.0, 100000000.0])
        """
        if self.is_log:
            powers = range(math.ceil(math.log10(self.least)), math.floor(math.log10(self.most)) + 1)
            found = [10.0**power for power in powers]
            return found if len(found) > 2 else self._between(powers)
        rough = (self.most - self.least) / _TICKS
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(one * unit for one in (1, 2, 5, 10) if one * unit >= rough * 0.999)
        first = math.ceil(self.least / step - 1e-9)
        count = math.floor(self.most / step + 1e-9) - first + 1
        return [round((first + number) * step, 12) for number in range(count)]

    def _between(self, powers: range) -> list[float]:
        """Round values of an axis that hardly spans two decades."""
        tried = [step * 10.0**power for power in range(powers.start - 1, powers.stop + 1) for step in (1, 2, 5)]
        return [one for one in tried if self.least <= one <= self.most]


def real(value: float) -> float:
    """A number to draw and to sort by; counts may be larger than any.

    >>> real(3), real(10**400)
    (3.0, 1e+300)
    """
    return float(min(value, 10**300))


def short(value: float, digits: int = 3) -> str:
    """A number in few characters.

    >>> short(1.5e8), short(15_625), short(0.9417), short(-3.0), short(0.0)
    ('150M', '15.6k', '0.942', '-3', '0')
    """
    value = real(value)
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.{digits}g}{letter}"
    return f"{value:.{digits}g}"


def labels(ticks: Sequence[float]) -> list[str]:
    """The ticks in few characters, in as many digits as tell them apart.

    >>> labels([2.1492, 2.1494]), labels([1e6, 2e6])
    (['2.1492', '2.1494'], ['1M', '2M'])
    """
    tried = ([short(tick, digits) for tick in ticks] for digits in range(3, 16))
    return next((one for one in tried if len({*one}) == len({*ticks})), [repr(tick) for tick in ticks])


def plot(name: str, x: Axis, y: Axis, points: Sequence[Point], way: Sequence[tuple[float, float]] = ()) -> str:
    """A plot with its name for those who listen; `way` is a line through values."""
    inner = [frame(x, y)]
    if way:
        steps = " ".join(f"{across(x, left):.1f},{down(y, right):.1f}" for left, right in way)
        inner.append(f'<polyline class="p-way" points="{steps}"/>')
    inner += [_mark(x, y, point) for point in points]
    return canvas(name, "".join(inner))


def canvas(name: str, inner: str, style: str = "", height: float = HEIGHT) -> str:
    """A picture with its name for those who listen."""
    box = f'viewBox="0 0 {WIDTH} {height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label={quoteattr(name)}>'
        f"<style>{STYLE}{style}</style>{inner}</svg>"
    )


def across(axis: Axis, value: float) -> float:
    """Where a value lies from the left."""
    return LEFT + axis.share(value) * (WIDTH - LEFT - RIGHT)


def down(axis: Axis, value: float) -> float:
    """Where a value lies from the top."""
    return HEIGHT - BOTTOM - axis.share(value) * (HEIGHT - TOP - BOTTOM)


def _mark(x: Axis, y: Axis, point: Point) -> str:
    place = f'cx="{across(x, point.x):.1f}" cy="{down(y, point.y):.1f}"'
    size, focus = (3, "") if point.kind == "dot" else (5, ' tabindex="0"')
    tip = f"data-tip={quoteattr(point.tip)}"
    inner = f"<title>{escape(point.tip)}</title>"
    return f'<circle class="p-{point.kind}" {place} r="{size}"{focus} {tip}>{inner}</circle>'


def frame(x: Axis, y: Axis) -> str:
    """The axes with their numbers and titles."""
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    found = [f'<path class="p-axis" fill="none" d="M{LEFT} {TOP}V{bottom}H{right}"/>']
    for value, label in zip(x.ticks(), labels(x.ticks()), strict=True):
        place = across(x, value)
        found.append(f'<text x="{place:.1f}" y="{bottom + 16}" text-anchor="middle">{label}</text>')
    for value, label in zip(y.ticks(), labels(y.ticks()), strict=True):
        place = down(y, value)
        found.append(f'<path class="p-grid" d="M{LEFT} {place:.1f}H{right}"/>')
        found.append(f'<text x="{LEFT - 6}" y="{place + 4:.1f}" text-anchor="end">{label}</text>')
    middle = (TOP + bottom) / 2
    found.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x.title)}</text>')
    found.append(f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{escape(y.title)}</text>')
    return "".join(found)
