"""Budgets and a space go in; a refusal comes out where none of its candidates can be judged between them."""

from __future__ import annotations

import random

from ghndsl.search.scale import Scaled
from ghndsl.search.scorers.names import check_given
from ghndsl.training.anytime import Budgets, answers, check_within

_LOOKED_AT = 8
"""Candidates whose exits say what budgets there are."""


def check_budgets(budgets: Budgets | None, scorer: str, scale: Scaled) -> None:
    """Refuses budgets that lie outside what the exits of candidates cost at full scale, a space without exits, and a
    scorer that needs budgets where there are none.

    Errors: G614, G615.
    """
    check_given(scorer, budgets)
    if budgets is None:
        return
    rng, space = random.Random(0), scale.full
    graphs = [space.build(space.draw(rng)) for _ in range(_LOOKED_AT)]
    check_within(budgets, space.name, [answers(graph).reached(graph) for graph in graphs])
