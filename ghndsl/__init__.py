"""A language for neural architectures and the spaces they come from, and the compiler behind it.

>>> import ghndsl
>>> graph = ghndsl.loads("arch tiny() { input x: f32[N, 4]\\n output y = x -> linear(2) }")
>>> graph.params, graph.macs, str(graph.outputs["y"])
(10, 8, 'f32[N, 2]')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghndsl.data import load as load_data
    from ghndsl.diagnostics import CompileError, Diagnostic
    from ghndsl.emit.module import to_torch
    from ghndsl.emit.onnx import save_onnx, to_onnx
    from ghndsl.emit.picture.dot import to_dot
    from ghndsl.emit.picture.render import render
    from ghndsl.emit.source import to_source
    from ghndsl.ghn import GHN
    from ghndsl.ir import Graph
    from ghndsl.language import Limits
    from ghndsl.language import format_graph as format  # noqa: A004
    from ghndsl.language.layout.text import format_text
    from ghndsl.passes import optimize
    from ghndsl.space import Candidate, Space
    from ghndsl.space.load import load, load_space, loads, loads_space
    from ghndsl.training import evaluate, train

__version__ = "0.1.0"

_HOMES = {
    "Candidate": "ghndsl.space",
    "CompileError": "ghndsl.diagnostics",
    "Diagnostic": "ghndsl.diagnostics",
    "GHN": "ghndsl.ghn",
    "Graph": "ghndsl.ir",
    "Limits": "ghndsl.language",
    "Space": "ghndsl.space",
    "evaluate": "ghndsl.training",
    "format": "ghndsl.language:format_graph",
    "format_text": "ghndsl.language.layout.text",
    "load": "ghndsl.space.load",
    "load_data": "ghndsl.data:load",
    "load_space": "ghndsl.space.load",
    "loads": "ghndsl.space.load",
    "loads_space": "ghndsl.space.load",
    "optimize": "ghndsl.passes",
    "render": "ghndsl.emit.picture.render",
    "save_onnx": "ghndsl.emit.onnx",
    "to_dot": "ghndsl.emit.picture.dot",
    "to_onnx": "ghndsl.emit.onnx",
    "to_source": "ghndsl.emit.source",
    "to_torch": "ghndsl.emit.module",
    "train": "ghndsl.training",
}
"""Where each public name lives; it is loaded at its first use, so that reading a spec loads neither torch nor onnx."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'ghndsl' has no attribute '{name}'")
    home, _, alias = _HOMES[name].partition(":")
    value = getattr(import_module(home), alias or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = [
    "Candidate",
    "CompileError",
    "Diagnostic",
    "GHN",
    "Graph",
    "Limits",
    "Space",
    "evaluate",
    "format",
    "format_text",
    "load",
    "load_data",
    "load_space",
    "loads",
    "loads_space",
    "optimize",
    "render",
    "save_onnx",
    "to_dot",
    "to_onnx",
    "to_source",
    "to_torch",
    "train",
]
