"""A path and its content go in; the whole file is under that path then, or what was there before."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic


def write_atomically(path: Path, content: bytes, *, lasting: bool = True) -> None:
    """Writes beside `path`, then renames: nobody sees half a file, and an interruption leaves what was there.

    So does a power cut, unless the file need not be `lasting`: then the system brings it to the disk when it likes. A
    file that is replaced keeps its rights; a link stays, and the file it leads to is replaced. Errors: G007 when it
    cannot be written.
    """
    place = check_writable(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                if lasting:
                    file.flush()
                    os.fsync(file.fileno())
            # mkstemp makes files private; this one is to have the rights any file there would have.
            os.chmod(temporary, _rights(place))
            os.replace(temporary, place)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from None


@contextmanager
def files_beside(*paths: Path) -> Generator[Path, None, None]:
    """A new folder beside paths of one folder: the files of their names in it take their places, or none does.

    The last may say what the others mean, so it is never there together with others that are not its own. Links among
    them are no places for files that are moved together. Errors: G007 when a file cannot be written.
    """
    for path in paths:
        check_writable(path)
        if path.is_symlink():
            raise _refused(path, "it is a link")
    *others, last = paths
    try:
        with tempfile.TemporaryDirectory(prefix=f".{last.name}.", dir=last.parent) as folder:
            yield Path(folder)
            for path in paths:
                os.chmod(Path(folder) / path.name, _rights(path))
            if any(path.exists() for path in others):
                last.unlink(missing_ok=True)
            for path in paths:
                os.replace(Path(folder) / path.name, path)
    except OSError as error:
        raise _refused(paths[-1], error.strerror or str(error)) from None


def _rights(path: Path) -> int:
    """Those of the file that is there, or of any new one."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def check_writable(path: Path) -> Path:
    """Looks whether a file can be written, before long work whose result it is to hold; returns where it will lie.

    That is where links lead. What is there and is no file, a device or a pipe, is never replaced. Errors: G007.
    """
    place = Path(os.path.realpath(path))
    folder = place.parent if path.is_symlink() else path.parent
    if place.is_symlink():
        raise _refused(path, "it is a link that leads nowhere")
    if place.is_dir():
        raise _refused(path, "it is a folder")
    if not folder.is_dir():
        raise _refused(path, f"there is no folder `{folder}`")
    if place.exists() and not place.is_file():
        raise _refused(path, "it is a device, a pipe or a socket, and no file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refused(path, f"the folder `{folder}` may not be written to")
    if place.exists() and not os.access(place, os.W_OK):
        raise _refused(path, "it may not be written to")
    return place


def _refused(path: Path, reason: str) -> CompileError:
    return CompileError(Diagnostic("G007", f"`{path}` cannot be written: {reason}"))
