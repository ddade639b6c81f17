"""How many cores a training step is worth: what it computes in a node decides, not how many nodes there are."""

from __future__ import annotations

import pytest

import ghndsl
from ghndsl.training import threads
from ghndsl.training.threads import fills, worthwhile


def network(shape: str, layers: str) -> str:
    return f"arch net() {{ input x: f32[N, {shape}]\n output y = x -> {layers} }}"


def convolutions(channels: int, count: int) -> str:
    """A chain of 3x3 convolutions on maps of 16x16 points."""
    return network(f"{channels}, 16, 16", " -> ".join([f"conv({channels}, 3, padding=1)"] * count))


# The text and the batch; whether more threads than one are used, and whether they are as good as steps at once.
STEPS = {
    "small": (network("64", "linear(10)"), 64, False, False),
    # Each convolution has 256 * 9 * 16 multiply-accumulates a sample, 2.4 million in a batch of 64.
    "pieces that are worth it, few": (convolutions(4, 20), 64, False, False),
    "pieces that are worth it, many": (convolutions(4, 200), 64, True, False),
    "pieces too small, as much in all": (convolutions(4, 600), 16, False, False),
    "large": (convolutions(64, 20), 64, True, True),
    "no layer computes": (network("64", "relu"), 64, False, False),
    "not known": (network("3, H, W", "conv(8, 3)"), 64, True, True),
}


@pytest.mark.parametrize(("text", "batch", "is_shared", "is_full"), STEPS.values(), ids=STEPS)
def test_threads_are_used_where_nodes_are_large_enough(
    text: str, batch: int, is_shared: bool, is_full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "available", lambda: 8)
    graph = ghndsl.loads(text)
    assert worthwhile(graph, batch) == (8 if is_shared else 1)
    assert fills(graph, batch) is is_full
