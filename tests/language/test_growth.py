"""From text to a verified graph, work grows as the graph does: counted in calls, which no other program slows down."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from ghndsl.diagnostics import Source
from ghndsl.ir import Graph, verify
from ghndsl.language import elaborate, module_from_text

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def large_texts() -> ModuleType:
    """The texts that the benchmark times."""
    spec = importlib.util.spec_from_file_location("large_texts", BENCHMARKS / "large_texts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def graph(text: str) -> Graph:
    module = module_from_text(Source("a.arch", text))
    made = elaborate(module, module.main(("arch",)))
    verify(made)
    return made


@pytest.mark.parametrize("write", large_texts().WAYS, ids=lambda write: write.__name__)
def test_work_grows_as_the_graph_does(write: Callable[[int], str], work: Callable[[Callable[[], object]], int]) -> None:
    few, many = graph(write(560)), graph(write(1120))
    small, large = (work(lambda size=size: graph(write(size))) for size in (560, 1120))
    assert len(many.nodes) == 2 * len(few.nodes)
    assert large <= 2.1 * small
    assert large <= 1000 * len(many.nodes)
