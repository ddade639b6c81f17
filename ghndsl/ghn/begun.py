"""All that a training depends on goes in; a record of it, which another must equal to go on with it, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import blake2b

from ghndsl.data import Dataset, fingerprint
from ghndsl.ghn.config import GHNConfig
from ghndsl.ghn.network import Origin
from ghndsl.ghn.settings import GHNSettings
from ghndsl.ir import Graph
from ghndsl.passes import simplify

_FREE = ("steps", "minutes", "save_every")
"""Settings that may change: a training may be made longer."""


def begun(
    settings: GHNSettings, seed: int, data: Dataset, held_out: Sequence[Graph], about: Mapping[str, str]
) -> dict[str, str]:
    """What a training is begun with, in words by name; `about` is what else it depends on."""
    lines = " ".join(sorted(simplify(graph).id for graph in held_out))
    found = {name: value for name, value in asdict(settings).items() if name not in _FREE}
    found |= {"seed": seed, "data": fingerprint(data), **about}
    found["held out"] = f"{len(held_out)} ({blake2b(lines.encode(), digest_size=8).hexdigest()})"
    return {name: str(value) for name, value in found.items()}


def described(config: GHNConfig, origin: Origin) -> dict[str, str]:
    """A hypernetwork's config, and where it comes from, in words by name."""
    found = {**asdict(config), "learns from": origin.space, "of the text": origin.space_hash}
    return {name: str(value) for name, value in found.items()}
