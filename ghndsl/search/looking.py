"""A stage of a scorer and the line of a candidate go in; what is measured of it comes out."""

from __future__ import annotations

from dataclasses import dataclass

from ghndsl.data import Split
from ghndsl.search.draw import Drawn
from ghndsl.search.latency import latency
from ghndsl.search.scorers import Measured, Scorer
from ghndsl.space import Space, read_line


@dataclass(frozen=True)
class Look:
    """Measures candidates by one stage of a scorer; the times in `timed` are measured with the first, at full scale."""

    scorer: Scorer
    full: Space
    sample: Split
    timed: tuple[str, ...] = ()

    def __call__(self, line: str, stage: int) -> Measured:
        """What a stage measures."""
        drawn = Drawn(read_line(line))
        measured = self.scorer.stage(stage).measure(drawn)
        # What is called accuracy is that of trained networks.
        found = {f"untrained_{name}" if name in ("accuracy", "loss") else name: one for name, one in measured.items()}
        for name in self.timed if stage == 0 else ():
            graph = drawn.at(self.full)
            took = latency(graph, self.sample.feed(graph), name)
            found |= {name: took.milliseconds, f"{name}_spread": took.spread}
        return found
