"""A root module and layers by dotted path go in; the tree of modules and weights that the paths name comes out."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn


class ModuleTree:
    """The modules below a root by dotted path, made as they are asked for.

    Children are put where torch keeps them, without its `add_module`, which refuses the names of its own methods: a
    label may well be `type` or `forward`.
    """

    def __init__(self, root: nn.Module, layers: Mapping[str, nn.Module]) -> None:
        self.layers = layers
        self._root = root
        self._made: dict[str, nn.Module] = {}

    def at(self, path: str) -> nn.Module:
        """The layer or container at a path."""
        if path not in self._made:
            parent, name = self.owner(path)
            made = self.layers.get(path) or _modules(parent).get(name)
            self._made[path] = _modules(parent)[name] = nn.Module() if made is None else made
        return self._made[path]

    def owner(self, path: str) -> tuple[nn.Module, str]:
        """The module that holds what is at a path, and its name there."""
        parent, dot, name = path.rpartition(".")
        return (self.at(parent) if dot else self._root), name

    def register(self, path: str, value: torch.Tensor, *, trainable: bool) -> None:
        """Puts a copy of a tensor at a path, as a parameter or a buffer."""
        module, name = self.owner(path)
        # In the one order of memory that all of torch's kernels take: see `ops/conv.py`.
        copy = value.detach().clone(memory_format=torch.contiguous_format)
        known = _tensors(module, "_parameters" if trainable else "_buffers")
        known[name] = nn.Parameter(copy) if trainable else copy
        if isinstance(module, nn.RNNBase):
            # It keeps its parameters in a list too, and sees to that when one is set.
            setattr(module, name, known[name])


def held(module: nn.Module, name: str) -> torch.Tensor:
    """A parameter or buffer that a module holds now, wherever `to` or `load_state_dict` have put it."""
    parameters = _tensors(module, "_parameters")
    return parameters[name] if name in parameters else _tensors(module, "_buffers")[name]


def _modules(module: nn.Module) -> dict[str, nn.Module]:
    found: dict[str, nn.Module] = vars(module)["_modules"]
    return found


def _tensors(module: nn.Module, kind: str) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = vars(module)[kind]
    return found
