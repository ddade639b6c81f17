"""The name of a preset goes in; how a network is trained comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean

Augment: TypeAlias = Literal["none", "shift", "flip"]
"""`shift` moves images by up to an eighth of their size; `flip` also mirrors half of them."""


@dataclass(frozen=True)
class Settings:
    """SGD with Nesterov momentum; the rate rises over `warmup` (a share of the steps), then falls along a cosine.

    `cosine=False` keeps the rate after the warm-up. `clip` bounds the norm of the gradient, 0 for no bound.
    """

    epochs: int = 20
    batch_size: int = 64
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.0
    warmup: float = 0.1
    cosine: bool = True
    augment: Augment = "none"
    clip: float = 5.0

    def __post_init__(self) -> None:
        bounds = {"epochs": 0, "batch_size": 1, "lr": 0, "momentum": 0, "weight_decay": 0, "clip": 0}
        for name, least in bounds.items():
            if not getattr(self, name) >= least:
                raise ValueError(f"`{name}` must be at least {least}, not {getattr(self, name)}")
        for name in ("warmup", "label_smoothing"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"`{name}` must be from 0 to 1, not {getattr(self, name)}")
        if self.augment not in ("none", "shift", "flip"):
            raise ValueError(f"`augment` must be none, shift or flip, not {self.augment}")


PRESETS = {
    "quick": Settings(epochs=8),
    "standard": Settings(epochs=20, augment="shift"),
    "cifar": Settings(epochs=60, batch_size=128, augment="flip", label_smoothing=0.1),
}
"""`quick` ranks networks on small sets, `standard` trains one on them, `cifar` trains one on photographs."""


def preset(name: str) -> Settings:
    """A preset by name; G411 when there is none.

    >>> preset("quick").epochs
    8
    """
    if name not in PRESETS:
        help_ = did_you_mean(name, PRESETS) or f"there are {', '.join(PRESETS)}"
        raise CompileError(Diagnostic("G411", f"there is no preset `{name}`", help=help_))
    return PRESETS[name]
