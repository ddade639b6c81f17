"""The table of NAS-Bench-201 goes in; its cells, each with the identity of its architecture, come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nasbench201 import line_of, table

from ghndsl import load_space
from ghndsl.passes import simplify

SCORE, TEST = "c10_valid_12", "c10_test_200"


@dataclass(frozen=True)
class Cell:
    """A row of the table: the architecture that it is, what a search sees of it, and what that is to foretell."""

    identity: str
    score: float
    test: float


def read(truth: Path, cache: Path) -> dict[str, Cell]:
    """The cells by their lines."""
    rows = {line_of(row["arch"]): row for row in table(truth)}
    found = dict(identities(list(rows), cache))
    return {line: Cell(found[line], float(row[SCORE]), float(row[TEST])) for line, row in rows.items()}


def identities(lines: list[str], cache: Path) -> Iterator[tuple[str, str]]:
    """Each line and the identity of its graph, which a file keeps as they come: a minute for all of them.

    The graphs have one cell a stage: which cells are one architecture does not depend on how many there are.
    """
    known: dict[str, str] = {}
    if cache.is_file():
        whole = cache.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        known.update((line, identity) for line, _, identity in (row.partition(",") for row in whole))
        cache.write_text("".join(f"{line},{identity}\n" for line, identity in known.items()), encoding="utf-8")
    space = load_space("nasbench201", cells=1)
    with cache.open("a", encoding="utf-8") as file:
        for line in lines:
            if line not in known:
                known[line] = simplify(space.build(space.parse(line))).id
                file.write(f"{line},{known[line]}\n")
            yield line, known[line]
