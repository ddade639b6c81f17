"""What a search is asked to do goes in; what it depends on, as the run keeps it, comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ghn import GHNSettings
from ghndsl.search.algorithms import Given
from ghndsl.search.mixing import Range
from ghndsl.search.objectives import Objective
from ghndsl.search.scale import STEPS
from ghndsl.training import PRESETS, Settings
from ghndsl.training.anytime import Budgets, anytime_metric

SHORT_RATE, SHORT_BATCH = 0.02, 64
"""How generated weights learn for a few hundred steps; as the estimator `tuned` does."""


@dataclass(frozen=True)
class Plan:
    """What a search is to do, on three rungs: estimate `candidates` of what an `algorithm` proposes by `scorer`, train
    the `short` best of them for `short_steps` from generated weights, and the `finalists` best of these from scratch,
    from `seeds` seeds each.

    `controls` further candidates, the first proposed of the others, are trained like finalists: they show whether the
    order can be trusted, and, where candidates are drawn at random, what choosing by chance would have given. `batch`
    proposals are on their way at any time. Networks train on the `device`, and `processes` of them together train the
    hypernetwork, and networks where these are fewer. Networks are judged by their main output, or, between `budgets`,
    by the mean over what they may spend: then the metric is that. `vary` gives parameters of the space that the
    hypernetwork's candidates draw anew.
    """

    candidates: int = 600
    short: int = 0
    finalists: int = 5
    controls: int = 5
    scorer: str = "best"
    ghn: GHNSettings = field(default_factory=lambda: GHNSettings(steps=STEPS))
    final: Settings = field(default_factory=lambda: PRESETS["standard"])
    seed: int = 0
    algorithm: str = "random"
    options: Mapping[str, Given] = field(default_factory=dict[str, Given])
    objectives: tuple[Objective, ...] = (Objective("score"),)
    batch: int = 16
    short_steps: int = 300
    seeds: int = 1
    device: str = "cpu"
    processes: int = 1
    budgets: Budgets | None = None
    vary: Mapping[str, Range] = field(default_factory=dict[str, Range])

    def asked(self) -> dict[str, object]:
        """All that the findings depend on, but for the seed, as JSON says it."""
        whole = asdict(self)
        del whole["seed"]
        # What a run of an earlier version was not asked is no difference.
        whole = {name: value for name, value in whole.items() if value or name not in ("budgets", "vary")}
        return {**whole, "objectives": [str(one) for one in self.objectives]}

    def metric(self, task: str) -> str:
        """What networks are judged by, from the metric of the data's task."""
        return task if self.budgets is None else anytime_metric(task)

    def together(self, trainings: int, samples: int) -> int:
        """How many processes train one network from scratch together: all, where these are more than the trainings, of
        which each has two samples of each batch at least; else one."""
        count = min(self.processes, min(self.final.batch_size, samples) // 2)
        return count if trainings < count else 1

    def settings_of(self, rung: str) -> dict[str, object]:
        """What the trainings of a rung are done with."""
        short: dict[str, object] = {"steps": self.short_steps, "lr": SHORT_RATE, "batch_size": SHORT_BATCH}
        return asdict(self.final) if rung == "full" else short


def rungs(text: str) -> tuple[int, int, int]:
    """How many candidates are on each rung: `600,20,5`, or `600,5` without training for a few steps.

    Errors: G612 for what is no such numbers, or more on a rung than on the one below.

    >>> rungs("600,20,5"), rungs("600,5")
    ((600, 20, 5), (600, 0, 5))
    """
    words = [word.strip() for word in text.split(",")]
    if len(words) not in (2, 3) or not all(word.isdecimal() and len(word) < 10 for word in words):
        raise CompileError(Diagnostic("G612", f"`{text}` are no rungs", help="as `600,20,5`, or `600,5`"))
    numbers = [int(word) for word in words]
    if not min(numbers) or sorted(numbers, reverse=True) != numbers:
        message = f"the rungs `{text}` do not become fewer"
        raise CompileError(Diagnostic("G612", message, help="each trains the best of the one below, one at least"))
    first, *short, last = numbers
    return first, short[0] if short else 0, last
