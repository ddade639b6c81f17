"""A name goes in; torchvision's network of that name, what it computes, and what is published of it come out."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol
from unittest.mock import patch

import torch
import torchvision
from torch import nn

CLASSIFIERS: tuple[str, ...] = tuple(torchvision.models.list_models(module=torchvision.models))
"""Torchvision's classifiers of images, by name."""
_OPTIONS: Mapping[str, Mapping[str, object]] = {
    "googlenet": {"init_weights": False},
    "inception_v3": {"init_weights": False},
    "fcn_resnet50": {"aux_loss": True, "weights_backbone": None},
    "deeplabv3_resnet50": {"aux_loss": True, "weights_backbone": None},
}


class _Named(Protocol):
    """A named tuple of any names."""

    def _asdict(self) -> Mapping[str, torch.Tensor]: ...


def built(name: str) -> nn.Module:
    """The network as its builder makes it, in evaluation, with whatever lay in memory for weights."""
    with _undrawn():
        model: nn.Module = torchvision.models.get_model(name, weights=None, **_OPTIONS.get(name, {}))
    return model.eval()


@contextmanager
def _undrawn() -> Generator[None]:
    """Nothing is drawn in it: first weights, which are thrown away, would take minutes in the largest networks."""
    with ExitStack() as patches:
        for name in vars(nn.init):
            if name.endswith("_") and not name.startswith("_"):
                patches.enter_context(patch.object(nn.init, name, _kept))
        yield


def _kept(tensor: torch.Tensor, *_given: object, **_named: object) -> torch.Tensor:
    return tensor


def outputs_of(model: nn.Module, inputs: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
    """What a network computes in evaluation, by the names of the shipped texts, auxiliary heads too."""
    # These ask themselves alone whether to go through auxiliary heads; their parts stay in evaluation.
    model.training = isinstance(model, torchvision.models.GoogLeNet | torchvision.models.Inception3)
    try:
        with torch.no_grad():
            found: torch.Tensor | Mapping[str, torch.Tensor] | _Named = model(*inputs)
    finally:
        model.training = False
    if isinstance(found, torch.Tensor):
        return {"logits": found}
    named = found if isinstance(found, Mapping) else found._asdict()  # pyright: ignore[reportPrivateUsage]
    return {_called(name): value for name, value in named.items()}


def _called(name: str) -> str:
    """An output's name in the shipped texts.

    >>> [_called(name) for name in ("out", "aux", "logits", "aux_logits", "aux_logits2")]
    ['logits', 'aux', 'logits', 'aux', 'aux2']
    """
    return "logits" if name == "out" else name.replace("_logits", "")


def published_gmacs(name: str, size: int) -> float | None:
    """The work that torchvision publishes for images of a size, in GMACs; weights of ImageNet-1K come first."""
    options = list(torchvision.models.get_model_weights(name))
    fitting = [one for one in options if _image_size(one) == size]
    plain = [one for one in fitting if "SWAG" not in one.name]
    chosen = next(iter([*plain, *fitting]), None)
    return None if chosen is None else float(chosen.meta["_ops"])


def _image_size(weights: torchvision.models.WeightsEnum) -> int:
    options = weights.transforms.keywords
    size = options.get("crop_size", options.get("resize_size"))
    return int(size[-1]) if isinstance(size, Sequence) else int(size)
