"""The name of one of torchvision's image sets and its folder go in; its training and test images come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ghndsl.data.raw import Raw, checked, refuse


@dataclass(frozen=True)
class _Vision:
    """A class of `torchvision.datasets` and the arguments that give its two parts."""

    kind: str
    train: Mapping[str, str | bool] = field(default_factory=lambda: {"train": True})
    test: Mapping[str, str | bool] = field(default_factory=lambda: {"train": False})
    channels_first: bool = False


_SPLIT = {"train": {"split": "train"}, "test": {"split": "test"}}

VISION = {
    "cifar10": _Vision("CIFAR10"),
    "cifar100": _Vision("CIFAR100"),
    "fashion_mnist": _Vision("FashionMNIST"),
    "kmnist": _Vision("KMNIST"),
    "mnist": _Vision("MNIST"),
    "stl10": _Vision("STL10", **_SPLIT, channels_first=True),
    "svhn": _Vision("SVHN", **_SPLIT, channels_first=True),
    "usps": _Vision("USPS"),
}
"""The sets whose images all have one size, by their names here."""


def read_vision(name: str, root: str | None, *, download: bool) -> tuple[Raw, Raw]:
    """Both parts of a set; G406 when it is not under `root`, or damaged. Fetches it only when `download` is asked for.

    What torchvision unpickles (CIFAR) it first compares with a checksum of its own.
    """
    if root is None:
        raise refuse("G406", f"where is `{name}`? No data root is given", f"say where it is with {_flag(name)}")
    if not download and not Path(root).is_dir():
        raise refuse("G406", f"`{name}` is not at hand: there is no folder `{root}`", _advice(name, root))
    set_ = VISION[name]
    return _part(name, set_, root, "train", download), _part(name, set_, root, "test", download)


def _part(name: str, set_: _Vision, root: str, part: str, download: bool) -> Raw:
    from torchvision import datasets

    arguments = set_.train if part == "train" else set_.test
    try:
        found = getattr(datasets, set_.kind)(root, download=download, **arguments)
    except (RuntimeError, OSError, EOFError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refuse(
            "G406", f"`{name}` was not found under `{Path(root).absolute()}`: {reason}", _advice(name, root)
        ) from error
    images = np.asarray(found.data)
    labels = np.asarray(found.targets if hasattr(found, "targets") else found.labels)
    if set_.channels_first:
        images = images.transpose(0, 2, 3, 1)
    return checked(name, part, {"x": images}, labels)


def _flag(name: str) -> str:
    return f"`--data {name} --data-root FOLDER`"


def _advice(name: str, root: str) -> str:
    kind = VISION[name].kind
    fetch = f'python -c "from torchvision.datasets import {kind}; {kind}({root!r}, download=True)"'
    return f"point {_flag(name)} at the folder torchvision keeps it in, or fetch it: {fetch}"
