"""A hypernetwork goes in; a safetensors file comes out, and the other way round; nothing is unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

import torch

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.network import GHN, Origin
from ghndsl.ghn.operators import OPERATORS
from ghndsl.training.files import read_tensors, write_tensors

_FORMAT = "ghndsl-ghn-2"
_MODEL = "model."
_TRAINING = "training."


def save(ghn: GHN, path: str | Path, training: Mapping[str, torch.Tensor] | None = None) -> None:
    """Writes the parameters, and what training needs to go on, if given; whole or not at all."""
    metadata = {
        "format": _FORMAT,
        "ghndsl": version("ghndsl"),
        "config": ghn.config.to_json(),
        "operators": json.dumps(OPERATORS),
        "origin": json.dumps(asdict(ghn.origin)),
    }
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
        config, origin = GHNConfig.from_json(metadata["config"]), Origin(**json.loads(metadata["origin"]))
        _check_operators(path, operators)
        ghn = GHN(config, origin=origin)
        ghn.load_state_dict({name.removeprefix(_MODEL): tensor for name, tensor in tensors.items()})
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise CompileError(Diagnostic("G421", f"{path} is damaged, or of another version: {reason}")) from error
    return ghn.eval()


def _strange(path: str | Path, found: str) -> CompileError:
    if not found.startswith(_FORMAT.rstrip("0123456789")):
        return CompileError(Diagnostic("G421", f"{path} is no hypernetwork", help="`train-ghn` makes one"))
    message = f"{path} is a hypernetwork of the format `{found}`, and `{_FORMAT}` is read"
    return CompileError(Diagnostic("G421", message, help="use the version of ghndsl that made it, or train it anew"))


def load_training(path: str | Path) -> dict[str, torch.Tensor]:
    """What training left in a checkpoint to go on from; empty when nothing."""
    tensors, _ = read_tensors(Path(path), "G421", _TRAINING)
    return {name.removeprefix(_TRAINING): tensor for name, tensor in tensors.items()}


def check_same(path: str | Path, ghn: GHN, config: GHNConfig | None, origin: Origin | None) -> None:
    """Refuses to go on with a hypernetwork of another kind than is asked for, or from other spaces; blocks that are not
    given are its own. Errors: G602."""
    wanted = replace(config, blocks=config.blocks or ghn.config.blocks) if config else ghn.config
    then, now = asdict(ghn.config), asdict(wanted)
    if origin is not None:
        then |= {"learns from": ghn.origin.space, "of the text": ghn.origin.space_hash}
        now |= {"learns from": origin.space, "of the text": origin.space_hash}
    notes = tuple(f"{name}: {then[name]} then, {now[name]} now" for name in then if then[name] != now[name])
    if notes:
        message = f"the training of {path} was begun with other settings"
        raise CompileError(Diagnostic("G602", message, notes=notes, help="give the old ones, or train another"))


def _check_operators(path: str | Path, operators: list[str]) -> None:
    """Codes are places in the list, so an old list must be the beginning of the one of today."""
    for code, (old, new) in enumerate(zip(operators, [*OPERATORS, *[None] * len(operators)], strict=False), start=1):
        if old != new:
            message = f"{path} was trained when operator {code} was `{old}`; now it is " + (
                f"`{new}`" if new else "none"
            )
            raise CompileError(Diagnostic("G422", message, help="use the version of ghndsl that trained it"))
