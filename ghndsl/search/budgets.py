"""Budgets, a space and a scorer go in; the scorer that is meant, and a refusal of what cannot be judged, come out."""

from __future__ import annotations

import random

from ghndsl.search.scale import Scaled
from ghndsl.search.scorers.names import check_given
from ghndsl.training.anytime import Budgets, answers, check_within

_LOOKED_AT = 8
"""Candidates whose exits say what budgets there are."""


def scorer_between(scorer: str, budgets: Budgets | None) -> str:
    """The scorer that is meant: between budgets the best is the one that judges between them.

    >>> scorer_between("best", Budgets(1, 2)), scorer_between("best", None), scorer_between("ghn", Budgets(1, 2))
    ('anytime', 'best', 'ghn')
    """
    return "anytime" if budgets is not None and scorer == "best" else scorer


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
