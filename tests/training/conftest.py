"""A network small enough to train in a second."""

from __future__ import annotations

import pytest

from ghndsl import ops
from ghndsl.data import Dataset, load
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.types import TensorType, symbol


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load("digits")


@pytest.fixture(scope="session")
def small() -> Graph:
    """Convolution, normalisation, dropout and two outputs, of which `logits` is the first; one weight is not used."""
    build = GraphBuilder("small")
    scope = Scope("arch", "small")
    x = build.input("image", TensorType((symbol("N"), 1, 8, 8)))
    layers: list[ops.Operator] = [ops.Conv(8, 3, stride=2, padding=1), ops.BatchNorm(), ops.Relu(), ops.Dropout(0.1)]
    for number, op in enumerate(layers):
        (x,) = build.add(op, [x], f"features.{number}", scope)
    (flat,) = build.add(ops.Flatten(), [x], "flatten", scope)
    (logits,) = build.add(ops.Linear(10), [flat], "fc", scope)
    (sizes,) = build.add(ops.Linear(3), [flat], "sizes", scope)
    build.add(ops.Linear(2), [flat], "unused", scope)
    build.output("logits", logits)
    build.output("sizes", sizes)
    return build.finish()
