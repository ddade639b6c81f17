"""A run's folder goes in; what was found so far comes out, however the process that wrote it ended.

`Store.begin` and `Store.resume` write a run, `Store.read` looks at one that another may be writing.
"""

from ghndsl.search.store.asked import Asked
from ghndsl.search.store.folders import check_same, is_run, runs_in
from ghndsl.search.store.lock import one_writer
from ghndsl.search.store.reading import Reading
from ghndsl.search.store.records import Event, Place, Proposal, Result, Rung, RungState, State, Stored, Summary
from ghndsl.search.store.run import Ending, Run, Status
from ghndsl.search.store.store import Store

__all__ = [
    "Asked",
    "Ending",
    "Event",
    "Place",
    "Proposal",
    "Reading",
    "Result",
    "Run",
    "Rung",
    "RungState",
    "State",
    "Status",
    "Store",
    "Stored",
    "Summary",
    "check_same",
    "is_run",
    "one_writer",
    "runs_in",
]
