"""How a network is trained: the budget, the rate, what is done to images, and what else helps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

Augment: TypeAlias = Literal["none", "shift", "flip"]
"""`shift` moves images by up to an eighth of their size; `flip` also mirrors half of them."""
Precision: TypeAlias = Literal["f32", "bf16"]
"""`bf16` is mixed precision (`torch.autocast`); parameters stay `f32`."""

_LEAST = {
    "epochs": 0, "batch_size": 1, "lr": 0, "momentum": 0, "weight_decay": 0, "clip": 0, "crop": 0, "cutout": 0,
    "auxiliary": 0,
}  # fmt: skip
_SHARES = ("warmup", "label_smoothing", "decay", "drop_path", "ema")
_WORDS = {"augment": ("none", "shift", "flip"), "precision": ("f32", "bf16")}


@dataclass(frozen=True)
class Settings:
    """SGD with momentum; the rate rises over `warmup` (a share of the steps), then falls along a cosine.

    `cosine=False` keeps the rate after the warm-up; each pass multiplies it by `decay`. `clip` bounds the norm of the
    gradient, 0 for no bound. Of images, after `augment`: `crop` pads them by so many pixels and cuts them out anew,
    `mirror` mirrors half of them, `cutout` blanks a square of that side (arXiv 1708.04552). `drop_path` is the chance,
    reached along a line at the last pass, with which a branch is left out for a sample (see `drop_path`). `auxiliary`
    weighs the losses of further outputs that answer as the main one does. `ema` is the decay of the averaged weights
    that are the result, 0 for none.
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
    nesterov: bool = True
    decay: float = 1.0
    crop: int = 0
    mirror: bool = False
    cutout: int = 0
    drop_path: float = 0.0
    auxiliary: float = 0.0
    ema: float = 0.0
    precision: Precision = "f32"

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if not least <= getattr(self, name) < math.inf:
                raise ValueError(f"`{name}` must be at least {least}, not {getattr(self, name)}")
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"`{name}` must be from 0 to 1, not {getattr(self, name)}")
        for name in ("drop_path", "ema"):
            if getattr(self, name) == 1:
                raise ValueError(f"`{name}` must be less than 1")
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise ValueError(f"`{name}` must be one of {', '.join(words)}, not {getattr(self, name)}")
