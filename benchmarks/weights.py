"""Generated weights: how many there are, and how large what networks make of them is.

    python benchmarks/weights.py [--activations] [--only NAME ...] [--out runs/weights] [--page docs/weights.md]

Each part prints its table, and writes it to its place in the page if one is named. What was found is kept in `--out`:
a run that was broken off goes on where it was.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from exported.page import put
from weighing.activations import activations

from ghndsl.space.load import shipped_networks

PARTS: Mapping[str, Callable[[Path, Sequence[str]], str]] = {"activations": activations}
"""What is measured, by the name of its option and of its place in the page."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for part, measure in PARTS.items():
        parser.add_argument(f"--{part}", action="store_true", help=(measure.__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], choices=list(shipped_networks()), metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path("runs/weights"))
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    for part, measure in PARTS.items():
        if getattr(asked, part) or not any(getattr(asked, name) for name in PARTS):
            told = measure(asked.out, asked.only)
            print(told)
            if asked.page and not asked.only:
                put(asked.page, part, told)


if __name__ == "__main__":
    main()
