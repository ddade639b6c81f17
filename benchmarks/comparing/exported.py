"""A graph, its weights and inputs go in; what ONNX Runtime and a Python file make of them comes out."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import onnxruntime
import torch
from torch import nn

from comparing.theirs import outputs_of
from ghndsl.emit.onnx.file import save_onnx
from ghndsl.emit.source import to_source
from ghndsl.ir import Graph

Weights = Mapping[str, torch.Tensor]
Runs = Sequence[Sequence[torch.Tensor]]


def onnx_outputs(graph: Graph, weights: Weights, runs: Runs) -> list[dict[str, torch.Tensor]]:
    """The outputs by name of each run, from a file as `ghndsl export --onnx` writes it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        save_onnx(path, graph, weights)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        names = [port.name for port in session.get_inputs()]
        found = [session.run(None, dict(zip(names, map(torch.Tensor.numpy, run), strict=True))) for run in runs]
    results = list(graph.outputs)
    return [dict(zip(results, map(torch.from_numpy, arrays), strict=True)) for arrays in found]


def source_outputs(graph: Graph, weights: Weights, runs: Runs) -> list[dict[str, torch.Tensor]]:
    """The outputs by name of each run, from a file as `ghndsl export --source` writes it."""
    with _imported(to_source(graph)) as made, torch.device("meta"):
        classes = [one for one in vars(made).values() if isinstance(one, type) and issubclass(one, nn.Module)]
        model: nn.Module = classes[-1]()
    # What follows from settings alone, such as tables of positions, is among the weights too.
    model.load_state_dict(weights, strict=True, assign=True)
    return [outputs_of(model.eval(), run) for run in runs]


@contextmanager
def _imported(text: str) -> Generator[ModuleType]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("net", path)
        assert spec is not None
        assert spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        yield made
