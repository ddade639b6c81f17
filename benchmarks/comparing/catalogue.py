"""Nothing goes in; each network that is compared comes out with what it is compared to, and at which sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from torch import nn

from comparing import plain, theirs


@dataclass(frozen=True)
class Pair:
    """A shipped network and the one it should be, and the symbolic sizes of each of its runs.

    `counted` are the outputs that torchvision computes in evaluation, whose work it publishes; none of another network.
    """

    name: str
    build: Callable[[], nn.Module]
    counted: tuple[str, ...] = ()
    sizes: tuple[Mapping[str, int], ...] = ({"N": 2},)


def _torchvisions(name: str, *counted: str) -> Pair:
    return Pair(name, partial(theirs.built, name), counted)


CLASSIFIERS = tuple(_torchvisions(name, "logits") for name in theirs.CLASSIFIERS)
OTHERS = (
    _torchvisions("fcn_resnet50", "logits", "aux"),
    _torchvisions("deeplabv3_resnet50", "logits", "aux"),
    _torchvisions("r3d_18", "logits"),
    Pair("gpt2", plain.GPT2, sizes=({"N": 2, "T": 33},)),
    Pair("lstm_classifier", plain.LSTMClassifier, sizes=({"N": 3, "T": 21},)),
    Pair("unet", plain.UNet, sizes=({"N": 2, "H": 4, "W": 6}, {"N": 2, "H": 7, "W": 3})),
    Pair("siamese", plain.Siamese),
)
PAIRS: Mapping[str, Pair] = {pair.name: pair for pair in (*CLASSIFIERS, *OTHERS)}
