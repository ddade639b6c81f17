"""A folder for what was found goes in; the table of the sizes of values in all shipped networks comes out."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from ghndsl.space.load import shipped_networks
from weighing.networks import small
from weighing.rows import SHOWN, Row, key_of, read, row_of, write

WITHIN = 0.1, 10.0
"""Between which sizes values are to be as a network begins."""


def activations(out: Path, only: Sequence[str] = ()) -> str:
    """The table, as Markdown. A network is run again only when it, or what makes weights, has changed."""
    file = out / "activations.jsonl"
    names = list(only) or list(shipped_networks())
    known = read(file)
    missing = [name for name in names if name not in known or known[name].key != key_of(small(name))]
    # What a process held is given back only when it ends.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as process:
        for number, row in enumerate(process.imap(row_of, missing, chunksize=1), 1):
            write(file, [row])
            known[row.name] = row
            print(f"{row.name}: {_cells(row)} ({number} of {len(missing)})", file=sys.stderr, flush=True)
    return _table([known[name] for name in names])


def outside(row: Row) -> bool:
    """Whether some value is not of the size that it should be."""
    return min(row.least.values()) < WITHIN[0] or max(row.greatest.values()) > WITHIN[1]


def _table(rows: Sequence[Row]) -> str:
    heads = [f"{model}: {word}" for model in SHOWN for word in ("least", "greatest", "of")]
    lines = [
        f"torch {version('torch')}, on the CPU; {sum(not outside(row) for row in rows)} of {len(rows)} networks have "
        f"all values between {WITHIN[0]} and {WITHIN[1]:.0f}.",
        "",
        f"| network | weights | numbers | {' | '.join(heads)} |",
        f"| --- |{' ---: |' * 2}{' ---: | ---: | --- |' * len(SHOWN)}",
    ]
    return "\n".join(
        [*lines, *(f"| `{row.name}` | {row.weights:,} | {row.numbers:,} | {_cells(row)} |" for row in rows)]
    )


def _cells(row: Row) -> str:
    return " | ".join(f"{_bold(row.least, m)} | {_bold(row.greatest, m)} | {row.by[m]}" for m in SHOWN)


def _bold(found: Mapping[str, float], model: str) -> str:
    size = found[model]
    return f"{size:.2f}" if WITHIN[0] <= size <= WITHIN[1] else f"**{size:.3g}**"
