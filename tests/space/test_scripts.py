"""Candidates built by scripts of others, against each elaborated on its own: graphs, refusals, what is run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import product

import pytest

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph, Node, verify
from ghndsl.language import tree
from ghndsl.language.elaborate import elaborate
from ghndsl.language.statements import Statements
from ghndsl.space import Candidate, Space

DEFINITIONS = """
block First(x) {
    choose k {
        weighed: x -> (conv(4, 1) as w)
        plain: x -> relu
    }
    return k
}
block Second(x) {
    choose m {
        weighed: x -> (conv(4, 1) as w)
        plain: x -> relu
    }
    return m
}
block Both(x) { return x -> First as self -> Second as self }
block Sizes(x, n: int) {
    choose c from [4, 8]
    y = x -> conv(c, 1) as w
    return y -> conv(n * c, 1) as v if c > 4 else y
}
"""
K, M, C = ("weighed", "plain"), ("weighed", "plain"), ("4", "8")
CASES: dict[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "weights in a block, then under its label": ("x -> First as a -> conv(4, 1) as a.w", {"a.k": K}),
    "weights under a label, then in its block": ("x -> conv(4, 1) as a.w -> First as a", {"a.k": K}),
    "weights above those of a block": ("x -> First as a.weight -> conv(4, 1) as a", {"a.weight.k": K}),
    "two blocks under one label": ("x -> Both as a", {"a.k": K, "a.m": M}),
    "two blocks under one label, twice": (
        "x -> Both as a -> Both as b",
        {"a.k": K, "a.m": M, "b.k": K, "b.m": M},
    ),
    "sizes that decide over later blocks": (
        "x -> Sizes(2) as a -> Sizes(3) as b -> First as c",
        {"a.c": C, "b.c": C, "c.k": K},
    ),
    "a limit on measures": ("x -> Sizes(1) as a -> Sizes(1) as b\nwhere params <= 100", {"a.c": C, "b.c": C}),
}


@pytest.mark.parametrize("name", CASES)
def test_scripts_change_nothing(name: str, space_of: Callable[[str], Space]) -> None:
    body, choices = CASES[name]
    statement, _, rest = body.partition("\n")
    text = f"{DEFINITIONS}\nspace S() {{\ninput x: f32[N, 4, 8, 8]\noutput y = {statement}\n{rest}\n}}"
    space = space_of(text)
    for texts in [*product(*choices.values())] * 2:
        made = dict(zip(choices, texts, strict=True))
        alone = outcome(partial(elaborate, space.module, space.definition, {}, made))
        assert outcome(partial(space.build, Candidate(tuple(made.items())))) == alone


def outcome(build: Callable[[], Graph]) -> list[object]:
    """All there is to a graph, or to its refusal."""
    try:
        graph = build()
    except CompileError as error:
        return [(one.code, one.message, one.span, one.marks, one.notes) for one in error.diagnostics]
    verify(graph)
    return [graph.arguments, graph.results, *[shown(node) for node in graph.nodes]]


def shown(node: Node) -> tuple[object, ...]:
    scopes = [(s.name, s.path, s.arguments, s.loops, s.use, s.span) for s in node.scope.chain()]
    return node.op, node.inputs, node.results, node.path, node.span, node.weights, scopes


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The statements that are run."""
    ran: list[object] = []
    execute = Statements.execute

    def counted(self: Statements, node: tree.Statement) -> bool:
        ran.append(node)
        return execute(self, node)

    monkeypatch.setattr(Statements, "execute", counted)
    return ran


def test_what_went_each_way_before_is_not_run_again(statements: list[object]) -> None:
    """Of 15,625 cells there are 64 kinds that a cell can tell: which of its edges hand on what they are given."""
    shipped = ghndsl.load_space("nasbench201")
    space = Space(shipped.module, shipped.definition, {"cells": 1})
    candidates = space.sample(300, seed=0)
    counts: list[int] = []
    for candidate in candidates:
        before = len(statements)
        space.build(candidate)
        counts.append(len(statements) - before)
    assert counts[0] > 40
    assert sum(count == 0 for count in counts[200:]) > 90
