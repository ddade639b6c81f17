"""A space's text goes in; all its candidates, found by elaborating each on its own, come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import pytest

from ghndsl.diagnostics import CompileError, Source
from ghndsl.language import tree
from ghndsl.language.choices import Domain
from ghndsl.language.elaborate import Elaborator
from ghndsl.language.modules import module_from_text
from ghndsl.space import Space

MOST = 500
"""Candidates after which a space is too large to be searched so."""


@dataclass
class Run:
    """One candidate: its line, and whether every `where` holds and nothing is wrong with it."""

    line: str
    is_feasible: bool
    faults: tuple[str, ...]


class Branching(Elaborator):
    """Elaborates one candidate, which is found on the way: at each new choice the script says which option to take."""

    def __init__(self, space: Space, script: list[int]) -> None:
        self.line: dict[str, str] = {}
        super().__init__(space.module, space.definition, space.settings, self.line, space.limits)
        self.script = script
        self.widths: list[int] = []
        self.is_feasible = True

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        if path not in self.line:
            place = len(self.widths)
            self.widths.append(domain.size)
            self.line[path] = domain.show(domain.picks(self.script[place] if place < len(self.script) else 0))
        return super().pick(path, domain, node)

    def require(self, node: tree.Where, holds: bool) -> None:
        self.is_feasible = self.is_feasible and holds


@dataclass
class BruteForce:
    """Every candidate of a space in the order of its choices."""

    space: Space
    runs: list[Run] = field(default_factory=list[Run])

    def __post_init__(self) -> None:
        script: list[int] | None = []
        while script is not None and len(self.runs) <= MOST:
            run = Branching(self.space, script)
            faults: tuple[str, ...] = ()
            try:
                run.graph()
            except CompileError as error:
                faults = tuple(sorted({diagnostic.code for diagnostic in error.diagnostics}))
            line = " ".join(f"{path}={text}" for path, text in run.line.items())
            self.runs.append(Run(line, run.is_feasible, faults))
            script = _after([*script, *[0] * (len(run.widths) - len(script))], run.widths)

    @property
    def lines(self) -> list[str]:
        return [run.line for run in self.runs]

    @property
    def good(self) -> list[str]:
        return [run.line for run in self.runs if run.is_feasible and not run.faults]

    @property
    def faulty(self) -> list[str]:
        return [run.line for run in self.runs if run.is_feasible and run.faults]


def _after(script: list[int], widths: list[int]) -> list[int] | None:
    """The next script in the order of an odometer; None after the last."""
    while script and script[-1] == widths[len(script) - 1] - 1:
        script.pop()
    return [*script[:-1], script[-1] + 1] if script else None


def space_of(text: str, name: str | None = None) -> Space:
    module = module_from_text(Source("test.nas", text))
    return Space(module, module.main(("space",), name), {})


MakeSpace: TypeAlias = Callable[..., Space]


@pytest.fixture(scope="session", name="space_of")
def _space_of() -> MakeSpace:
    return space_of


@pytest.fixture(scope="session", name="brute_force")
def _brute_force() -> type[BruteForce]:
    return BruteForce
