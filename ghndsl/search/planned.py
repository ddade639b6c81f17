"""What a search is to do goes in; its stages, of which nothing is done yet, come out."""

from __future__ import annotations

from ghndsl.search.plan import Plan
from ghndsl.search.scorers import UPPER, stages, terms, uses_ghn
from ghndsl.search.titles import TITLES, again
from ghndsl.stages import Stage


def planned(plan: Plan) -> tuple[Stage, ...]:
    """The stages in their order; how many there are of each is not certain before the one before it is done."""
    parts, steps = {part for part, _ in terms(plan.scorer)}, plan.ghn.steps
    most = plan.finalists + plan.controls
    totals = {
        "train_ghn": steps if uses_ghn(plan.scorer) else 0,
        "smash": steps if "smash" in parts else 0,
        # As many networks as a hypernetwork sees.
        "one_shot": steps * plan.ghn.meta_batch if "one_shot" in parts else 0,
        "score": plan.candidates,
        "short": plan.short,
        "train": min(most, plan.candidates) * plan.seeds,
        "curves": 0 if plan.budgets is None else min(1 + plan.controls, plan.candidates),
    }
    found: list[Stage] = []
    for name, title in TITLES.items():
        found += [Stage(name, title, total=totals[name])] if totals[name] else []
        if name == "score":
            upper = max(1, round(UPPER * plan.candidates))
            found += [Stage(*again(later), total=upper) for later in stages(plan.scorer)[1:]]
    return tuple(found)
