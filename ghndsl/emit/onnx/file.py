"""A graph and its weights go in; an ONNX model lies under a path then, large weights in a file beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import onnx
import torch
from google.protobuf.message import DecodeError

from ghndsl.emit.onnx.convert import lowered, numbers
from ghndsl.emit.onnx.model import Skeleton
from ghndsl.emit.onnx.wire import write_model
from ghndsl.emit.weights import Array
from ghndsl.files import check_writable, files_beside
from ghndsl.ir import Graph

MOST_BYTES = 1_500_000_000
"""Weights in one file; runtimes and protobuf take no more than 2 GB."""

_PAGE = 4096
_SMALL = 1024
"""Bytes of the weights that stay in the model: they are looked at more often than read."""


def save_onnx(
    path: Path,
    graph: Graph,
    weights: Mapping[str, Array] | None = None,
    opset: int | None = None,
    *,
    fold_batch_norm: bool = False,
    external_data: bool | None = None,
    most_bytes: int = MOST_BYTES,
    approve: Callable[[Path], None] | None = None,
) -> None:
    """Writes the model of `to_onnx`, and no number is copied for it.

    With `external_data`, or where it is not said and the weights are more than `most_bytes`, they go into `F.onnx.data`
    beside `F.onnx`: the two are moved together. Weights that the model before had there go with it. What `approve`,
    which is shown the model before it is in its place, raises goes on, and nothing is written then. Errors: those of
    `to_onnx`, and G007.

    >>> import tempfile, ghndsl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_onnx(Path(folder) / "r.onnx", ghndsl.load("resnet18"), external_data=True)
    ...     print(sorted(path.name for path in Path(folder).iterdir()))
    ['r.onnx', 'r.onnx.data']
    """
    path = check_writable(path)
    made, tensors = lowered(graph, weights, opset, fold_batch_norm=fold_batch_norm)
    size = sum(tensor.nbytes for _, tensor in made.tensors(tensors))
    apart = size > most_bytes if external_data is None else external_data
    data = path.with_name(f"{path.name}.data")
    is_left = not apart and _refers(path, data)
    with files_beside(*([data] if apart else []), path) as folder:
        inside = _written_apart(made, tensors, folder / data.name) if apart else made.tensors(tensors)
        with (folder / path.name).open("wb") as file:
            write_model(made.model, {one.name: numbers(tensor) for one, tensor in inside}, file.write)
        onnx.checker.check_model(str(folder / path.name))
        if approve is not None:
            approve(folder / path.name)
    if is_left:
        data.unlink(missing_ok=True)


def _refers(path: Path, data: Path) -> bool:
    """Whether there is a model under a path that has weights in this file beside it."""
    if not (path.is_file() and data.is_file()):
        return False
    try:
        model = onnx.load(path, format="protobuf", load_external_data=False)
    except (OSError, DecodeError):
        return False
    entries = [entry for one in model.graph.initializer for entry in one.external_data]
    return any(entry.key == "location" and entry.value == data.name for entry in entries)


def _written_apart(
    made: Skeleton, tensors: Mapping[str, torch.Tensor], path: Path
) -> list[tuple[onnx.TensorProto, torch.Tensor]]:
    """Writes what is not small into a file, and says so in the model; what stays in it is returned."""
    inside: list[tuple[onnx.TensorProto, torch.Tensor]] = []
    with path.open("wb") as file:
        for one, tensor in made.tensors(tensors):
            if tensor.nbytes < _SMALL:
                inside.append((one, tensor))
                continue
            offset = _append(file, tensor)
            one.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", path.name), ("offset", offset), ("length", tensor.nbytes)):
                one.external_data.add(key=key, value=str(value))
    return inside


def _append(file: BinaryIO, tensor: torch.Tensor) -> int:
    """Writes a tensor at the next page, as memory maps want it; returns where."""
    file.write(bytes(-file.tell() % _PAGE))
    offset = file.tell()
    file.write(numbers(tensor).data)
    return offset
