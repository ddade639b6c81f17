"""All that a training depends on goes in; a record of it, which another must equal to go on with it, comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import blake2b

import torch

from ghndsl.data import Dataset, fingerprint
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.training.settings import Settings
from ghndsl.training.team import Team


def begun(
    graph: Graph,
    data: Dataset,
    settings: Settings,
    seed: int,
    weights: Mapping[str, torch.Tensor] | None,
    together: Team,
) -> dict[str, str]:
    """What the training of one network is begun with, in words by name. Nothing of it may change: the number of passes
    decides the rate of each."""
    found = {**asdict(settings), "seed": seed, "data": fingerprint(data), "network": graph.id}
    found |= {"device": together.device.type, "processes": together.size}
    found["first weights"] = "drawn" if weights is None else _digest(weights)
    return {name: str(value) for name, value in found.items()}


def check_same(path: object, then: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Refuses to go on with a training that was begun with something else, or with less or more. Errors: G602."""
    pairs = {name: (then.get(name, "nothing"), now.get(name, "nothing")) for name in {**then, **now}}
    notes = tuple(f"{name}: {old} then, {new} now" for name, (old, new) in pairs.items() if old != new)
    if notes:
        message = f"the training of {path} was begun with other settings"
        raise CompileError(Diagnostic("G602", message, notes=notes, help="give the old ones, or train another"))


def _digest(weights: Mapping[str, torch.Tensor]) -> str:
    digest = blake2b(digest_size=8)
    for name, tensor in sorted(weights.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
