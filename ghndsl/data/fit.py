"""A data set and a graph go in; nothing comes out when they fit, and a refusal with both shapes when they do not."""

from __future__ import annotations

from ghndsl.data.dataset import Dataset
from ghndsl.data.raw import refuse
from ghndsl.diagnostics import CompileError
from ghndsl.ir import Graph, Port
from ghndsl.types import DType, Shape, SymbolicSize, show_shape, symbol


def image_input(graph: Graph) -> Port:
    """The one input of a network of images; G407 when there are none or several."""
    if len(graph.arguments) != 1:
        names = ", ".join(f"`{port.name}`" for port in graph.arguments) or "none"
        raise refuse("G407", f"`{graph.name}` needs one input, the images, and has {names}")
    return graph.arguments[0]


def main_output(graph: Graph) -> Port:
    """The output named `logits`, else the last one that is no exit; G407 when there is none."""
    ports = [port for port in graph.results if port.name == "logits"]
    ports = ports or [port for port in graph.results if not port.is_exit] or list(graph.results)
    if not ports:
        raise refuse("G407", f"`{graph.name}` has no output")
    return ports[-1]


def check_fit(data: Dataset, graph: Graph) -> None:
    """Compares channels, size and classes; sizes that are symbolic in the graph fit any. Errors: G407."""
    port = image_input(graph)
    if port.value.type.dtype is not DType.F32:
        raise refuse("G407", f"the images of {data.name} are f32, the input `{port.name}` is {port.value.type.dtype}")
    if not _fits(port.value.type.shape, data.shape):
        raise _misfit(data, f"images of shape {show_shape((symbol('N'), *data.shape))}", port)
    output = main_output(graph)
    if not _fits(output.value.type.shape, (data.classes,)):
        raise _misfit(data, f"{data.classes} classes, so outputs {show_shape((symbol('N'), data.classes))}", output)


def _fits(shape: Shape, found: tuple[int, ...]) -> bool:
    """Whether a batch of tensors of this shape can stand there."""
    if len(shape) != len(found) + 1 or not isinstance(shape[0], SymbolicSize):
        return False
    return all(isinstance(size, SymbolicSize) or size == given for size, given in zip(shape[1:], found, strict=True))


def _misfit(data: Dataset, found: str, port: Port) -> CompileError:
    shape = show_shape(port.value.type.shape)
    help_ = "set the network's parameters to the data's, with `--set`"
    return refuse("G407", f"`{data.name}` has {found}, but `{port.name}` of the network is {shape}", help_)
