"""An algorithm and the cells of a table go in; the cells that it asks for come out, no architecture twice.

`batch` candidates are on their way at any time: one is proposed when the one so many places before it was told. A
candidate of an architecture that was asked for before is told what that came to, and is no query.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from ghndsl.search.algorithms import Algorithm, Told
from ghndsl.space import Candidate
from queried.cells import Cell


def queried(algorithm: Algorithm, batch: int, cells: Mapping[str, Cell]) -> Iterator[Cell]:
    """The cells asked for, in the order in which they are told; it ends when there is none left."""
    known: dict[str, Cell] = {}
    under_way: deque[Candidate] = deque()
    while True:
        while len(under_way) < batch and (found := algorithm.propose(1)):
            under_way.extend(found)
        if not under_way:
            return
        candidate = under_way.popleft()
        cell = cells[str(candidate)]
        if cell.identity not in known:
            known[cell.identity] = cell
            yield cell
        algorithm.tell([Told(candidate, (known[cell.identity].score,))])
