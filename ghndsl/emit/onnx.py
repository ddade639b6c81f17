"""A graph and its weights go in; an ONNX model made from the graph itself, in evaluation, comes out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import onnx
import torch
from onnx import helper

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx_check import Comparison, check, compare
from ghndsl.emit.onnx_context import Context, Names
from ghndsl.emit.weights import Array, matched
from ghndsl.ir import Graph, Node
from ghndsl.ops import OnnxValue, ShapeError
from ghndsl.passes.dead import dead
from ghndsl.types import DType, TensorType

OPSETS = range(17, min(28, onnx.defs.onnx_opset_version()) + 1)
"""The opsets that can be asked for."""

DEFAULT_OPSET = 20
"""The first with a native `Gelu`; runtimes since early 2024 take it."""

__all__ = ["DEFAULT_OPSET", "OPSETS", "Comparison", "check", "compare", "to_onnx"]


def to_onnx(graph: Graph, weights: Mapping[str, Array] | None = None, opset: int | None = None) -> onnx.ModelProto:
    """The model of the pruned graph: symbolic sizes stay, initialisers are named by the paths of the weights.

    Without `weights` it has initial ones of seed 0. Refused (`CompileError`): an opset outside `OPSETS` (G501), an
    operator that cannot be lowered exactly (G502), weights that do not fit (G503).

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import symbol
    >>> build = GraphBuilder("net")
    >>> x = build.input("x", TensorType((symbol("N"), 4)))
    >>> (y,) = build.add(ops.Linear(2), [x], "fc", Scope("arch", "net"))
    >>> build.output("y", y)
    >>> model = to_onnx(build.finish())
    >>> [(node.op_type, list(node.input), list(node.output)) for node in model.graph.node]
    [('Gemm', ['x', 'fc.weight', 'fc.bias'], ['y'])]
    """
    chosen = DEFAULT_OPSET if opset is None else opset
    if chosen not in OPSETS:
        raise CompileError(Diagnostic("G501", f"ONNX opset {chosen} is outside {OPSETS[0]} to {OPSETS[-1]}"))
    pruned = dead(graph)
    tensors = initial_weights(pruned, 0) if weights is None else matched(pruned, weights, also=graph)
    return _Model(pruned, chosen).finish(graph.id, tensors)


class _Model:
    """A model in the making."""

    def __init__(self, graph: Graph, opset: int) -> None:
        names = Names()
        self._graph = graph
        self._values = {port.value.id: names.fresh(port.name) for port in graph.arguments}
        self._inputs = [_info(self._values[port.value.id], port.value.type) for port in graph.arguments]
        self._outputs = [(names.fresh(port.name), port) for port in graph.results]
        self._weights = {path: names.fresh(path) for path in graph.weights}
        self._context = Context(graph, opset, names, self._values)
        for node in graph.nodes:
            self._lower(node)

    def finish(self, identity: str, tensors: Mapping[str, torch.Tensor]) -> onnx.ModelProto:
        """The whole model, checked."""
        renamed = self._name_outputs()
        nodes = self._context.made
        used = {name for node in nodes for name in node.input}
        weights = [_tensor(name, tensors[path]) for path, name in self._weights.items() if name in used]
        constants = [constant for constant in self._context.constants if constant.name in used]
        outputs = [_info(name, port.value.type) for name, port in self._outputs]
        body = helper.make_graph(
            nodes, self._graph.name, self._inputs, outputs, [*weights, *constants], value_info=self._infos(renamed)
        )
        opset = helper.make_opsetid("", self._context.opset)
        model = helper.make_model(
            body,
            opset_imports=[opset],
            ir_version=helper.find_min_ir_version_for([opset]),
            producer_name="ghndsl",
            producer_version=version("ghndsl"),
        )
        helper.set_model_props(model, {"name": self._graph.name, "id": identity, "ghndsl": version("ghndsl")})
        onnx.checker.check_model(model, full_check=True)
        return model

    def _lower(self, node: Node) -> None:
        self._context.place = node.path or node.op.name
        inputs = [OnnxValue(self._values[value.id], value.type) for value in node.inputs]
        weights = {weight.name: self._weights[node.weight_path(weight)] for weight in node.weights}
        try:
            results = node.op.onnx(self._context, inputs, weights)
        except ShapeError as error:
            raise CompileError(Diagnostic("G502", str(error), node.span, help=error.help)) from error
        self._values.update(zip((value.id for value in node.results), results, strict=True))

    def _name_outputs(self) -> dict[str, str]:
        """Gives the outputs their names where a node makes them; else, and for a second name, copies the value."""
        made = {name for node in self._context.made for name in node.output}
        renamed: dict[str, str] = {}
        copies: list[tuple[str, str]] = []
        for name, port in self._outputs:
            value = self._values[port.value.id]
            if value in made and value not in renamed:
                renamed[value] = name
            else:
                copies.append((value, name))
        for node in self._context.made:
            node.input[:] = [renamed.get(name, name) for name in node.input]
            node.output[:] = [renamed.get(name, name) for name in node.output]
        for value, name in copies:
            self._context.made.append(helper.make_node("Identity", [renamed.get(value, value)], [name], name))
        return renamed

    def _infos(self, renamed: Mapping[str, str]) -> list[onnx.ValueInfoProto]:
        """The inferred type of each value that a node makes and that is no output."""
        made = {name for node in self._context.made for name in node.output} - {name for name, _ in self._outputs}
        types = {
            self._values[value.id]: value.type
            for node in self._graph.nodes
            for value in node.results
            if self._values[value.id] in made and self._values[value.id] not in renamed
        }
        return [_info(name, kind) for name, kind in types.items()]


def _info(name: str, kind: TensorType) -> onnx.ValueInfoProto:
    shape = [size if isinstance(size, int) else str(size) for size in kind.shape]
    return helper.make_tensor_value_info(name, _element(kind.dtype), shape)


def _element(dtype: DType) -> int:
    return int(onnx.TensorProto.DataType.Value(dtype.onnx_name))


def _tensor(name: str, value: torch.Tensor) -> onnx.TensorProto:
    data = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    kind = DType(next(d for d in DType if d.torch_name == str(value.dtype).removeprefix("torch.")))
    return helper.make_tensor(name, _element(kind), value.shape, data, raw=True)
