"""The name of a rival goes in; where its results, weights and unfinished trainings lie comes out, to be kept there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch

from ghndsl.files import files_beside, write_atomically
from ghndsl.ir import Graph
from ghndsl.language import format_graph
from ghndsl.search.store import one_writer
from ghndsl.training import save_weights


@dataclass(frozen=True)
class RivalFiles:
    """The files of one rival in a folder of several: `NAME.json`, its text `NAME.arch`, `NAME.safetensors`, the weights
    that do best on validation samples, and those of each seed, `NAME.1.safetensors` and so on."""

    folder: Path
    name: str
    seeds: int

    @property
    def results(self) -> Path:
        """The file that says how it does."""
        return self._file("json")

    @property
    def checkpoints(self) -> list[Path]:
        """Where the training from each seed is kept until all are done."""
        return [self._file(f"training{f'.{seed}' if seed > 1 else ''}.safetensors") for seed in self._seeds]

    def held(self) -> AbstractContextManager[None]:
        """In the context no other process trains a rival of this name. Errors: G604, G007."""
        return one_writer(self._file("lock"), f"`{self.name}` in {self.folder} is a rival")

    def forget(self) -> None:
        """Takes away what unfinished trainings left."""
        for path in self.checkpoints:
            path.unlink(missing_ok=True)

    def keep(
        self, graph: Graph, weights: Sequence[dict[str, torch.Tensor]], best: int, record: Mapping[str, object]
    ) -> None:
        """All files take their places together. Errors: G007."""
        text, kept = self._file("arch"), self._file("safetensors")
        each = [self._file(f"{seed}.safetensors") for seed in self._seeds]
        with files_beside(text, kept, *each, self.results) as folder:
            write_atomically(folder / text.name, format_graph(graph).encode())
            for path, tensors in zip((kept, *each), (weights[best], *weights), strict=True):
                save_weights(folder / path.name, tensors, graph)
            write_atomically(folder / self.results.name, (json.dumps(record, indent=2) + "\n").encode())

    @property
    def _seeds(self) -> range:
        return range(1, self.seeds + 1)

    def _file(self, ending: str) -> Path:
        return self.folder / f"{self.name}.{ending}"
