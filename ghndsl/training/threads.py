"""A number of threads goes in; a context in which torch computes with as many, whatever the machine, comes out."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController

_SMALL = 300_000_000


@contextmanager
def threads(count: int) -> Generator[None]:
    """Sets torch's threads and those of numpy's matrix products, and what they were before at the end.

    >>> with threads(1):
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with _controller().limit(limits=count, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)


@cache
def _controller() -> ThreadpoolController:
    """Looks for the libraries once, which takes milliseconds."""
    return ThreadpoolController()


def worthwhile(macs: int | None) -> int:
    """How many threads a step of so many multiply-accumulates should use: small ones lose by sharing work out.

    >>> worthwhile(10_000)
    1
    """
    return 1 if macs is not None and macs < _SMALL else available()


def available() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
