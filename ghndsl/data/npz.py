"""The path of an `.npz` goes in; its training samples and, if it has them, its test samples come out."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ghndsl.data.raw import Raw, checked, refuse

_KEYS = (
    "the arrays are `x_train`, or one `NAME_train` for each input of the network, `y_train`, and, if there is a test "
    "part, the same with `_test`"
)
_LIMIT = 2**32


def read_npz(path: Path) -> tuple[Raw, Raw | None]:
    """The parts of a file; nothing in it is unpickled.

    Errors: G402 missing; G403 not an archive, damaged, or arrays of the wrong kind; G404 targets; G405 empty.
    """
    if path.is_dir():
        raise refuse("G402", f"`{path}` is a folder, and no `.npz` file")
    if not path.is_file():
        what = "file" if path.suffix == ".npz" else "file or folder"
        raise refuse("G402", f"there is no {what} `{path}`", f"{path.absolute()} was looked for")
    try:
        with zipfile.ZipFile(path) as archive:
            return _parts(str(path), archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise refuse("G403", f"{path} is not an `.npz` file, or damaged: {error}", _KEYS) from error


def _parts(source: str, archive: zipfile.ZipFile) -> tuple[Raw, Raw | None]:
    names = {name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")}
    inputs = sorted({name.rpartition("_")[0] for name in names if name.endswith(("_train", "_test"))} - {"y"}) or ["x"]
    parts = ["train", "test"] if any(name.endswith("_test") for name in names) else ["train"]
    for part in parts:
        for missing in (name for name in (f"{key}_{part}" for key in (*inputs, "y")) if name not in names):
            raise refuse("G403", f"{source}: no array `{missing}` among {sorted(names)[:8]}", _KEYS)
    train, *test = (_part(source, archive, part, inputs) for part in parts)
    return train, test[0] if test else None


def _part(source: str, archive: zipfile.ZipFile, part: str, inputs: list[str]) -> Raw:
    arrays = {name: _array(source, archive, f"{name}_{part}") for name in inputs}
    return checked(source, part, arrays, _array(source, archive, f"y_{part}"))


def _array(source: str, archive: zipfile.ZipFile, name: str) -> npt.NDArray[np.generic]:
    """One array; its header is read first, so that a false size is refused before memory is asked for."""
    entry = archive.getinfo(f"{name}.npy")
    if entry.file_size > _LIMIT:
        raise refuse("G403", f"{source}: `{name}` takes {entry.file_size} bytes, more than {_LIMIT}")
    try:
        with archive.open(entry) as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(file)
            start = file.tell()
            if dtype.hasobject or start + dtype.itemsize * int(np.prod(shape, dtype=object)) != entry.file_size:
                raise ValueError("it holds objects, or less or more than its header says")
            file.seek(0)
            return np.lib.format.read_array(file, allow_pickle=False)
    except ValueError as error:
        raise refuse("G403", f"{source}: `{name}` cannot be read: {error}", _KEYS) from error
