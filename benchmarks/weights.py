"""Generated weights: how large what networks make of them is, and how far they shorten training.

    python benchmarks/weights.py --activations [--only NAME ...] [--out runs/weights] [--page docs/weights.md]
    python benchmarks/weights.py --starts --ghn ghn.safetensors --data cifar.npz [--out ...] [--page docs/weights.md]

Each part prints its table, and writes it to its place in the page if one is named. What was found is kept in `--out`:
a run that was broken off goes on where it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from exported.page import put
from weighing.activations import activations
from weighing.starts import starts

from ghndsl.space.load import shipped_networks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--activations", action="store_true", help="the least and the greatest of all values")
    parser.add_argument("--starts", action="store_true", help="training from generated weights and from random ones")
    parser.add_argument("--only", nargs="+", default=[], choices=list(shipped_networks()), metavar="NAME")
    parser.add_argument("--ghn", type=Path, help="the hypernetwork that makes the starts")
    parser.add_argument("--data", default="cifar10", help="the images that are learned from")
    parser.add_argument("--out", type=Path, default=Path("runs/weights"))
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    if asked.starts and asked.ghn is None:
        parser.error("--starts needs --ghn")
    if asked.activations:
        _tell(activations(asked.out, asked.only), "activations", None if asked.only else asked.page)
    if asked.starts:
        _tell(starts(asked.ghn, asked.data, asked.out), "starts", asked.page)


def _tell(text: str, place: str, page: Path | None) -> None:
    print(text)
    if page is not None:
        put(page, place, text)


if __name__ == "__main__":
    main()
