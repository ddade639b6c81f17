"""Inputs by name and targets go in; parts of them, batches, and what a network is fed with come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import torch

from ghndsl.data.raw import refuse
from ghndsl.data.tasks import Task
from ghndsl.ir import Graph


@dataclass(frozen=True, eq=False)
class Split:
    """Samples in a shuffled order: a tensor `[n, ...]` for each input, targets as the task takes them, and which inputs
    are images, float32 `[n, c, h, w]`."""

    inputs: Mapping[str, torch.Tensor] = field(repr=False)
    targets: torch.Tensor = field(repr=False)
    task: Task
    images: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.targets)

    def part(self, which: slice | torch.Tensor) -> Split:
        """The samples of a slice or an index."""
        return self.mapped(lambda tensor: tensor[which])

    def mapped(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Split:
        """The part with all of its tensors changed alike."""
        inputs = {name: change(tensor) for name, tensor in self.inputs.items()}
        return Split(inputs, change(self.targets), self.task, self.images)

    def first(self, count: int) -> Split:
        """The first samples, a random part since the order is; all of them when there are fewer."""
        return self.part(slice(count))

    def batches(self, size: int) -> Iterator[Split]:
        """The samples in order, `size` at a time; the last batch may be smaller."""
        for start in range(0, len(self), size):
            yield self.part(slice(start, start + size))

    def feed(self, graph: Graph) -> dict[str, torch.Tensor]:
        """The tensors by the names of a network's inputs, in their order. Errors: G407 when names differ."""
        return {port: self.inputs[name] for port, name in sources(graph, self.inputs).items()}


def sources(graph: Graph, names: Iterable[str]) -> dict[str, str]:
    """For each input of a network the data's input that it takes: that of its name; an `x` by itself feeds the one
    input of any network. Errors: G407 when the network has others."""
    given, ports = list(names), [port.name for port in graph.arguments]
    if given == ["x"] and len(ports) == 1:
        return {ports[0]: "x"}
    if set(given) != set(ports):
        has, wants = (", ".join(f"`{name}`" for name in some) or "none" for some in (given, ports))
        help_ = "arrays are named after the network's inputs, `left_train` for `left`"
        raise refuse("G407", f"the data has the inputs {has}, `{graph.name}` takes {wants}", help_)
    return {name: name for name in ports}
