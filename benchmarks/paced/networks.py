"""A number of runs goes in; the table of what whole networks take, by each encoder and decoder, comes out."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import NamedTuple

from paced.measure import measured

FITTED = 2**16
WHOLE = 2**40
"""Blocks as large as the weights, whatever that takes: the paper's way."""


class Row(NamedTuple):
    """What is measured: a network and a hypernetwork; `largest` bounds blocks that are fitted, None for no blocks."""

    network: str
    encoder: str = "gru"
    decoders: tuple[str, ...] = ("slice", "low_rank")
    width: int = 64
    largest: int | None = None
    few: bool = False

    @property
    def decoder(self) -> str:
        """What makes the weights, in words."""
        if self.largest == WHOLE:
            return "slice alone"
        return self.decoders[-1] + (", slice where blocks fit" if self.largest else "")


ROWS = (
    Row("resnet50"),
    Row("resnet50", largest=FITTED),
    Row("vit_b_16"),
    Row("resnet50", encoder="ghn2"),
    Row("resnet50", encoder="ghn3"),
    Row("resnet50", decoders=("tile",)),
    Row("resnet50", decoders=("slice",), largest=WHOLE, few=True),
    Row("resnet50", width=32),
    Row("resnet50", width=128),
    Row("resnet50", width=256),
)
PARTS = ("load", "plan", "encoder", "decoder")
ROUNDS = 4
"""How often each row is measured anew, all rows in turn: machines that others share have quick and slow minutes."""


def table(runs: int, before: Path | None) -> str:
    """Milliseconds and megabytes; last what a step of training takes, and an earlier version."""
    head = (
        "| network | encoder | decoder | width | least, ms | median | processor | load | plan | encoder | decoder | "
        "peak, MB |"
    )
    found: dict[Row, list[dict[str, float]]] = {row: [] for row in ROWS}
    for turn in range(ROUNDS):
        for row in ROWS:
            if turn == 0 or not row.few:
                found[row].append(_row(row, runs))
    lines = [_line(row, _together(rounds)) for row, rounds in found.items()]
    return "\n".join([head, "| --- " * 12 + "|", *lines, "", _steps(runs, before)])


def _row(row: Row, runs: int) -> dict[str, float]:
    config = {"encoder": row.encoder, "decoders": row.decoders, "width": row.width}
    return measured("network", name=row.network, runs=2 if row.few else runs, config=config, largest=row.largest)


def _together(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The least of all rounds, of medians the median, of peaks the highest."""
    ways = {"median": median, "peak": max}
    return {name: ways.get(name, min)([one[name] for one in rounds]) for name in rounds[0]}


def _line(row: Row, found: dict[str, float]) -> str:
    parts = " | ".join(f"{1e3 * found[part]:,.0f}" for part in PARTS)
    return (
        f"| {row.network} | {row.encoder} | {row.decoder} | {row.width} | {_times(found)} | {parts} | {_peak(found)} |"
    )


def _steps(runs: int, before: Path | None) -> str:
    """A step of training now and, with a checkout, before; and the first network as it was made before."""
    lines = ["| what | least, ms | median | processor | peak, MB |", "| --- " * 5 + "|"]
    for source in (None, before) if before is not None else (None,):
        found = _together([measured("step", source, runs=2 * runs) for _ in range(2)])
        when = "" if source is None else ", before"
        lines.append(f"| a step of training, NAS-Bench-201{when} | {_times(found)} | {_peak(found)} |")
    if before is not None:
        found = measured("network", before, name="resnet50", runs=2, config={"width": 64}, largest=WHOLE)
        lines.append(f"| resnet50, before | {_times(found)} | {_peak(found)} |")
    return "\n".join(lines)


def _times(found: dict[str, float]) -> str:
    return " | ".join(f"{1e3 * found[time]:,.0f}" for time in ("least", "median", "processor"))


def _peak(found: dict[str, float]) -> str:
    return f"{found['peak']:,.0f}"
