"""Short ways from a text to its graph, and to what is refused in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ghndsl.diagnostics import CompileError, Diagnostic, Source
from ghndsl.ir import Graph, verify
from ghndsl.language import elaborate, module_from_text
from ghndsl.language.limits import DEFAULT, Limits


def graph(text: str, limits: Limits = DEFAULT) -> Graph:
    """The verified graph of the last architecture of a text."""
    module = module_from_text(Source("a.arch", text), limits=limits)
    made = elaborate(module, module.main(("arch",)), limits=limits)
    verify(made)
    return made


def faults(text: str, limits: Limits = DEFAULT) -> tuple[Diagnostic, ...]:
    """What is refused in a text."""
    try:
        graph(text, limits)
    except CompileError as error:
        return error.diagnostics
    return ()


@pytest.fixture
def graph_of() -> Callable[..., Graph]:
    return graph


@pytest.fixture
def faults_of() -> Callable[..., tuple[Diagnostic, ...]]:
    return faults
