"""Training of the hypernetwork: it learns what carries over to unseen candidates, repeatably, and can be left."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ghndsl.data import Dataset
from ghndsl.diagnostics import CompileError
from ghndsl.ghn import GHN, GHNConfig, GHNSettings, Origin, TrainedGHN, fit, train_ghn
from ghndsl.ir import Graph
from ghndsl.training import score

Draw = Callable[[int], Graph]
Network = Callable[..., Graph]

SHORT = GHNSettings(steps=8, batch_size=32, meta_batch=1, fit=8)
TINY = GHNConfig(hidden=8, message=8, rounds=1, width=16, rank=4)


def same(one: GHN, other: GHN) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.fixture(scope="module")
def trained(draw: Draw, digits: Dataset) -> TrainedGHN:
    return train_ghn(draw, digits, GHNSettings(steps=250, meta_batch=1, fit=40), seed=0)


def test_unseen_candidates_work_with_generated_weights(trained: TrainedGHN, draw: Draw, digits: Dataset) -> None:
    untrained = GHN(trained.ghn.config)
    unseen = [draw(10**6 + number) for number in range(8)]
    after = [score(graph, trained.ghn(graph), digits).accuracy for graph in unseen]
    before = [score(graph, untrained(graph), digits).accuracy for graph in unseen]
    assert sum(before) / 8 < 0.25
    assert sum(after) / 8 > 0.5
    assert sum(trained.losses[-20:]) < 0.6 * sum(trained.losses[:20])
    assert len(trained.losses) == trained.ghn.origin.steps == 250


def test_scores_depend_on_the_candidate_alone(trained: TrainedGHN, draw: Draw, digits: Dataset) -> None:
    graph = draw(77)
    first = score(graph, trained.ghn(graph), digits)
    torch.manual_seed(9)
    again = score(draw(77), GHN.load(_saved(trained.ghn))(draw(77)), digits)
    assert first == again
    for size in (1, 50, 10_000):
        other = score(graph, trained.ghn(graph), digits, batch_size=size)
        assert other.accuracy == first.accuracy
        assert other.loss == pytest.approx(first.loss, abs=1e-5)
    assert score(graph, trained.ghn(graph), digits, digits.validation) != first


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _saved(ghn: GHN) -> str:
    ghn.save("g.safetensors")
    return "g.safetensors"


@pytest.mark.parametrize("change", [{}, {"ema": 0.9}, {"meta_batch": 3, "augment": "shift"}, {"schedule": "halving"}])
def test_same_seed_same_numbers_and_resumed_as_never_left(
    draw: Draw, digits: Dataset, change: dict[str, float | str]
) -> None:
    settings = replace(SHORT, **change)

    class LeftError(Exception):
        pass

    def leave(step: int, total: int, text: str) -> None:
        if step == 6:
            raise LeftError

    torch.manual_seed(1)
    whole = train_ghn(draw, digits, settings, seed=2)
    torch.rand(3)
    with pytest.raises(LeftError):
        train_ghn(draw, digits, replace(settings, save_every=0), seed=2, checkpoint="g.safetensors", progress=leave)
    seen: list[int] = []
    rest = train_ghn(
        draw, digits, settings, seed=2, resume="g.safetensors", progress=lambda step, total, text: seen.append(step)
    )
    assert 0 < seen[0] < 6
    assert seen == [*range(seen[0], 9)], "how far it is, first of all"
    assert rest.losses == whole.losses
    assert same(rest.ghn, whole.ghn)
    other = train_ghn(draw, digits, settings, seed=3)
    assert not same(other.ghn, whole.ghn)


def test_interruption_leaves_what_was_done(draw: Draw, digits: Dataset) -> None:
    def interrupt(step: int, total: int, text: str) -> None:
        assert total == 8
        if step == 3:
            raise KeyboardInterrupt

    origin = Origin("cells", "hash")
    with pytest.raises(KeyboardInterrupt):
        train_ghn(draw, digits, SHORT, origin=origin, checkpoint="g.safetensors", progress=interrupt)
    assert GHN.load("g.safetensors").origin == replace(origin, steps=3)
    assert [path.name for path in Path().iterdir()] == ["g.safetensors"]


def test_the_average_of_a_short_training_has_learned(draw: Draw, digits: Dataset) -> None:
    """A decay for many steps; the first parameters, drawn at random, do not linger."""
    settings = replace(SHORT, steps=40)
    last, averaged = (train_ghn(draw, digits, replace(settings, ema=ema), seed=0) for ema in (0.0, 0.9999))
    losses = [score(draw(77), found.ghn(draw(77)), digits).loss for found in (last, averaged)]
    untrained = score(draw(77), GHN(last.ghn.config)(draw(77)), digits).loss
    assert losses[1] - losses[0] < 0.5 * (untrained - losses[0])


def test_time_is_a_budget(draw: Draw, digits: Dataset) -> None:
    found = train_ghn(draw, digits, replace(SHORT, minutes=0.01), config=TINY)
    assert found.seconds >= 0.6
    assert found.losses


def test_draws_that_do_not_fit_are_drawn_anew(network: Network, digits: Dataset) -> None:
    """A config for narrow candidates; some draws are wider."""

    def sample(number: int) -> Graph:
        return network(("conv1", "skip", "pool"), width=random.Random(number).choice([4, 4, 9]), cells=2)

    blocks = fit([network(("conv1", "skip", "pool"), width=4, cells=2)])
    config = GHNConfig(blocks, decoders=("slice",))
    found = train_ghn(sample, digits, SHORT, config=config)
    assert found.refused > 0
    assert len(found.losses) == 8
    with pytest.raises(CompileError, match="G420"):
        train_ghn(lambda _: network(("conv1", "skip", "pool"), width=9), digits, SHORT, config=config)


def test_misfits_are_refused_before_anything(draw: Draw, digits: Dataset) -> None:
    parts = [part.mapped(lambda x: x.repeat(1, 2, 1, 1) if x.ndim == 4 else x) for part in (digits.train, digits.test)]
    coloured = replace(digits, train=parts[0], test=parts[1])
    with pytest.raises(CompileError, match="G407"):
        train_ghn(draw, coloured, SHORT, checkpoint="g.safetensors")
    with pytest.raises(CompileError, match="G421"):
        train_ghn(draw, digits, SHORT, resume="none.safetensors")
    assert not list(Path().iterdir())


def test_divergence_is_told(network: Network, digits: Dataset) -> None:
    bad = replace(digits, train=replace(digits.train, inputs={"x": digits.train.inputs["x"] * float("nan")}))
    graph = network(("skip", "pool", "skip"), width=4, cells=1)
    found = train_ghn(lambda _: graph, bad, replace(SHORT, steps=500, batch_size=4, fit=1), config=TINY)
    assert found.diverged
    assert len(found.losses) == 100
    assert all(bool(parameter.isfinite().all()) for parameter in found.ghn.parameters())


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", -1), ("batch_size", 0), ("meta_batch", 0), ("ema", 1.0), ("schedule", "x"), ("fit", 0)],
)
def test_settings_are_checked(name: str, value: float | str) -> None:
    with pytest.raises(ValueError, match=name):
        GHNSettings(**{name: value})
