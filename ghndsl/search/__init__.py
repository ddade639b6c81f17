"""From a space and data to the network that is best on them: scoring, choosing, final training, the run's folder."""

from ghndsl.search.pipeline import Outcome, Plan, search
from ghndsl.search.rank import Ranking, rank
from ghndsl.search.scale import Scaled, scaled

__all__ = ["Outcome", "Plan", "Ranking", "Scaled", "rank", "scaled", "search"]
