"""A computation graph goes in; weights for all of it, made by a learned network, come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import torch
from torch import nn

from ghndsl.diagnostics import CompileError
from ghndsl.emit.weights import buffer
from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.decoders import Decoder, Decoding, decoding
from ghndsl.ghn.encoders import make_encoder
from ghndsl.ghn.plan import Plan, plan
from ghndsl.ir import Graph


@dataclass(frozen=True)
class Origin:
    """Where a hypernetwork comes from: the space by name and by the hash of its text, and the steps of training."""

    space: str = ""
    space_hash: str = ""
    steps: int = 0


class GHN(nn.Module):
    """The graph hypernetwork of Zhang, Ren and Urtasun (ICLR 2019, arXiv 1810.05749).

    >>> from ghndsl import ops
    >>> from ghndsl.ghn import fit
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType, symbol
    >>> build = GraphBuilder("tiny")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> (y,) = build.add(ops.Linear(2), [x], "fc", Scope("arch", "tiny"))
    >>> build.output("logits", y)
    >>> graph = build.finish()
    >>> ghn = GHN(GHNConfig(fit([graph])), seed=0)
    >>> {path: tuple(weight.shape) for path, weight in ghn(graph).items()}
    {'fc.weight': (2, 4), 'fc.bias': (2,)}
    """

    def __init__(self, config: GHNConfig, seed: int = 0, origin: Origin | None = None) -> None:
        """An untrained hypernetwork; torch's own generator is left as it was."""
        super().__init__()
        self.config = config
        self.origin = origin or Origin()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoder = make_encoder(config)
            self.decoder = Decoder(config)
        self._plans: WeakKeyDictionary[Graph, tuple[Plan, Decoding]] = WeakKeyDictionary()

    def __getstate__(self) -> dict[str, object]:
        """What a copy in another process gets: no plans of graphs, which are made anew."""
        return {**self.__dict__, "_plans": None}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._plans = WeakKeyDictionary()

    def forward(self, graph: Graph) -> dict[str, torch.Tensor]:
        """Every weight by path, in the graph's order, differentiable; buffers at their initial values.

        Errors: G420 for a weight that it cannot make, G423 for an operator it does not know.
        """
        if graph not in self._plans:
            self._plans[graph] = self._plan([graph])
        return self._weights([graph], *self._plans[graph])[0]

    def many(self, graphs: Sequence[Graph]) -> list[dict[str, torch.Tensor]]:
        """The weights of several graphs, computed together: less time for each, the same values but for rounding."""
        return self._weights(graphs, *self._plan(graphs))

    @property
    def device(self) -> torch.device:
        """Where its parameters are, and so the weights that it makes."""
        return next(self.parameters()).device

    def refusal(self, graph: Graph) -> CompileError | None:
        """Why it cannot make the weights of a graph, or None when it can."""
        try:
            self._plans[graph] = self._plan([graph])
        except CompileError as error:
            return error
        return None

    def save(self, path: str | Path) -> None:
        """Writes a checkpoint, atomically."""
        from ghndsl.ghn.checkpoint import save

        save(self, path)

    @staticmethod
    def load(path: str | Path) -> GHN:
        """Reads a checkpoint. Errors: G421 when it is none, or damaged; G422 when operators' codes have changed."""
        from ghndsl.ghn.checkpoint import load

        return load(path)

    def _plan(self, graphs: Sequence[Graph]) -> tuple[Plan, Decoding]:
        nodes = plan(graphs, self.config)
        return nodes, decoding(graphs, nodes, self.config)

    def _weights(self, graphs: Sequence[Graph], nodes: Plan, weights: Decoding) -> list[dict[str, torch.Tensor]]:
        nothing: list[dict[str, torch.Tensor]] = [{} for _ in graphs]
        made = self.decoder(self.encoder(nodes), weights, len(graphs), nodes.pairs) if weights.targets else nothing
        device = self.device
        return [
            {path: found[path] if one.trainable else buffer(one).to(device) for path, one in graph.weights.items()}
            for graph, found in zip(graphs, made, strict=True)
        ]
