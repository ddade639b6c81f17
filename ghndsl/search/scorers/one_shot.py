"""Weight sharing: one set of weights for all candidates, trained on random ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import torch

from ghndsl.data import Dataset
from ghndsl.emit.initial import initial_weights
from ghndsl.ghn import GHNSettings
from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.search.draw import Drawn, training_sample
from ghndsl.search.scorers.base import Estimator, Setting, finite
from ghndsl.search.titles import TITLES
from ghndsl.space import Space
from ghndsl.training import score
from ghndsl.training.batches import Batches
from ghndsl.training.descend import loss_of
from ghndsl.training.schedule import warm_cosine
from ghndsl.training.seeds import generator
from ghndsl.training.threads import threads

RATE, DECAY, MOMENTUM, CLIP, BATCH = 0.05, 5e-4, 0.9, 5.0, 64

_Key = tuple[str, str, tuple[int, ...]]


@dataclass
class Shared:
    """Weights by operator, path and shape: candidates that agree in them share the weight."""

    seed: int
    table: dict[_Key, torch.nn.Parameter] = field(default_factory=dict[_Key, torch.nn.Parameter])

    def of(self, graph: Graph) -> dict[str, torch.Tensor]:
        """The weights of a candidate; those that no candidate had before are drawn as torch draws them."""
        keys = {
            node.weight_path(weight): (type(node.op).__name__, node.weight_path(weight), weight.shape)
            for node in graph.nodes
            for weight in node.weights
            if weight.trainable
        }
        fresh = initial_weights(graph, self.seed)
        for path, key in keys.items():
            if key not in self.table:
                self.table[key] = torch.nn.Parameter(fresh[path])
        return {**fresh, **{path: self.table[key] for path, key in keys.items()}}


@dataclass
class OneShot(Estimator):
    """The log-likelihood of training images under shared weights (Bender et al., ICML 2018; Pham et al., ICML 2018).

    Each step draws one candidate and one batch. SGD with momentum; a weight moves only when a candidate has it.
    """

    shared: Shared
    space: Space
    data: Dataset
    name: str = "one_shot"

    @classmethod
    def prepare(cls, setting: Setting) -> OneShot:
        """Trains on as many candidates and batches as a hypernetwork is trained on in the setting's steps."""
        scale, seed = setting.scale, setting.seed
        steps = GHNSettings().meta_batch * (scale.steps if setting.steps is None else setting.steps)
        progress = setting.watch(TITLES["one_shot"])
        shared, sample = Shared(seed), training_sample(scale.cheap, seed)
        batches = Batches(scale.data.train, BATCH, "none", seed)
        moments: dict[torch.Tensor, torch.Tensor] = {}
        with threads(1):
            for step in range(steps):
                graph = sample(step)
                weights = shared.of(graph)
                loss = loss_of(graph, weights, batches[step], Mode("train", generator(seed, "dropout", step)))
                if loss.requires_grad:
                    torch.autograd.backward(loss)
                    rate = RATE * warm_cosine((step + 1) / (steps + 1), 0.1)
                    _update((weights[path] for path, one in graph.weights.items() if one.trainable), moments, rate)
                progress(step + 1, steps, f"loss {float(loss.detach()):.3f}")
        return cls(shared, scale.cheap, scale.data)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """`one_shot`, and `one_shot_accuracy`."""
        graph = drawn.at(self.space)
        with torch.no_grad():
            found = score(graph, Shared(self.shared.seed, dict(self.shared.table)).of(graph), self.data)
        return {self.name: finite(-found.loss), "one_shot_accuracy": found.accuracy}


@torch.no_grad()
def _update(weights: Iterable[torch.Tensor], moments: dict[torch.Tensor, torch.Tensor], rate: float) -> None:
    """One step of SGD with Nesterov momentum and decay for the weights that have a gradient."""
    used = [weight for weight in weights if weight.grad is not None]
    norm = torch.nn.utils.clip_grad_norm_(used, CLIP)
    for weight in used if bool(norm.isfinite()) else ():
        assert weight.grad is not None
        gradient = weight.grad.add(weight, alpha=DECAY if weight.ndim > 1 else 0.0)
        moment = moments.setdefault(weight, torch.zeros_like(weight)).mul_(MOMENTUM).add_(gradient)
        weight.sub_(gradient.add(moment, alpha=MOMENTUM), alpha=rate)
    for weight in used:
        weight.grad = None
