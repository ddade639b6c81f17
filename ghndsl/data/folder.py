"""The path of a folder with a folder of images for each class goes in; its training and test images come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from ghndsl.data.raw import Raw, checked, refuse

_ENDINGS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})
_LAYOUT = "a folder holds a folder of images for each class, or `train` and `test` that do"
_GREY = frozenset({"1", "L", "LA"})


@dataclass(frozen=True)
class _Files:
    """The images of a part in order, and the number of the class of each."""

    paths: tuple[Path, ...]
    labels: tuple[int, ...]


def read_folder(path: Path, size: tuple[int, int] | None = None) -> tuple[Raw, Raw | None]:
    """The parts of a folder: `train` and `test` (or, where there is none, `val`) if it has them, else one part.

    Classes are numbered in the order of their names, and files go in the order of theirs, so that the same folder gives
    the same data. All images have the height and width `size`, or else the one that most training images have; others
    are scaled until they cover it, and their middle is cut out. They are grey if all of `train` are, else of three
    colours; what is transparent is lost. Files of other endings are passed over.

    Errors: G402 for a folder without classes; G403 for an image that cannot be read, which is named; G404 for a class
    of the test part alone; G405 for a class without images.
    """
    parts = _parts(path)
    classes = _classes(parts[0])
    if not classes:
        raise refuse("G402", f"the folder `{parts[0]}` holds no folders of images", _LAYOUT)
    found = [_files(part, classes, may_lack=part is not parts[0]) for part in parts]
    with ThreadPoolExecutor() as pool:
        looks = list(pool.map(_look, found[0].paths))
        sizes = Counter(look[0] for look in looks)
        # Of sizes that are equally common, the greatest.
        height, width = size or max(sizes, key=lambda one: (sizes[one], one))
        kind = "L" if all(mode in _GREY for _, mode in looks) else "RGB"
        decode = partial(_decoded, size=(width, height), kind=kind)
        raws = [
            _raw(part, files, list(pool.map(decode, files.paths))) for part, files in zip(parts, found, strict=True)
        ]
    return raws[0], raws[1] if len(raws) > 1 else None


def _parts(path: Path) -> list[Path]:
    """The folders of the parts; a folder `train` that holds images is a class."""
    train = path / "train"
    if not (train.is_dir() and _classes(train)):
        if {"train"} <= {*_classes(path)} <= {"train", "test", "val"}:
            raise refuse("G402", f"the folder `{train}` holds no folders of images", _LAYOUT)
        return [path]
    return [train, *[path / name for name in ("test", "val") if (path / name).is_dir()][:1]]


def _classes(part: Path) -> list[str]:
    return sorted(one.name for one in part.iterdir() if one.is_dir() and not one.name.startswith("."))


def _files(part: Path, classes: Sequence[str], *, may_lack: bool) -> _Files:
    """The images of each class, also those in folders below it; a test part may lack classes."""
    strange = [name for name in _classes(part) if name not in classes]
    if strange:
        raise refuse("G404", f"`{part / strange[0]}` is a class that the training part does not have")
    paths: list[Path] = []
    labels: list[int] = []
    for label, name in enumerate(classes):
        images = sorted(one for one in (part / name).rglob("*") if one.suffix.lower() in _ENDINGS and one.is_file())
        images = [one for one in images if not one.name.startswith(".")]
        if not (images or may_lack):
            endings = ", ".join(sorted(_ENDINGS))
            raise refuse("G405", f"the class `{part / name}` holds no image", f"images end in {endings}")
        paths += images
        labels += [label] * len(images)
    return _Files(tuple(paths), tuple(labels))


def _raw(part: Path, files: _Files, images: Sequence[npt.NDArray[np.uint8]]) -> Raw:
    if not images:
        raise refuse("G405", f"`{part}` holds no image", _LAYOUT)
    return checked(str(part), "images", {"x": np.stack(images)}, np.array(files.labels, dtype=np.int64))


def _look(path: Path) -> tuple[tuple[int, int], str]:
    """An image's height and width, and how its colours are kept."""
    with _readable(path), Image.open(path) as image:
        if image.mode[0] in "IF":
            raise refuse(
                "G403", f"{path} holds more than 8 bits for a pixel and colour", "keep such images in an `.npz`"
            )
        return (image.height, image.width), image.mode


def _decoded(path: Path, size: tuple[int, int], kind: str) -> npt.NDArray[np.uint8]:
    """Pixels `[h, w, c]` of an image that is scaled and cut to a width and height."""
    with _readable(path), Image.open(path) as image:
        # A colour that stands for nothing is first written out, as the library asks for.
        clear = image.convert("RGBA") if "transparency" in image.info else image
        pixels = np.asarray(ImageOps.fit(clear.convert(kind), size, Image.Resampling.BILINEAR), dtype=np.uint8)
        return pixels if pixels.ndim == 3 else pixels[..., None]


@contextmanager
def _readable(path: Path) -> Generator[None]:
    """Refuses a file that is no image, or a damaged one, by name."""
    try:
        yield
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise refuse("G403", f"{path} is no image, or damaged: {error}") from error
