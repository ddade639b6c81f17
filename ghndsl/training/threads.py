"""A number of threads goes in; a context in which torch computes with as many, whatever the machine, comes out."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController

from ghndsl.ir import Graph

_SMALL = 300_000_000
"""Multiply-accumulates of a step that are not worth a second thread."""
_PIECE = 1_000_000
"""Those of a node, on average, below which sharing it out takes longer than it saves."""
_WHOLE = 50_000_000
"""Those of a node, on average, from which threads of one step do about as much as steps beside each other."""


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


def worthwhile(graph: Graph, batch_size: int) -> int:
    """How many threads a training step of a batch should use: small steps, and those of many small nodes, lose by
    sharing work out.

    >>> from ghndsl import load
    >>> worthwhile(load("siamese"), batch_size=16)
    1
    """
    return available() if _amounts(graph, batch_size, _PIECE) else 1


def fills(graph: Graph, batch_size: int) -> bool:
    """Whether a training step of a batch keeps all cores busy by itself, so that several at once are no faster."""
    return _amounts(graph, batch_size, _WHOLE)


def _amounts(graph: Graph, batch_size: int, piece: int) -> bool:
    """Whether nodes have so many multiply-accumulates in a step, on average; where they are not known, they may."""
    return graph.macs is None or graph.macs * batch_size >= max(_SMALL, piece * len(graph.nodes))


def available() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
