"""A space of networks with one exit, a plan for a search between budgets that takes seconds, and what breaks it off."""

from __future__ import annotations

from ghndsl.ghn import GHNSettings
from ghndsl.search.plan import Plan
from ghndsl.training import Settings
from ghndsl.training.anytime import Budgets
from ghndsl.training.progress import Progress, Watch

TEXT = """
space stops(width: int = 4, nodes: int = 2, classes: int = 10) {
    input image: f32[N, 1, 8, 8]
    choose size from [1, 3]
    choose act from [relu, tanh]
    x = image -> conv(width, size, padding=size // 2) as stem -> act
    exit early = x -> adaptive_avg_pool(2) -> flatten -> linear(classes) as early
    choose deep from [1, 3]
    for i in range(nodes) {
        x = x -> conv(2 * width, deep, padding=deep // 2) as node{i} -> relu
    }
    output logits = x -> adaptive_avg_pool(2) -> flatten -> linear(classes) as head
}
"""
BUDGETS = Budgets(1_000, 20_000)
PLAN = Plan(
    candidates=5,
    finalists=2,
    controls=2,
    scorer="anytime",
    ghn=GHNSettings(steps=3, fit=4),
    final=Settings(epochs=1, batch_size=32),
    batch=4,
    seeds=2,
    budgets=BUDGETS,
)


class LeftError(RuntimeError):
    """Whatever ends long work."""


def leaving(stage: str, after: int) -> Watch:
    """What ends long work when so many steps are told of in stages whose titles begin so."""
    told = [0]

    def watch(title: str) -> Progress:
        def progress(step: int, total: int, text: str) -> None:
            del total, text
            told[0] += title.startswith(stage) and step > 0
            if told[0] == after:
                raise LeftError

        return progress

    return watch
