"""A hypernetwork goes in; a safetensors file comes out, and the other way round; nothing is unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import torch

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.network import GHN, Origin
from ghndsl.ghn.operators import OPERATORS
from ghndsl.training.files import damaged, read_tensors, write_tensors

_FORMAT = "ghndsl-ghn-2"
_MODEL = "model."
_TRAINING = "training."


def save(
    ghn: GHN,
    path: str | Path,
    training: Mapping[str, torch.Tensor] | None = None,
    begun: Mapping[str, str] | None = None,
) -> None:
    """Writes the parameters, and what training needs to go on and was begun with, if given; whole or not at all."""
    metadata = {
        "format": _FORMAT,
        "ghndsl": version("ghndsl"),
        "config": ghn.config.to_json(),
        "operators": json.dumps(OPERATORS),
        "origin": json.dumps(asdict(ghn.origin)),
    }
    metadata |= {"begun": json.dumps(begun)} if begun else {}
    tensors = {_MODEL + name: tensor for name, tensor in ghn.state_dict().items()}
    tensors |= {_TRAINING + name: tensor for name, tensor in (training or {}).items()}
    write_tensors(Path(path), tensors, metadata)


def load(path: str | Path) -> GHN:
    """The hypernetwork of a file, on the CPU, ready to generate.

    Errors: G421 when the file is none, or damaged; G422 when an operator's code is not what it was.
    """
    tensors, metadata = read_tensors(Path(path), "G421", _MODEL)
    if metadata.get("format") != _FORMAT:
        raise _strange(path, metadata.get("format", ""))
    try:
        operators = json.loads(metadata["operators"])
        config, origin = GHNConfig.from_json(metadata["config"]), _origin(json.loads(metadata["origin"]))
        _check_operators(path, operators)
        ghn = GHN(config, origin=origin)
        _check_numbers(path, tensors)
        ghn.load_state_dict({name.removeprefix(_MODEL): tensor for name, tensor in tensors.items()})
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError) as error:
        raise damaged(path, error, "G421") from error
    return ghn.eval()


def _strange(path: str | Path, found: str) -> CompileError:
    if not found.startswith(_FORMAT.rstrip("0123456789")):
        return CompileError(Diagnostic("G421", f"{path} is no hypernetwork", help="`train-ghn` makes one"))
    message = f"{path} is a hypernetwork of the format `{found}`, and `{_FORMAT}` is read"
    return CompileError(Diagnostic("G421", message, help="use the version of ghndsl that made it, or train it anew"))


def load_training(path: str | Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """What training left in a checkpoint to go on from, and what it was begun with; empty when nothing.

    Errors: G421 when the file is none, or damaged.
    """
    tensors, metadata = read_tensors(Path(path), "G421", _TRAINING)
    try:
        record = {str(name): str(value) for name, value in json.loads(metadata.get("begun", "{}")).items()}
    except (ValueError, AttributeError) as error:
        raise damaged(path, error, "G421") from error
    return {name.removeprefix(_TRAINING): tensor for name, tensor in tensors.items()}, record


def _origin(found: dict[str, object]) -> Origin:
    """Where a hypernetwork comes from; raises ValueError for what is no such record."""
    space, text_hash, steps = found["space"], found["space_hash"], found["steps"]
    if not (isinstance(space, str) and isinstance(text_hash, str) and type(steps) is int):
        raise ValueError("where it comes from is not told in words")
    return Origin(space, text_hash, steps)


def _check_numbers(path: str | Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Refuses parameters that are no real numbers, or none at all."""
    for name, tensor in tensors.items():
        if tensor.dtype != torch.float32:
            raise ValueError(f"`{name}` is {tensor.dtype}, not {torch.float32}")
        if not bool(tensor.isfinite().all()):
            message = f"`{name.removeprefix(_MODEL)}` of {path} is no number: its training diverged"
            raise CompileError(Diagnostic("G421", message, help="train it again, with a smaller --lr"))


def _check_operators(path: str | Path, operators: list[str]) -> None:
    """Codes are places in the list, so an old list must be the beginning of the one of today."""
    for code, (old, new) in enumerate(zip(operators, [*OPERATORS, *[None] * len(operators)], strict=False), start=1):
        if old != new:
            message = f"{path} was trained when operator {code} was `{old}`; now it is " + (
                f"`{new}`" if new else "none"
            )
            raise CompileError(Diagnostic("G422", message, help="use the version of ghndsl that trained it"))
