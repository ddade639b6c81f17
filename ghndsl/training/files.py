"""A path and a way to write go in; a whole file under that path comes out, or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ghndsl.diagnostics import CompileError, Diagnostic


def write_atomically(path: Path, content: bytes) -> None:
    """Writes beside `path`, then renames: nobody sees half a file, and an interruption leaves what was there."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # mkstemp makes files private; this one is to have the rights any new file has.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> None:
    """A safetensors file, written atomically."""
    # Copies, since safetensors refuses tensors that share memory.
    copies = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    write_atomically(path, save(copies, dict(metadata)))


def read_tensors(path: Path, code: str, prefix: str = "") -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The tensors whose names begin with `prefix`, and the metadata; `code` is the refusal of what is no such file."""
    if not path.is_file():
        raise CompileError(Diagnostic(code, f"there is no file `{path}`"))
    try:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118
            return {name: file.get_tensor(name) for name in names}, dict(file.metadata() or {})
    except (SafetensorError, OSError, ValueError) as error:
        message = f"{path} is no safetensors file, or damaged: {error}"
        raise CompileError(Diagnostic(code, message, help="only safetensors files are read")) from error
