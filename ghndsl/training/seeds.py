"""A seed and what it is for go in; a seed for just that comes out."""

from __future__ import annotations

from hashlib import blake2b

import torch


def derived(seed: int, *purpose: str | int) -> int:
    """A seed of 63 bits that differs with each purpose, so that any step can be drawn without those before it.

    >>> derived(0, "batch", 1) == derived(0, "batch", 1) != derived(0, "batch", 2)
    True
    """
    digest = blake2b(repr((seed, *purpose)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def generator(seed: int, *purpose: str | int, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator of its own for each purpose, that draws on a device."""
    return torch.Generator(device).manual_seed(derived(seed, *purpose))
