"""A folder with a folder of images for each class: what it gives, in which order, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ghndsl.data import load
from ghndsl.data.folder import read_folder
from ghndsl.diagnostics import CompileError

RNG = np.random.default_rng(0)


def draw(path: Path, shape: tuple[int, ...] = (6, 5, 3), value: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RNG.integers(0, 256, shape, dtype=np.uint8) if value is None else np.full(shape, value, np.uint8)
    Image.fromarray(pixels).save(path)


def filled(folder: Path, classes: Sequence[str] = "ab", count: int = 5, shape: tuple[int, ...] = (6, 5, 3)) -> Path:
    for label, name in enumerate(classes):
        for number in range(count):
            draw(folder / name / f"{number}.png", shape, 10 * label + number)
    return folder


def test_classes_and_files_go_in_order(tmp_path: Path) -> None:
    filled(tmp_path, "ba")
    for stray in ("b/notes.txt", ".hidden/x.png", "b/._0.png"):
        (tmp_path / stray).parent.mkdir(exist_ok=True)
        (tmp_path / stray).write_text("no image")
    raw, test = read_folder(tmp_path)
    assert test is None
    assert raw.targets.tolist() == [0] * 5 + [1] * 5
    assert raw.inputs["x"][:, 0, 0, 0].tolist() == [10, 11, 12, 13, 14, 0, 1, 2, 3, 4]


@pytest.mark.parametrize("second", ["test", "val"])
def test_parts(tmp_path: Path, second: str) -> None:
    filled(tmp_path / "train", count=10)
    filled(tmp_path / second, "b", count=3)
    data = load(str(tmp_path))
    assert [len(part) for part in (data.train, data.validation, data.test)] == [18, 2, 3]
    assert data.test.targets.tolist() == [1, 1, 1]
    assert (data.shape, data.classes) == ((3, 6, 5), 2)
    again = load(str(tmp_path))
    assert torch.equal(data.train.inputs["x"], again.train.inputs["x"])


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    filled(tmp_path / "x", "a")
    (tmp_path / "x" / "a").rename(tmp_path / "x" / "train")
    filled(tmp_path / "x", "b")
    raw, _ = read_folder(tmp_path / "x")
    assert raw.targets.tolist() == [0] * 5 + [1] * 5


def test_sizes(tmp_path: Path) -> None:
    """The most common size, or the one asked for; others cover it, and their middle is cut out."""
    filled(tmp_path)
    wide = np.zeros((6, 15, 3), np.uint8)
    wide[:, 5:10] = 200
    Image.fromarray(wide).save(tmp_path / "a" / "wide.png")
    raw, _ = read_folder(tmp_path)
    assert raw.inputs["x"].shape == (11, 6, 5, 3)
    assert set(raw.inputs["x"][5].flatten().tolist()) == {200}
    assert read_folder(tmp_path, (12, 10))[0].inputs["x"].shape == (11, 12, 10, 3)
    assert load(str(tmp_path), size=(4, 4)).shape == (3, 4, 4)


def test_colours(tmp_path: Path) -> None:
    """Grey where all are; palettes, transparency and one colour image make three channels."""
    filled(tmp_path, shape=(6, 5))
    assert read_folder(tmp_path)[0].inputs["x"].shape == (10, 6, 5, 1)
    palette = Image.fromarray(np.full((6, 5, 3), 7, np.uint8)).convert("P")
    palette.save(tmp_path / "a" / "p.gif", transparency=0)
    Image.fromarray(np.full((6, 5, 4), 9, np.uint8)).save(tmp_path / "a" / "q.PNG")
    images = read_folder(tmp_path)[0].inputs["x"]
    assert images.shape == (12, 6, 5, 3)
    assert set(images[6].flatten().tolist()) == {9}


def cut(path: Path) -> None:
    draw(path, (64, 64, 3))
    path.write_bytes(path.read_bytes()[:2000])


REFUSED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "text": (lambda folder: (folder / "b/x.png").write_text("no image"), "G403", "x.png is no image, or damaged"),
    "empty file": (lambda folder: (folder / "b/x.jpg").write_bytes(b""), "G403", "x.jpg is no image, or damaged"),
    "cut short": (lambda folder: cut(folder / "b/x.png"), "G403", "x.png is no image, or damaged"),
    "16 bits": (
        lambda folder: Image.fromarray(np.full((6, 5), 999, np.uint16)).save(folder / "b/x.png"),
        "G403",
        "x.png holds more than 8 bits",
    ),
    "empty class": (lambda folder: (folder / "c").mkdir(), "G405", "c` holds no image"),
}


@pytest.mark.parametrize(("harm", "code", "words"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("parts", [True, False])
def test_refused(tmp_path: Path, harm: Callable[[Path], object], code: str, words: str, parts: bool) -> None:
    folder = filled(tmp_path / "train" if parts else tmp_path)
    harm(folder)
    with pytest.raises(CompileError) as caught:
        load(str(tmp_path))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert words in diagnostic.message


def test_refused_parts(tmp_path: Path) -> None:
    filled(tmp_path / "train")
    filled(tmp_path / "test", "bc")
    with pytest.raises(CompileError, match=r"G404(?s:.*)test/c"):
        read_folder(tmp_path)
    (tmp_path / "none").mkdir()
    filled(tmp_path / "flat", ["train", "test"])
    with pytest.raises(CompileError, match=r"G402(?s:.*)train` holds no folders"):
        read_folder(tmp_path / "flat")
    with pytest.raises(CompileError, match=r"G402(?s:.*)folder"):
        load(str(tmp_path / "none"))
