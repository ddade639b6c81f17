"""The path of an `.npz` goes in; its training images and, if it has them, its test images come out."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ghndsl.data.raw import Raw, checked, refuse

_KEYS = "the arrays are `x_train`, `y_train` and, if there are any, `x_test`, `y_test`"
_LIMIT = 2**32


def read_npz(path: Path) -> tuple[Raw, Raw | None]:
    """The parts of a file; nothing in it is unpickled.

    Errors: G402 missing; G403 not an archive, damaged, or arrays of the wrong kind; G404 labels; G405 empty.
    """
    if not path.is_file():
        raise refuse("G402", f"there is no file `{path}`", f"{path.absolute()} was looked for")
    try:
        with zipfile.ZipFile(path) as archive:
            return _parts(str(path), archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise refuse("G403", f"{path} is not an `.npz` file, or damaged: {error}", _KEYS) from error


def _parts(source: str, archive: zipfile.ZipFile) -> tuple[Raw, Raw | None]:
    names = {name.removesuffix(".npy") for name in archive.namelist()}
    wanted = ["x_train", "y_train"]
    if names & {"x_test", "y_test"}:
        wanted += ["x_test", "y_test"]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise refuse("G403", f"{source}: no array `{missing[0]}` among {sorted(names)[:8]}", _KEYS)
    arrays = [_array(source, archive, name) for name in wanted]
    train = checked(source, "train", arrays[0], arrays[1])
    return train, checked(source, "test", arrays[2], arrays[3]) if len(arrays) == 4 else None


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
