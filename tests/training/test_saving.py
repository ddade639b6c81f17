"""Saving is done when it is time to, and takes a small part of the time."""

from __future__ import annotations

import pytest

from ghndsl.training.saving import Saving


@pytest.mark.parametrize(
    ("cost", "steps", "saved_at"),
    [
        (0.0, 100, [30, 60, 90]),
        (0.5, 100, [30, 60, 91]),
        (1.0, 200, [30, 81, 132, 183]),
    ],
)
def test_saving_waits_for_its_time(cost: float, steps: int, saved_at: list[int]) -> None:
    """A step takes a second."""
    now, saved = 0.0, list[int]()

    def save() -> None:
        nonlocal now
        saved.append(int(now))
        now += cost

    saving = Saving(save, 30.0, lambda: now)
    for _ in range(steps):
        now += 1
        saving.perhaps()
    assert saved == saved_at
