"""How a hypernetwork is trained: the budget, the batches, the optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ghndsl.training.schedule import halving, warm_constant, warm_cosine
from ghndsl.training.settings import Augment


@dataclass(frozen=True)
class GHNSettings:
    """AdamW; each step draws `meta_batch` candidates and for each of them a batch of `batch_size` images.

    With `minutes` the budget is time and `steps` is ignored; a run is then no longer the same on every occasion.
    `ema` is the decay of the averaged parameters that are the result, 0 for none. `fit` candidates are drawn to
    find the sizes of a new hypernetwork. A checkpoint is written every `save_every` seconds, or more seldom where that
    would take more than one part in fifty of the time. `precision` is that of the candidates' activations: `bf16` is
    mixed precision (`torch.autocast`), which GPUs and some CPUs compute faster; parameters and weights stay `f32`.
    """

    steps: int = 1000
    minutes: float | None = None
    batch_size: int = 64
    meta_batch: int = 4
    lr: float = 3e-3
    weight_decay: float = 1e-2
    schedule: Literal["one_cycle", "halving", "constant"] = "one_cycle"
    warmup: float = 0.1
    clip: float = 1.0
    ema: float = 0.0
    label_smoothing: float = 0.0
    augment: Augment = "none"
    fit: int = 200
    save_every: float = 30.0
    precision: Literal["f32", "bf16"] = "f32"

    def __post_init__(self) -> None:
        least = {"steps": 0, "batch_size": 1, "meta_batch": 1, "lr": 0, "clip": 0, "fit": 1, "save_every": 0}
        for name, bound in least.items():
            if not getattr(self, name) >= bound:
                raise ValueError(f"`{name}` must be at least {bound}, not {getattr(self, name)}")
        if not 0 <= self.ema < 1 or not 0 <= self.warmup <= 1:
            raise ValueError("`ema` must be from 0 to below 1, `warmup` from 0 to 1")
        if self.precision not in ("f32", "bf16"):
            raise ValueError(f"`precision` must be f32 or bf16, not {self.precision}")
        if self.schedule not in ("one_cycle", "halving", "constant"):
            raise ValueError(f"`schedule` must be one_cycle, halving or constant, not {self.schedule}")

    def rate(self, done: float) -> float:
        """The learning rate when that share of the budget is done.

        >>> GHNSettings(lr=1.0, schedule="halving").rate(0.6)
        0.5
        """
        if self.schedule == "halving":
            return self.lr * halving(done)
        shape = warm_cosine if self.schedule == "one_cycle" else warm_constant
        return self.lr * shape(done, self.warmup)
