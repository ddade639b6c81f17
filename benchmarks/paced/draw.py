"""How time and memory grow goes in; a picture of it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from paced.growth import SHAPES, Grown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Told = Callable[[dict[str, float]], float]


def plot(found: Grown, path: Path) -> None:
    """Four panels, times of candidates from zero, the rest on logarithmic scales; a dotted line has slope one."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 4, figsize=(14, 3.6), layout="constrained")
    for shape in SHAPES:
        _line(axes[0], found, shape, lambda one: one["least"])
        _line(axes[1], found, shape, lambda one: one["more"])
    _line(axes[2], found, "channels", lambda one: 1e3 * one["least"])
    _line(axes[3], found, "together", lambda one: 1e3 * one["each"])
    labels = (
        ("nodes", "seconds"),
        ("nodes", "memory beside the graph, MB"),
        ("channels of eight convolutions", "ms for all weights"),
        ("candidates at once", "ms a candidate"),
    )
    for one, (x, y) in zip(axes, labels, strict=True):
        one.set(xscale="log", yscale="linear" if one is axes[-1] else "log", xlabel=x, ylabel=y)
        one.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
        one.spines[["top", "right"]].set_visible(False)
    _slope(axes[0], found, lambda one: one["least"], 1)
    _slope(axes[1], found, lambda one: one["more"], 1)
    for one in axes[:2]:
        one.legend(frameon=False)
    _ticks(axes, found)
    figure.savefig(path, dpi=100)


def _line(axes: Axes, found: Grown, name: str, told: Told) -> None:
    sizes = found[name]
    axes.plot(list(sizes), [told(one) for one in sizes.values()], marker="o", markersize=4, label=name)


def _slope(axes: Axes, found: Grown, told: Told, power: int) -> None:
    sizes = list(found[SHAPES[0]])
    last = told(found[SHAPES[0]][sizes[-1]])
    line = [last * (size / sizes[-1]) ** power for size in sizes]
    axes.plot(sizes, line, color="grey", linestyle=":", label="linear")


def _ticks(axes: Sequence[Axes], found: Grown) -> None:
    """The sizes that were measured, as they are; memory and times in plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    names = (SHAPES[0], SHAPES[0], "channels", "together")
    for one, name in zip(axes, names, strict=True):
        one.set_xticks(list(found[name]), [f"{size:,}" for size in found[name]])
        one.xaxis.set_minor_formatter(NullFormatter())
        one.tick_params(axis="x", which="minor", length=0)
        if one.get_yscale() == "log":
            one.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            one.yaxis.set_minor_formatter(NullFormatter())
        one.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes[-1].set_ylim(bottom=0)
