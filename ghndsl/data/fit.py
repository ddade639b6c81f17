"""A data set and a graph go in; nothing comes out when they fit, and a refusal with both sides when they do not."""

from __future__ import annotations

import torch

from ghndsl.data.dataset import Dataset
from ghndsl.data.raw import refuse
from ghndsl.data.split import sources
from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph, Port
from ghndsl.ir.sizes import bind_sizes
from ghndsl.ops import TABLE
from ghndsl.types import DType, Shape, SymbolicSize, show_shape, symbol

_BATCH = 2
"""Any count of samples will do."""


def main_output(graph: Graph) -> Port:
    """The output named `logits`, else the last one that is no exit; G407 when there is none."""
    ports = [port for port in graph.results if port.name == "logits"]
    ports = ports or [port for port in graph.results if not port.is_exit] or list(graph.results)
    if not ports:
        raise refuse("G407", f"`{graph.name}` has no output")
    return ports[-1]


def check_fit(data: Dataset, graph: Graph) -> None:
    """Compares inputs by name, shape and type, whole numbers with the tables that they are looked up in, and targets
    with the main output; sizes that are symbolic in the graph fit any. Errors: G407."""
    names = sources(graph, data.train.inputs)
    for port in graph.arguments:
        _check_input(data, names[port.name], port)
    _check_rows(data, graph, names)
    shapes = {port: (_BATCH, *data.shapes[name]) for port, name in names.items()}
    try:
        sizes = bind_sizes(graph.inputs, shapes)
    except ValueError as error:
        given = ", ".join(f"`{port}` {show_shape((symbol('N'), *data.shapes[name]))}" for port, name in names.items())
        raise refuse("G407", f"`{data.name}` gives {given}: {error}") from None
    output = main_output(graph)
    if not any(_fits(_known(output.value.type.shape, sizes), found, _BATCH) for found in data.task.answers):
        found = f"{data.task.words}, so outputs {show_shape((symbol('N'), *data.task.answers[0]))}"
        raise _misfit(data, found, output)


def fitted(data: Dataset, graph: Graph) -> Dataset:
    """The data with its images in the size that a network takes."""
    names, sizes = sources(graph, data.shapes), dict[str, tuple[int, int]]()
    for port in graph.arguments:
        height, width = port.value.type.shape[-2:] if port.value.type.rank == 4 else (None, None)
        if names[port.name] in data.images and isinstance(height, int) and isinstance(width, int):
            sizes[names[port.name]] = (height, width)
    return data.sized(sizes)


def image_size(graph: Graph) -> tuple[int, int] | None:
    """The height and width of the images that a network of one input takes; None where it takes any, or no images."""
    shapes = [port.value.type.shape for port in graph.arguments]
    if len(shapes) != 1 or len(shapes[0]) != 4:
        return None
    height, width = shapes[0][2:]
    return (height, width) if isinstance(height, int) and isinstance(width, int) else None


def _check_input(data: Dataset, name: str, port: Port) -> None:
    kind = DType.F32 if data.train.inputs[name].dtype == torch.float32 else DType.I64
    what = "images" if name in data.images else f"`{name}`"
    if port.value.type.dtype is not kind:
        verb = "are" if name in data.images else "is"
        words = f"the {what} of {data.name} {verb}" if name in data.images else f"{what} of {data.name} {verb}"
        raise refuse("G407", f"{words} {kind}, the input `{port.name}` is {port.value.type.dtype}")
    if not _fits(port.value.type.shape, data.shapes[name]):
        raise _misfit(data, f"{what} of shape {show_shape((symbol('N'), *data.shapes[name]))}", port)


def _check_rows(data: Dataset, graph: Graph, names: dict[str, str]) -> None:
    """Refuses whole numbers that name no row of the table in which they are looked up."""
    whole = {port.value.id: names[port.name] for port in graph.arguments if names[port.name] in data.ranges}
    for node in graph.nodes if whole else ():
        is_lookup, is_embedding = isinstance(node.op, TABLE["lookup"]), isinstance(node.op, TABLE["embedding"])
        if not (is_lookup or is_embedding) or node.inputs[-1].id not in whole:
            continue
        rows = node.inputs[0].type.shape[0] if is_lookup else node.op.attributes["num_embeddings"]
        name = whole[node.inputs[-1].id]
        least, greatest = data.ranges[name]
        if isinstance(rows, int) and not 0 <= least <= greatest < rows:
            found = f"`{name}` of {data.name} goes from {least} to {greatest}"
            raise refuse("G407", f"{found}, but is looked up among {rows} rows (`{node.path}`)", _HELP)


def _known(shape: Shape, sizes: dict[str, int]) -> Shape:
    return tuple(size.substitute(sizes) if isinstance(size, SymbolicSize) else size for size in shape)


def _fits(shape: Shape, found: tuple[int, ...], batch: int | None = None) -> bool:
    """Whether a batch of tensors of this shape can stand there."""
    if len(shape) != len(found) + 1 or not (shape[0] == batch or isinstance(shape[0], SymbolicSize)):
        return False
    return all(isinstance(size, SymbolicSize) or size == given for size, given in zip(shape[1:], found, strict=True))


_HELP = "set the network's parameters to the data's, with `--set`"


def _misfit(data: Dataset, found: str, port: Port) -> CompileError:
    shape = show_shape(port.value.type.shape)
    return refuse("G407", f"`{data.name}` has {found}, but `{port.name}` of the network is {shape}", _HELP)
