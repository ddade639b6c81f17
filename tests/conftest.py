"""Settings of all tests, and how work is measured in them."""

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing import forkserver
from types import FrameType, ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from torch import nn

# The same examples at every run: a gate must not fail by chance. Longer, random runs are benchmarks.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


LOADED = ["torch._dynamo", "sklearn.datasets", "ghndsl.search.pipeline", "ghndsl.search.teaching"]
"""What takes seconds to load, the first of it when an optimiser is made."""


@pytest.fixture(scope="session", autouse=True)
def forked() -> None:
    """Processes that tests start are copies of one that has loaded what takes long: once, and not for each of them."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        forkserver.set_forkserver_preload(LOADED)
        forkserver.ensure_running()


@pytest.fixture
def work() -> Callable[[Callable[[], object]], int]:
    """How many calls of functions something takes: the same on every machine, whatever else it does."""

    def count(task: Callable[[], object]) -> int:
        calls = 0

        def saw(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(saw)
        try:
            task()
        finally:
            sys.setprofile(None)
        return calls

    return count


@pytest.fixture
def made() -> "Callable[[str], nn.Module]":
    """The module that a file of source defines: its last class, made."""

    def make(source: str) -> "nn.Module":
        module = ModuleType("generated")
        exec(compile(source, "<source>", "exec"), vars(module))
        classes = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == "generated"]
        found: nn.Module = classes[-1]()
        return found

    return make
