"""The rows that `benchmarks/ranking.py` left, as a picture: where estimators put the cells, and how they agree.

    pip install -e '.[bench]'
    python benchmarks/picture.py --ranking runs/odd --out docs/images/ranking.png

Above: each cell by its rank in the scores of the first seed, and its true accuracy. Below: the three measures of each
estimator, the mean over seeds, with the bootstrap interval of the first seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from ranking import by_seed, covers, scores_of
from scipy.stats import rankdata

from ghndsl.search.correlation import Estimate, agreement
from ghndsl.search.scorers import BEST

PANELS = {"params": "params", "meco": "meco", "ghn": "ghn", BEST: "best"}
BARS = ("params", "one_shot", "smash", "synflow", "jacob_cov", "grad_norm", "meco", "ghn", "tuned", BEST)
MEASURES = {
    "spearman": "Spearman, over all",
    "within_params": "within equal params",
    "best_tenth": "in the best tenth",
}
COLOURS = {"spearman": "#3b6fb6", "within_params": "#7fb069", "best_tenth": "#e09f3e"}

Rows = Sequence[Mapping[str, object]]


def agreements(seeds: Mapping[int, Rows], name: str) -> list[dict[str, Estimate]]:
    """The agreement of an estimator with the truth, for each seed."""
    return [
        agreement(
            scores_of(name, [row["measured"] for row in rows]),
            [row["truth"] for row in rows],
            [row["params"] for row in rows],
        )
        for rows in seeds.values()
    ]


def cells(axes: Axes, rows: Rows, name: str, title: str) -> None:
    """Each cell by its place in the order of the scores; the more params, the lighter."""
    scores = scores_of(name, [row["measured"] for row in rows])
    params = [row["params"] for row in rows]
    places = rankdata([-score for score in scores])
    axes.scatter(places, [row["truth"] for row in rows], c=params, s=5, cmap="viridis", linewidths=0, alpha=0.8)
    axes.set_ylim(84, 95)
    axes.invert_xaxis()
    axes.set_title(title)
    axes.set_xlabel("place by score, the best to the right")


def bars(axes: Axes, seeds: Mapping[int, Rows]) -> None:
    """The measures of each estimator, side by side."""
    names = [name for name in BARS if all(covers(name, rows[0]["measured"]) for rows in seeds.values())]
    for place, name in enumerate(names):
        found = agreements(seeds, name)
        for shift, measure in enumerate(MEASURES):
            value, first = fmean(one[measure].value for one in found), found[0][measure]
            x = place + (shift - 1) * 0.27
            axes.bar(x, value, 0.25, color=COLOURS[measure], label=MEASURES[measure] if place == 0 else None)
            axes.plot([x, x], [first.low, first.high], color="#333333", linewidth=0.8)
    axes.set_xticks(range(len(names)), ["best" if name == BEST else name for name in names])
    axes.axhline(0, color="#333333", linewidth=0.6)
    axes.set_ylim(-0.65, 1.2)
    axes.set_ylabel("rank correlation with the truth")
    axes.legend(frameon=False, ncols=3, loc="upper left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranking", type=Path, default=Path("runs/ranking"))
    parser.add_argument("--out", type=Path, default=Path("docs/images/ranking.png"))
    asked = parser.parse_args()
    seeds = by_seed(asked.ranking)
    rows = next(iter(seeds.values()))
    figure = plt.figure(figsize=(11, 7), layout="constrained")
    grid = figure.add_gridspec(2, len(PANELS))
    for column, (name, title) in enumerate(PANELS.items()):
        axes = figure.add_subplot(grid[0, column])
        cells(axes, rows, name, title)
        if column == 0:
            axes.set_ylabel("test accuracy after 200 epochs, %")
        else:
            axes.set_yticklabels([])
    bars(figure.add_subplot(grid[1, :]), seeds)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(asked.out, dpi=100)


if __name__ == "__main__":
    main()
