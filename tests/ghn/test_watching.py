"""Candidates that a training never learns from tell how it does: ten times, however it is left and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import ghndsl
from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError
from ghndsl.emit.run import run
from ghndsl.ghn import GHN, GHNConfig, GHNSettings, Origin, fit, train_ghn
from ghndsl.ghn.feeds import Feeds
from ghndsl.ghn.watching import LOOKS, is_due, watch
from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.search.mixing import Drawing, Fixed, Range, mixed
from ghndsl.space import Space

Draw = Callable[[int], Graph]
Network = Callable[..., Graph]

CONFIG = GHNConfig(hidden=8, message=8, rounds=1, width=16, rank=4)
SHORT = GHNSettings(steps=11, batch_size=16, meta_batch=1, fit=4)


@pytest.mark.parametrize("total", [1, 3, 9, 10, 11, 30, 97, 1000])
@pytest.mark.parametrize("left", [0, 1, 7])
def test_ten_looks_at_most_and_one_at_the_end(total: int, left: int) -> None:
    """Of a budget of steps; leaving and going on changes nothing."""
    due = [step for step in range(1, total + 1) if is_due(step, step - 1, total)]
    assert len(due) == min(total, LOOKS)
    assert due[-1] == total
    assert all(abs(step - (number + 1) * total / len(due)) < 1 for number, step in enumerate(due))
    rest = [step for step in range(left + 1, total + 1) if is_due(step, step - 1, total)]
    assert rest == [step for step in due if step > left]


def test_looks_by_the_clock() -> None:
    assert [is_due(used, before, 60) for used, before in ((5, 0), (6.1, 5), (30, 6.1), (90, 59), (95, 90))] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert not is_due(0, 0, 0)


def test_what_is_held_out_gets_better(draw: Draw, digits: Dataset) -> None:
    held = [draw(10**6 + number) for number in range(2)]
    found = train_ghn(draw, digits, GHNSettings(steps=50, batch_size=32, meta_batch=1, fit=10), held_out=held)
    first, last = found.watched[0], found.watched[-1]
    assert [look.step for look in found.watched] == [*range(5, 51, 5)]
    assert last.loss < first.loss - 0.2
    assert last.accuracy > first.accuracy + 0.05
    # The last look is one at the result.
    again = watch(found.ghn, held, Feeds(digits, SHORT, seed=9), last.step)
    assert again is not None
    assert again.loss == pytest.approx(last.loss, abs=1e-5)


def test_looking_changes_nothing_else(draw: Draw, digits: Dataset) -> None:
    blind = train_ghn(draw, digits, SHORT, config=CONFIG)
    seeing = train_ghn(draw, digits, SHORT, config=CONFIG, held_out=[draw(99)])
    assert (blind.losses, blind.watched) == (seeing.losses, ())
    assert len(seeing.watched) == LOOKS


def test_what_cannot_be_made_is_left_out(network: Network, digits: Dataset) -> None:
    narrow, wide = (network(("conv1", "skip", "pool"), width=width, cells=2) for width in (4, 9))
    ghn = GHN(GHNConfig(fit([narrow]), decoders=("slice",)))
    feeds = Feeds(digits, SHORT, seed=0)
    assert watch(ghn, [wide, narrow, wide], feeds, 5) == watch(ghn, [narrow], feeds, 5)
    assert watch(ghn, [wide], feeds, 5) is None
    found = train_ghn(lambda _: narrow, digits, SHORT, config=ghn.config, held_out=[wide])
    assert found.watched == ()


def test_few_sizes_of_images_are_kept_and_batches_are_numbered_alike(digits: Dataset) -> None:
    text = "arch any(size: int) { input x: f32[N, 1, size, size]\n output y = x -> flatten -> linear(10) }"
    graphs = [ghndsl.loads(text, size=size) for size in range(4, 13)]
    feeds = Feeds(digits.few(40), SHORT, seed=0)
    first = [feeds.batches_for(graph)[3] for graph in graphs]
    assert len(feeds.sizes) == 4
    assert len({tuple(batch.targets.tolist()) for batch in first}) == 1
    assert torch.equal(feeds.batches_for(graphs[0])[3].inputs["x"], first[0].inputs["x"])
    assert feeds.data_for(graphs[0]) is feeds.data_for(graphs[0])


LEAVING: dict[str, dict[str, float | str]] = {
    "plain": {},
    "averaged": {"precision": "bf16", "ema": 0.8, "augment": "shift", "meta_batch": 2},
}

SPACE = """
space few(width: int = 2, cells: int = 1) {
    input image: f32[N, 1, 8, 8]
    x = image
    for i in range(cells) {
        choose size from [1, 3]
        choose act from [relu, gelu, dropout(0.1)]
        x = x -> conv(width, size, padding=size // 2) -> batch_norm -> act
    }
    output logits = x -> adaptive_avg_pool(2) -> flatten -> linear(10)
}
"""


@pytest.fixture(scope="module")
def sources(network: Network) -> Draw:
    """A space whose width varies, one that grows, and a network."""

    def space(**settings: int) -> Space:
        return ghndsl.loads_space(SPACE, **settings)

    varied, grown = Drawing(space(), {"width": Range(2, 4)}), Drawing(space(width=3), grow={"cells": Range(1, 2)})
    return mixed([varied, grown, Fixed(network(("conv1", "skip", "pool"), width=4, cells=2))], 0, total=22)


@pytest.mark.parametrize("change", LEAVING.values(), ids=LEAVING)
def test_left_and_gone_on_with_is_as_never_left(
    sources: Draw, digits: Dataset, tmp_path: Path, change: dict[str, float | str]
) -> None:
    """At an odd step, of several sources and what grows, with what was seen on the way."""
    settings, path, held = replace(SHORT, **change), tmp_path / "g.safetensors", [sources(500)]
    whole = train_ghn(sources, digits, settings, 4, config=CONFIG, held_out=held)
    part = train_ghn(sources, digits, settings, 4, config=CONFIG, held_out=held, stop_after=5, checkpoint=path)
    assert (len(part.losses), GHN.load(path).origin.steps) == (5, 5)
    assert len(train_ghn(sources, digits, settings, 4, held_out=held, stop_after=3, resume=path).losses) == 5
    rest = train_ghn(sources, digits, settings, 4, held_out=held, resume=path)
    assert rest.losses == whole.losses
    assert rest.watched == whole.watched
    assert len(rest.watched) == LOOKS
    assert all(map(torch.equal, rest.ghn.parameters(), whole.ghn.parameters()))


def test_mixed_precision_is_near(sources: Draw, digits: Dataset) -> None:
    full = train_ghn(sources, digits, SHORT, config=CONFIG)
    mixed_ = train_ghn(sources, digits, replace(SHORT, precision="bf16"), config=CONFIG)
    assert mixed_.losses != full.losses
    assert mixed_.losses == pytest.approx(full.losses, rel=0.02)
    assert {parameter.dtype for parameter in mixed_.ghn.parameters()} == {torch.float32}


def test_an_interrupted_step_is_made_anew(
    draw: Draw, digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it is interrupted when the optimiser has not yet stepped."""
    path, whole = tmp_path / "g.safetensors", train_ghn(draw, digits, SHORT, config=CONFIG)
    clip, calls = torch.nn.utils.clip_grad_norm_, list[int]()

    def interrupt(*words: object, **more: object) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return clip(*words, **more)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train_ghn(draw, digits, SHORT, config=CONFIG, checkpoint=path)
    assert GHN.load(path).origin.steps == 3
    assert train_ghn(draw, digits, SHORT, resume=path).losses == whole.losses


OTHERS = {
    "a kind": (replace(CONFIG, encoder="ghn2"), None, "encoder: gru then, ghn2 now"),
    "a size": (replace(CONFIG, hidden=16), None, "hidden: 8 then, 16 now"),
    "a space": (None, Origin("moons", "a"), "cells then, moons now"),
    "a text": (CONFIG, Origin("cells", "b"), "a then, b now"),
}


@pytest.mark.parametrize(("config", "origin", "words"), OTHERS.values(), ids=OTHERS)
def test_what_was_begun_otherwise_is_not_gone_on_with(
    draw: Draw, digits: Dataset, tmp_path: Path, config: GHNConfig | None, origin: Origin | None, words: str
) -> None:
    path, own = tmp_path / "g.safetensors", Origin("cells", "a")
    train_ghn(draw, digits, replace(SHORT, steps=1), config=CONFIG, origin=own, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(CompileError, match="G602") as caught:
        train_ghn(draw, digits, SHORT, config=config, origin=origin, resume=path, checkpoint=path)
    assert any(words in note for note in caught.value.diagnostics[0].notes)
    assert path.read_bytes() == before
    assert len(train_ghn(draw, digits, replace(SHORT, steps=2), config=CONFIG, origin=own, resume=path).losses) == 2


def test_recurrent_layers_learn_in_mixed_precision() -> None:
    """On processors torch's own are of full precision alone."""
    text = (
        "arch tagger() { input x: f32[N, T, 2]\n y, h, c = x -> linear(3) -> lstm(4, batch_first=true)\n output y = y }"
    )
    graph = ghndsl.loads(text)
    weights = {path: torch.full(one.shape, 0.1, requires_grad=True) for path, one in graph.weights.items()}
    x = torch.randn(3, 5, 2, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        found = run(graph, {"x": x}, weights, Mode("train"))["y"]
    torch.testing.assert_close(found, run(graph, {"x": x}, weights, Mode("train"))["y"], atol=0.02, rtol=0.02)
    gradients = torch.autograd.grad(found.sum(), list(weights.values()))
    assert all(bool(one.isfinite().all()) for one in gradients)
