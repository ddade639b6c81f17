"""Named tensors go into a safetensors file, and come out of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.files import write_atomically


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> None:
    """A safetensors file, written atomically."""
    # Copies, since safetensors refuses tensors that share memory.
    copies = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    write_atomically(path, _in_order(save(copies, dict(metadata))))


def _in_order(content: bytes) -> bytes:
    """A safetensors file with its metadata sorted: the library keeps them in an order that changes from run to run."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    # The format pads its header with spaces, so that tensors begin at a multiple of eight bytes.
    text = text.ljust(-(-len(text) // 8) * 8)
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


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


def like(tensors: Mapping[str, torch.Tensor], name: str, other: torch.Tensor) -> torch.Tensor:
    """A tensor of the shape and element type of another, where that is.

    Raises KeyError when there is none of the name, ValueError when it is another.
    """
    found = tensors[name]
    if (found.shape, found.dtype) != (other.shape, other.dtype):
        kinds = [f"{tensor.dtype} {tuple(tensor.shape)}" for tensor in (found, other)]
        raise ValueError(f"`{name}` is {kinds[0]}, not {kinds[1]}")
    return found.to(other.device)


def damaged(path: str | Path, error: Exception, code: str) -> CompileError:
    """The refusal, by its code, of a file that holds something else than it should."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    reason = f"it lacks {error}" if isinstance(error, KeyError) else lines[-1].strip()
    return CompileError(Diagnostic(code, f"{path} is damaged, or of another version: {reason}"))
