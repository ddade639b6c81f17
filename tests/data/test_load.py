"""What `load` gives, and what it refuses."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from ghndsl.data import load
from ghndsl.diagnostics import CompileError

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (40, 6, 5, 3), dtype=np.uint8)
Y = np.arange(40) % 4


def npz(**arrays: np.ndarray) -> Callable[[Path], None]:
    return lambda path: np.savez(path, **arrays)


def damaged(path: Path) -> None:
    np.savez_compressed(path, x_train=X, y_train=Y)
    content = bytearray(path.read_bytes())
    content[200:600] = bytes(400)
    path.write_bytes(content)


def truncated(path: Path) -> None:
    np.savez(path, x_train=X, y_train=Y)
    path.write_bytes(path.read_bytes()[:-100])


def false_header(path: Path) -> None:
    """A header that promises 10^12 images."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**12, 8, 8)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_train.npy", header.getvalue())
        archive.writestr("y_train.npy", b"")


def junk_member(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_train.npy", b"no array at all")
        archive.writestr("y_train.npy", b"")


REFUSED = [
    ("text", lambda path: path.write_text("hello"), "G403", "not an `.npz`"),
    ("empty file", lambda path: path.write_bytes(b""), "G403", "not an `.npz`"),
    ("bytes", lambda path: path.write_bytes(bytes(range(256)) * 100), "G403", "not an `.npz`"),
    ("damaged", damaged, "G403", ""),
    ("truncated", truncated, "G403", "damaged"),
    ("false header", false_header, "G403", "x_train"),
    ("junk member", junk_member, "G403", "x_train"),
    ("no x_train", npz(x=X, y_train=Y), "G403", "x_train"),
    ("no y_test", npz(x_train=X, y_train=Y, x_test=X), "G403", "y_test"),
    ("flat images", npz(x_train=X.reshape(40, -1), y_train=Y), "G403", "(40, 90)"),
    ("no pixels", npz(x_train=X[:, :0], y_train=Y), "G403", "(40, 0, 5, 3)"),
    ("objects", npz(x_train=X, y_train=Y.astype(object)), "G403", "objects"),
    ("other test size", npz(x_train=X, y_train=Y, x_test=X[:, :4], y_test=Y), "G403", "(4, 5, 3)"),
    ("negative", npz(x_train=X, y_train=Y - 1), "G404", "negative"),
    ("from one", npz(x_train=X, y_train=Y + 1), "G404", "label 0"),
    ("gap", npz(x_train=X, y_train=np.where(Y == 3, 10**6, Y)), "G404", "label 3"),
    ("fewer labels", npz(x_train=X, y_train=Y[:-1]), "G404", "`x_train` has 40 rows but `y_train` has 39"),
    ("strange test label", npz(x_train=X, y_train=Y, x_test=X, y_test=Y + 1), "G404", "label 4"),
    ("no images", npz(x_train=X[:0], y_train=Y[:0]), "G405", "no sample"),
    ("empty test", npz(x_train=X, y_train=Y, x_test=X[:0], y_test=Y[:0]), "G405", "no sample"),
    ("two images", npz(x_train=X[:2], y_train=Y[:2]), "G405", "would be empty"),
]


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("make", "code", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_file(tmp_path: Path, make: Callable[[Path], None], code: str, words: str) -> None:
    path = tmp_path / "set.npz"
    make(path)
    with pytest.raises(CompileError) as caught:
        load(str(path))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert words in diagnostic.message


@pytest.mark.parametrize(
    ("spec", "root", "code", "words"),
    [
        ("digit", None, "G401", "did you mean `digits`?"),
        ("CIFAR10", None, "G401", "did you mean `cifar10`?"),
        ("pictures", None, "G401", "mnist"),
        ("no/such.npz", None, "G402", "was looked for"),
        ("cifar10", None, "G406", "--data-root"),
        ("mnist", "no/such/folder", "G406", "no/such/folder"),
        ("svhn", ".", "G406", "download=True"),
    ],
)
@pytest.mark.usefixtures("empty_folder")
def test_refused_name(spec: str, root: str | None, code: str, words: str) -> None:
    with pytest.raises(CompileError) as caught:
        load(spec, root)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert words in str(diagnostic)
    assert not list(Path().iterdir())


def test_npz_round_trip(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x_train=X, y_train=Y.astype(np.uint8), x_test=X[:9], y_test=Y[:9])
    data = load(str(tmp_path / "a.npz"))
    assert data.shape == (3, 6, 5)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [36, 4, 9]
    mean, std = (torch.tensor(values)[:, None, None] for values in (data.scales["x"].mean, data.scales["x"].std))
    pixels = data.test.inputs["x"] * std + mean
    found = (pixels * 255).round().byte().flatten(1).numpy()
    given = X[:9].transpose(0, 3, 1, 2).reshape(9, -1)
    assert sorted(map(bytes, found)) == sorted(map(bytes, given))
    assert sorted(data.test.targets.tolist()) == sorted(Y[:9])


def test_grey_images_get_a_channel(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=X[..., 0], y_train=Y)
    assert load(str(tmp_path / "a.npz")).shape == (1, 6, 5)


def test_a_set_of_torchvision(tmp_path: Path) -> None:
    """MNIST's own file format, written here, read back through torchvision."""
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for stem, count in (("train", 50), ("t10k", 10)):
        images = RNG.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        sizes = b"".join(size.to_bytes(4, "big") for size in (0x803, count, 28, 28))
        (folder / f"{stem}-images-idx3-ubyte").write_bytes(sizes + images.tobytes())
        sizes = b"".join(size.to_bytes(4, "big") for size in (0x801, count))
        (folder / f"{stem}-labels-idx1-ubyte").write_bytes(sizes + labels.tobytes())
    data = load("mnist", str(tmp_path))
    assert (data.shape, data.classes) == ((1, 28, 28), 10)
    assert (len(data.train), len(data.validation), len(data.test)) == (45, 5, 10)


@pytest.mark.parametrize("has_tests", [False, True])
def test_rows_tell_where_samples_come_from(has_tests: bool, tmp_path: Path) -> None:
    tests = {"x_test": X[:10], "y_test": np.arange(10) % 4} if has_tests else {}
    np.savez(tmp_path / "set.npz", x_train=X, y_train=Y, **tests)
    data = load(str(tmp_path / "set.npz"))
    rows = data.rows
    assert rows is not None
    assert rows.has_tests is has_tests
    drawn = [*rows.train, *rows.validation]
    assert sorted(drawn if has_tests else [*drawn, *rows.test]) == list(range(40))
    scale = data.scales["x"]
    for part, some in ((data.train, rows.train), (data.validation, rows.validation), (data.test, rows.test)):
        pixels = torch.from_numpy(X[some]).permute(0, 3, 1, 2) / 255
        mean, std = (torch.tensor(one)[:, None, None] for one in (scale.mean, scale.std))
        torch.testing.assert_close(part.inputs["x"], (pixels - mean) / std, rtol=1e-5, atol=1e-5)
        assert part.targets.tolist() == (some % 4).tolist()
    few = data.few(3).rows
    assert few is not None
    assert few.train.tolist() == rows.train[:3].tolist()
