"""Losses and metrics of tasks: those of torch and scikit-learn, whole parts exact however they are cut."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from ghndsl.data import Classes, Dense, Regression, Task, Tokens, figure
from ghndsl.data.tasks.classified import IGNORED

COUNT = 37


def labels(*shape: int, classes: int, ignored: bool = False) -> torch.Tensor:
    rng = np.random.default_rng(sum(shape))
    found = rng.integers(0, classes, shape)
    return torch.from_numpy(np.where(rng.random(shape) < 0.2, IGNORED, found) if ignored else found)


def classes_last(answers: torch.Tensor, task: Task) -> torch.Tensor:
    """Logits of one question a row."""
    if answers.shape[1] == 1 and task.outputs == 2:
        return torch.cat([torch.zeros_like(answers), answers], 1).movedim(1, -1).reshape(-1, 2)
    last = answers if isinstance(task, Tokens) else answers.movedim(1, -1)
    return last.reshape(-1, task.outputs)


CLASSED = {
    "classes": (Classes(5), (5,), labels(COUNT, classes=5)),
    "one logit": (Classes(2), (1,), labels(COUNT, classes=2)),
    "tokens": (Tokens(4, 6), (6, 4), labels(COUNT, 6, classes=4, ignored=True)),
    "masks": (Dense(3, 4, 5), (3, 4, 5), labels(COUNT, 4, 5, classes=3, ignored=True)),
    "a class that is nowhere": (Dense(9, 2, 2), (9, 2, 2), labels(COUNT, 2, 2, classes=3, ignored=True)),
    "masks of one logit": (Dense(2, 4, 5), (1, 4, 5), labels(COUNT, 4, 5, classes=2, ignored=True)),
}


def cut(size: int, *tensors: torch.Tensor) -> zip[tuple[torch.Tensor, ...]]:
    return zip(*(tensor.split(size) for tensor in tensors), strict=True)


def tallied(task: Task, answers: torch.Tensor, targets: torch.Tensor, size: int) -> float:
    tally = task.tally()
    for some, wanted in cut(size, answers, targets):
        tally.add(some, wanted)
    return tally.value


@pytest.mark.parametrize(("task", "shape", "targets"), CLASSED.values(), ids=CLASSED)
def test_classes(task: Task, shape: tuple[int, ...], targets: torch.Tensor) -> None:
    answers = torch.randn(COUNT, *shape, generator=torch.Generator().manual_seed(0))
    if task.outputs == 9:
        answers[:, 3:] = -100
    rows, wanted = classes_last(answers, task), targets.flatten()
    kept = wanted != IGNORED
    rows, wanted = rows[kept], wanted[kept]
    for smoothing in (0.0, 0.1):
        expected = torch.nn.functional.cross_entropy(rows, wanted, label_smoothing=smoothing)
        torch.testing.assert_close(task.loss(answers, targets, smoothing), expected)
    by_hand = metrics.log_loss(wanted, rows.double().softmax(1), labels=range(task.outputs))
    sums = [task.summed(*batch) for batch in cut(5, answers, targets)]
    assert sum(count for _, count in sums) == len(wanted)
    assert sum(float(total) for total, _ in sums) / len(wanted) == pytest.approx(by_hand, rel=1e-5)
    found = rows.argmax(1)
    is_mask = task.metric == "mean_iou"
    best = metrics.jaccard_score(wanted, found, average="macro") if is_mask else metrics.accuracy_score(wanted, found)
    for size in (1, 5, COUNT):
        assert tallied(task, answers, targets, size) == pytest.approx(best, abs=1e-12)
    assert task.answers[-1 if answers.shape[1] == 1 else 0] == shape


def test_one_logit_is_a_sigmoid() -> None:
    task, targets = Classes(2), labels(COUNT, classes=2)
    answers = torch.randn(COUNT, 1, generator=torch.Generator().manual_seed(1))
    expected = torch.nn.functional.binary_cross_entropy_with_logits(answers[:, 0], targets.float())
    torch.testing.assert_close(task.loss(answers, targets), expected)


@pytest.mark.parametrize("task", [Tokens(4, 6), Dense(4, 2, 3)])
def test_where_all_is_ignored_nothing_is_lost(task: Task) -> None:
    answers = torch.randn(2, *task.answers[0], requires_grad=True)
    targets = torch.full((2, 6) if isinstance(task, Tokens) else (2, 2, 3), IGNORED)
    loss = task.loss(answers, targets)
    torch.autograd.backward(loss)
    assert loss.item() == tallied(task, answers.detach(), targets, 2) == 0
    assert not answers.grad.any()


@given(
    count=st.integers(2, 30),
    outputs=st.integers(1, 3),
    size=st.integers(1, 30),
    noise=st.floats(0, 3),
    far=st.floats(0, 5),
)
@settings(max_examples=40, deadline=None)
def test_regression(count: int, outputs: int, size: int, noise: float, far: float) -> None:
    rng = np.random.default_rng(count)
    raw = (rng.normal(size=(count, outputs)) * 70 + 150 + far).astype(np.float32)
    task = Regression((outputs,), tuple(raw.mean(0).tolist()), tuple(raw.std(0).tolist()))
    targets = task.tensor(raw)
    answers = targets + noise * torch.from_numpy(rng.normal(size=raw.shape).astype(np.float32)) + far
    assert float(task.loss(answers, targets)) == pytest.approx(metrics.mean_squared_error(targets, answers), rel=1e-5)
    # The metric in the units of the file.
    units = answers.double().numpy() * task.std + task.mean
    expected = metrics.r2_score(raw.astype(np.float64), units)
    assert tallied(task, answers, targets, size) == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("shape", [(COUNT,), (COUNT, 1)])
def test_one_real_number_in_either_shape(shape: tuple[int, ...]) -> None:
    task = Regression((), (0.0,), (1.0,))
    targets = torch.randn(COUNT)
    assert float(task.loss(torch.zeros(shape), targets)) == pytest.approx(float(targets.square().mean()))
    assert task.answers == ((1,), ())


@pytest.mark.parametrize(("answer", "value"), [(2.0, 1.0), (3.0, 0.0)])
def test_a_target_that_never_changes(answer: float, value: float) -> None:
    """As scikit-learn has it."""
    targets, answers = torch.full((5, 1), 2.0), torch.full((5, 1), answer)
    assert tallied(Regression((1,), (0.0,), (1.0,)), answers, targets, 2) == value == metrics.r2_score(targets, answers)


def test_figures() -> None:
    assert [figure("accuracy", 0.5, 1), figure("r2", -1 / 3), figure("r2", math.nan)] == ["50.0%", "-0.333", "nan"]
