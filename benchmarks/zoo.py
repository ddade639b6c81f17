"""The shipped networks are torchvision's: weights, results, params, MACs, and the same in ONNX Runtime.

    python benchmarks/zoo.py [--only NAME ...] [--fresh] [--page docs/zoo.md]

Each network is compared in a process of its own, one at a time: the largest takes 8 GB. What was found is kept in
`--out`, and a network is compared again only when its graph has changed, or with other versions of the libraries;
`--only` compares some anew, and writes no page.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from comparing.catalogue import CLASSIFIERS, PAIRS
from comparing.page import page
from comparing.rows import Row, key_of, read, row_of, write

import ghndsl
from ghndsl.files import write_atomically
from ghndsl.space.load import shipped_networks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(PAIRS), metavar="NAME")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run found")
    parser.add_argument("--out", type=Path, default=Path("runs/zoo"))
    parser.add_argument("--page", type=Path, default=Path("docs/zoo.md"))
    asked = parser.parse_args()
    file = asked.out / "rows.jsonl"
    known = {} if asked.fresh else {name: row for name, row in read(file).items() if _holds(row)}
    names = asked.only or [name for name in PAIRS if name not in known and name in shipped_networks()]
    for row in compared(names):
        write(file, [row])
        known[row.name] = row
    if asked.only is None:
        write_atomically(asked.page, page(known).encode())
    wrong = [name for name in asked.only or PAIRS if name not in known or known[name].faults]
    right = sum(pair.name in known and not known[pair.name].faults for pair in CLASSIFIERS)
    print(f"{right} of {len(CLASSIFIERS)} classifiers" + (f"; not equal: {', '.join(wrong)}" if wrong else ""))
    sys.exit(1 if wrong else 0)


def _holds(row: Row) -> bool:
    """Whether a row tells of the network as it is now."""
    return row.name in shipped_networks() and row.key == key_of(ghndsl.load(row.name)) and not row.faults


def compared(names: Sequence[str]) -> Iterator[Row]:
    """The rows, as they are found, with a line about each."""
    # What a process held is given back only when it ends.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as process:
        started = time.monotonic()
        for number, row in enumerate(process.imap(row_of, names, chunksize=1), 1):
            left = (time.monotonic() - started) / number * (len(names) - number) / 60
            said = "; ".join(row.faults) or f"equal, {row.difference:.0e}, ONNX {row.onnx:.0e}, source {row.source:.0e}"
            print(
                f"{row.name}: {said} ({number} of {len(names)}, {left:.0f} minutes left)", file=sys.stderr, flush=True
            )
            yield row


if __name__ == "__main__":
    main()
