"""What several tests of pictures and tables draw."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ghndsl import ops
from ghndsl.diagnostics import Source, Span
from ghndsl.ir import Graph, GraphBuilder, Scope, Value
from ghndsl.types import TensorType, symbol

TEXT = 'arch net() {\n    y = x -> conv(8, 3) as "a<b> \\N &amp;"\n}\n'
SPAN = Span(Source("net.arch", TEXT), 17, 50)


@pytest.fixture(scope="session")
def network() -> Callable[..., Graph]:
    """A maker of networks: a stem, two stages of residual blocks with an exit between them, and a head."""
    return _network


def _network(blocks: int, name: str = "net", layers: int = 2) -> Graph:
    build, root = GraphBuilder(name), Scope("arch", name)
    x = build.input("image", TensorType((symbol("N"), 3, 16, 16)))
    (x,) = build.add(ops.Conv(8, 3, padding=1), [x], "stem", root, SPAN)
    for i in range(2):
        stage = Scope("block", "Stage", f"layer{i}", root, use=i, span=SPAN)
        for j in range(blocks):
            x = _block(build, x, Scope("motif", "Cell", f"layer{i}.{j}", stage, use=j, span=SPAN), layers)
        if i == 0:
            build.output("early", x, is_exit=True)
            (x,) = build.add(ops.MaxPool(2), [x], "pool", root, SPAN)
    (x,) = build.add(ops.Flatten(), [x], "flatten", root)
    build.output("logits", *build.add(ops.Linear(10), [x], "fc", root))
    return build.finish()


def _block(build: GraphBuilder, x: Value, scope: Scope, layers: int) -> Value:
    y = x
    for k in range(layers):
        inner = Scope("block", "ReLUConv", f"{scope.path}.{k}", scope, use=k, span=SPAN)
        (y,) = build.add(ops.Relu(), [y], f"{inner.path}.0", inner, SPAN)
        (y,) = build.add(ops.Conv(8, 3, padding=1), [y], f"{inner.path}.1", inner, SPAN)
    return build.add(ops.Add(), [x, y], f"{scope.path}.add", scope, SPAN)[0]
