"""Data that vanishes or changes: a search that has it goes on, and one that is to be gone on with is left as it is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from commanding import Done, call
from PIL import Image
from seeking import kept, results

from ghndsl.cli import searching
from ghndsl.search.store.schema import FILE, LOCK
from ghndsl.training.progress import Progress, Watch

SPACE = """
space three() {
    input image: f32[N, 1, 6, 6]
    choose width from 1..8
    choose act from [relu, tanh]
    output logits = image -> conv(width, 3) -> act -> flatten -> linear(3)
}
"""
STEPS = 5
"""Candidates after which something happens."""
WORDS = ("--scorer", "params", "--candidates", "9", "--finalists", "1", "--controls", "1", "--epochs", "1")
Pixels = npt.NDArray[np.uint8]


def as_npz(path: Path, images: Pixels, labels: npt.NDArray[np.int64]) -> None:
    with path.open("wb") as file:
        np.savez(file, x_train=images, y_train=labels)


def as_folder(path: Path, images: Pixels, labels: npt.NDArray[np.int64]) -> None:
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        (path / f"class{label}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path / f"class{label}" / f"{number:03}.png")


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
        return
    path.unlink()


def damage(path: Path) -> None:
    file = path / "class0" / "000.png" if path.is_dir() else path
    file.write_bytes(file.read_bytes()[:-30])


Write = Callable[[Path, Pixels, npt.NDArray[np.int64]], None]
KINDS: Mapping[str, tuple[str, Write]] = {"npz": ("set.npz", as_npz), "folder": ("./images", as_folder)}


class Place:
    """A folder with a space and data."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        self.name, self._write = KINDS[kind]
        self.data = folder / self.name
        (folder / "space.nas").write_text(SPACE, encoding="utf-8")
        self.write()

    def write(self, seed: int = 0) -> None:
        """Writes the data of a seed, in the place of what is there."""
        if self.data.exists():
            remove(self.data)
        images = np.random.default_rng(seed).integers(0, 256, (60, 6, 6), np.uint8)
        self._write(self.data, images, np.arange(60) % 3)

    def search(self, *words: str, run: str = "run", code: int = 0) -> Done:
        """A search on them."""
        given = ("search", "space.nas", "--data", self.name, "-o", run, "--workers", "1", *WORDS, *words)
        return call(self.folder, *given, code=code)

    def files(self) -> dict[str, bytes]:
        """All that the run holds, but for whose turn it was to write it, and what SQLite needs to read it."""
        run = self.folder / "run"
        beside = (LOCK, "run.sqlite-shm", "run.sqlite-wal")
        paths = [path for path in run.rglob("*") if path.is_file() and path.name not in beside]
        return {str(path.relative_to(run)): path.read_bytes() for path in paths}

    def found(self, run: str = "run") -> tuple[Mapping[str, object], Mapping[str, object]]:
        """What a run found."""
        return kept(self.folder / run), results(self.folder / run)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path, request.param)


def at_step(monkeypatch: pytest.MonkeyPatch, event: Callable[[], object]) -> None:
    """What happens to the next search after some candidates."""

    def watch(title: str) -> Progress:
        def tell(step: int, total: int, text: str) -> None:
            if (title, step) == ("Scoring candidates", STEPS):
                event()

        return tell

    @contextmanager
    def following(_run: Path) -> Generator[Watch]:
        yield watch

    monkeypatch.setattr(searching, "following", following)


def interrupt() -> None:
    raise KeyboardInterrupt


REFUSED: Mapping[str, tuple[Callable[[Place], object], str]] = {
    "deleted": (lambda place: remove(place.data), "G402"),
    "cut off": (lambda place: damage(place.data), "G403"),
    "changed": (lambda place: place.write(1), "G602"),
}


def test_a_run_whose_data_is_gone_is_left_as_it_is(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.search(run="undisturbed")
    with monkeypatch.context() as patch:
        at_step(patch, interrupt)
        place.search(code=130)
    before = place.files()
    assert FILE in before
    for happens, code in REFUSED.values():
        happens(place)
        said = place.search("--resume", code=1)
        assert said.stdout == ""
        assert re.findall(r"error\[(\w+)\]", said.stderr) == [code], said.stderr
        assert place.files() == before
        place.write()
    assert kept(place.folder / "run")["status"] == "interrupted"
    place.search("--resume")
    assert place.found() == place.found("undisturbed")


def test_a_search_goes_on_when_its_data_vanishes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.search(run="undisturbed")
    at_step(monkeypatch, lambda: remove(place.data))
    place.search()
    assert not place.data.exists()
    assert place.found() == place.found("undisturbed")
