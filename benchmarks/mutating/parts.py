"""A seed and a range of numbers go in; what the language said of those texts comes out, and is kept in a folder."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from mutating.judge import Verdict, judge
from mutating.make import mutated

SIZE = 250
"""Texts of one part."""
SLOW = 5.0
"""Processor seconds that no text should take."""


@dataclass
class Part:
    """What was found for some numbers in a row; failures and slow texts with where they are kept."""

    first: int
    kinds: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, int, str]] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, number: int, kind: str, verdict: Verdict) -> None:
        """Counts one text."""
        self.kinds[kind] += 1
        self.accepted[kind] += not verdict.codes and not verdict.failure
        self.codes.update(verdict.codes[:1])
        self.seconds += verdict.seconds
        self.slowest = sorted([*self.slowest, (verdict.seconds, number, kind)], reverse=True)[:5]
        if verdict.failure:
            self.failures.append((number, verdict.failure))


def part_of(first: int, seed: int, end: int, folder: Path) -> Part:
    """Makes and judges the texts of some numbers; those that fail or are slow are written into the folder."""
    part = Part(first)
    for number in range(first, min(first + SIZE, end)):
        kind, data = mutated(seed, number)
        verdict = judge(data)
        part.add(number, kind, verdict)
        if verdict.failure or verdict.seconds > SLOW:
            text_file(folder, number).write_bytes(data)
    return part


def text_file(folder: Path, number: int) -> Path:
    """Where a text that fails or is slow is kept."""
    return folder / f"{number}.txt"


def write(file: Path, part: Part) -> None:
    """Adds a part to those that are kept."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(vars(part)) + "\n")


def read(file: Path) -> dict[int, Part]:
    """The parts that are kept, by their first number."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {part.first: part for part in (_part(json.loads(line)) for line in lines)}


class _Row(TypedDict):
    """A part as JSON keeps it."""

    first: int
    kinds: dict[str, int]
    accepted: dict[str, int]
    codes: dict[str, int]
    slowest: list[tuple[float, int, str]]
    failures: list[tuple[int, str]]
    seconds: float


def _part(row: _Row) -> Part:
    counted = (Counter(row["kinds"]), Counter(row["accepted"]), Counter(row["codes"]))
    slowest = [(took, number, kind) for took, number, kind in row["slowest"]]
    failures = [(number, failure) for number, failure in row["failures"]]
    return Part(row["first"], *counted, slowest, failures, row["seconds"])
