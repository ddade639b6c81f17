"""A space's text goes in; all its candidates, found by elaborating each on its own, come out; and texts by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import strategies as st

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


_COMMON = Path(__file__).with_name("exact.txt").read_text(encoding="utf-8").split("\n=== ", 1)[0]


def _text_of(case: str) -> str:
    """A case of `exact.txt` with what stands around each."""
    definitions, _, body = case.rpartition("\n---\n")
    end = "" if "output" in body else "output logits = y\n"
    return f"{_COMMON}\n{definitions}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\n{body}\n{end}}}\n"


# Random bodies. Every statement leaves `y` a tensor [N, _, 8, 8] and `n` a number, and takes them so.
PLAIN = (
    "choose k{i} from [1, 3]\ny = y -> conv(4, k{i}, padding=k{i} // 2)\nn = k{i}",
    "choose n{i} from 1..2\nn = n{i}",
    "choose act{i} from [relu, gelu]\ny = y -> act{i}",
    "choose c{i} from [4, 5]\nn = c{i}\ny = y -> conv(n, 1)",
    "choose f{i} {{\nstay: y\ngo: y -> Op({size}) as {label}\n}}\ny = f{i}",
    "choose 1..2 of{i} from range(3)\ny = add([y -> conv(n, 1) for j in of{i}] + [y -> conv(n, 1)])",
    "y = y -> Op({size}) as {label}",
    "y = y -> Head({size})",
    "y = y -> Ragged({size}) as {label}",
    "y = y -> Cell({size})",
    "y = y -> Deep(1) as {label}",
    "s{i} = Head(4) as {label}\ny = (y -> conv(4, 1)) -> s{i} -> s{i}",
    "where n != {size}",
    "where n + {size} < 8",
)
NESTING = (
    "choose if{i} from [true, false]\nif if{i} {{\n{a}}} else {{\n{b}}}",
    "if n > 2 {{\n{a}}}",
    "for t{i} in range(2) {{\n{c}}}",
    "choose d{i} from 0..1\nfor t{i} in range(d{i}) {{\n{c}}}",
)


@st.composite
def _bodies(draw: st.DrawFn, depth: int = 2, place: str = "", turns: str = "") -> str:
    """Statements; `turns` tells the turns of the loops around them apart in labels."""
    lines: list[str] = []
    for index in range(draw(st.integers(1, 3))):
        name = f"{place}_{index}"
        template = draw(st.sampled_from(PLAIN + NESTING * (depth > 0)))
        inner = {"a": turns, "b": turns, "c": f"{turns}_{{t{name}}}"}
        parts = {k: draw(_bodies(depth - 1, name + k, v)) if f"{{{k}}}" in template else "" for k, v in inner.items()}
        size = draw(st.integers(4, 6))
        lines.append(template.format(i=name, label=f"l{name}{turns}", size=size, **parts))
    return "\n".join(lines) + "\n"


@st.composite
def _spaces(draw: st.DrawFn) -> str:
    body = draw(_bodies())
    if draw(st.booleans()):
        block = f"motif Twice(y) {{\nn = 4\n{body}return y\n}}\n---\n"
        return _text_of(f"{block}y = x -> Twice as one\ny = y -> Twice as two")
    return _text_of(f"y = x\nn = 4\n{body}")


@pytest.fixture(scope="session", name="text_of")
def _make_text() -> Callable[[str], str]:
    return _text_of


def _with_candidates(text: str, most: int = 300) -> Space | None:
    """The space of a text if it has candidates, and no more than so many."""
    space = space_of(text)
    try:
        return space if space.size <= most and space.feasible else None
    except CompileError:
        return None


@pytest.fixture(scope="session", name="with_candidates")
def _find_small() -> Callable[[str], Space | None]:
    return _with_candidates


@pytest.fixture(scope="session", name="random_spaces")
def _random_spaces() -> st.SearchStrategy[str]:
    return _spaces()
