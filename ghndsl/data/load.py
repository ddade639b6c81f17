"""The name of a data set, or a path, goes in; the data set comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ghndsl.data.assemble import assemble
from ghndsl.data.dataset import Dataset
from ghndsl.data.npz import read_npz
from ghndsl.data.raw import Raw, checked, refuse
from ghndsl.data.vision import VISION, read_vision
from ghndsl.diagnostics import did_you_mean


def load(
    spec: str,
    root: str | None = None,
    seed: int = 0,
    *,
    download: bool = False,
    size: tuple[int, int] | None = None,
) -> Dataset:
    """The data that `spec` names: `digits`, one of torchvision's image sets (with `root`), or the path of an `.npz` or
    of a folder with a folder of images for each class.

    `seed` draws the parts. Nothing is fetched from elsewhere unless `download` asks for it. `size` is the height and
    width at which the images of a folder are read. Errors (CompileError): G401 unknown name, G402 missing file, G403
    damaged or wrong arrays, G404 targets, G405 empty, G406 not under `root`.

    >>> data = load("digits")
    >>> data.shape, data.classes, len(data.train), len(data.validation), len(data.test)
    ((1, 8, 8), 10, 1079, 359, 359)
    """
    if spec == "digits":
        return assemble(spec, _digits(), None, seed)
    if spec in VISION:
        return assemble(spec, *read_vision(spec, root, download=download), seed)
    if spec and Path(spec).is_dir():
        # It brings what decodes images, which other data does without.
        from ghndsl.data.folder import read_folder

        return assemble(spec, *read_folder(Path(spec), size), seed)
    if spec.endswith(".npz") or Path(spec).name != spec or Path(spec).exists():
        return assemble(spec, *read_npz(Path(spec)), seed)
    names = ["digits", *VISION]
    raise refuse(
        "G401",
        f"there is no data set `{spec}`",
        did_you_mean(spec, names) or f"the data is the path of an `.npz` or a folder, or one of {', '.join(names)}",
    )


def _digits() -> Raw:
    """Scikit-learn's digits: 1797 grey images of 8x8, sixteen shades, spread here over 0 to 255."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    images = np.rint(np.asarray(pixels).reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    return checked("digits", "train", {"x": images}, np.asarray(labels))
