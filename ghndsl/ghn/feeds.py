"""A data set and graphs of any image size go in; the batches that each is trained on come out."""

from __future__ import annotations

from dataclasses import dataclass, field

from ghndsl.data import Dataset, check_fit, fitted
from ghndsl.ghn.settings import GHNSettings
from ghndsl.ir import Graph
from ghndsl.training.batches import Batches

_KEPT = 4
"""How many sizes of images are kept: those that came by last."""


@dataclass
class Feeds:
    """Keeps the data at the sizes of images that came by last, and its endless batches, numbered alike at every
    size."""

    data: Dataset
    settings: GHNSettings
    seed: int
    sizes: dict[str, tuple[Dataset, Batches]] = field(default_factory=dict[str, tuple[Dataset, Batches]])

    def data_for(self, graph: Graph) -> Dataset:
        """The data as a graph takes it. Errors: G407 when it does not."""
        return self._at(graph)[0]

    def batches_for(self, graph: Graph) -> Batches:
        """Batches of training samples as a graph takes them. Errors: G407 when it does not."""
        return self._at(graph)[1]

    def _at(self, graph: Graph) -> tuple[Dataset, Batches]:
        key = " ".join(f"{name}: {kind}" for name, kind in (graph.inputs | graph.outputs).items())
        found = self.sizes.pop(key, None) or self._made(graph)
        self.sizes[key] = found
        while len({id(data) for data, _ in self.sizes.values()}) > _KEPT:
            self.sizes.pop(next(iter(self.sizes)))
        return found

    def _made(self, graph: Graph) -> tuple[Dataset, Batches]:
        data, settings = fitted(self.data, graph), self.settings
        check_fit(data, graph)
        # What has the same size is kept once.
        same = [kept for kept in self.sizes.values() if kept[0].shapes == data.shapes]
        return same[0] if same else (data, Batches(data.train, settings.batch_size, settings.augment, self.seed))
