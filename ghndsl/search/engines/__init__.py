"""Engines: a task and items go in; what the task found of each comes out, wherever it ran, and whatever befell it.

Loading them loads neither torch nor Ray: a worker loads what its task needs.
"""

from ghndsl.search.engines.base import Engine, Failure, Kind, Outcome
from ghndsl.search.engines.here import Here
from ghndsl.search.engines.local import Local
from ghndsl.search.engines.names import NAMES, engine, gpus, ready
from ghndsl.search.engines.ray import Ray

__all__ = ["NAMES", "Engine", "Failure", "Here", "Kind", "Local", "Outcome", "Ray", "engine", "gpus", "ready"]
