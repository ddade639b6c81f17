"""A graph without dead parts goes in; its ONNX model, checked, whose weights lack their numbers alone, comes out."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass

import onnx
import torch
from onnx import helper, numpy_helper

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.onnx.context import Context
from ghndsl.emit.onnx.elements import lacking
from ghndsl.emit.onnx.names import Names
from ghndsl.ir import Graph, Node
from ghndsl.ops import OnnxValue, ShapeError
from ghndsl.types import DType, TensorType


@dataclass(frozen=True)
class Skeleton:
    """A model, and the paths of the weights whose numbers it lacks by the names of their initialisers."""

    model: onnx.ModelProto
    weights: Mapping[str, str]

    def tensors(self, weights: Mapping[str, torch.Tensor]) -> list[tuple[onnx.TensorProto, torch.Tensor]]:
        """Each initialiser that lacks its numbers, with the tensor that has them."""
        initialisers = self.model.graph.initializer
        return [(one, weights[self.weights[one.name]]) for one in initialisers if one.name in self.weights]


def skeleton(graph: Graph, opset: int) -> Skeleton:
    """The model of a graph: its inputs, outputs and weights under their names, its types, its constants.

    Errors: G502 for an operator that cannot be lowered exactly, or not at this opset.
    """
    return _Model(graph, opset).finish()


class _Model:
    """A model in the making."""

    def __init__(self, graph: Graph, opset: int) -> None:
        # The fewest format versions that know the opset: older runtimes refuse newer ones.
        imports = [helper.make_opsetid("", opset)]
        self._model = onnx.ModelProto(ir_version=helper.find_min_ir_version_for(imports), opset_import=imports)
        self._body = self._model.graph
        self._body.name = graph.name
        self._graph = graph
        asked = [port.name for port in (*graph.arguments, *graph.results)]
        # In this order, whoever comes first keeps a name that two ask for.
        names = Names([*asked, *graph.weights])
        self._values = {port.value.id: names.fresh(port.name) for port in graph.arguments}
        self._outputs = [(names.fresh(port.name), port) for port in graph.results]
        self._weights = {path: names.fresh(path) for path in graph.weights}
        for port in graph.arguments:
            _describe(self._body.input.add(), self._values[port.value.id], port.value.type)
        self._context = Context(self._body, graph, opset, names, self._values)
        self._ends: list[int] = []
        for node in graph.nodes:
            self._lower(node)
            self._ends.append(len(self._body.node))

    def finish(self) -> Skeleton:
        """The whole model, checked."""
        renamed = self._name_outputs()
        for name, port in self._outputs:
            _describe(self._body.output.add(), name, port.value.type)
        self._describe_values(renamed)
        used = {name for node in self._body.node for name in node.input}
        for name, value in self._context.constants.items():
            if name in used:
                self._body.initializer.append(numpy_helper.from_array(value, name))
        weights = {name: path for path, name in self._weights.items() if name in used}
        self._check(weights)
        for name, path in weights.items():
            weight = self._graph.weights[path]
            self._body.initializer.add(name=name, data_type=_element(weight.dtype), dims=weight.shape)
        return Skeleton(self._model, weights)

    def _check(self, weights: Mapping[str, str]) -> None:
        """Checks the model with its weights as inputs, which says as much and copies none of their numbers."""
        count = len(self._body.input)
        for name, path in weights.items():
            weight = self._graph.weights[path]
            _describe(self._body.input.add(), name, TensorType(weight.shape, weight.dtype))
        try:
            onnx.checker.check_model(self._model, full_check=True)
        except onnx.shape_inference.InferenceError as error:
            raise self._lacked() or error from None
        del self._body.input[count:]

    def _lacked(self) -> CompileError | None:
        """What is told of the first node of an element type that the opset does not have for it, if there is one."""
        found = lacking(self._model)
        index = bisect(self._ends, found.place) if found else len(self._ends)
        if found is None or index == len(self._ends):
            return None
        node, element = self._graph.nodes[index], _DTYPES[found.element]
        needed = f"needs opset {found.opset} in ONNX" if found.opset else "has no form in ONNX"
        return CompileError(Diagnostic("G502", f"`{node.op.name}` of {element} {needed}", node.span))

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
        made = {name for node in self._body.node for name in node.output}
        renamed: dict[str, str] = {}
        copies: list[tuple[str, str]] = []
        for name, port in self._outputs:
            value = self._values[port.value.id]
            if value in made and value not in renamed:
                renamed[value] = name
            else:
                copies.append((value, name))
        for node in self._body.node:
            for names in (node.input, node.output):
                for i, name in enumerate(names):
                    if name in renamed:
                        names[i] = renamed[name]
        for value, name in copies:
            self._context.copied(renamed.get(value, value), name)
        return renamed

    def _describe_values(self, renamed: Mapping[str, str]) -> None:
        """The inferred type of each value that a node makes and that is no output."""
        made = {name for node in self._body.node for name in node.output} - {name for name, _ in self._outputs}
        types = {
            self._values[value.id]: value.type
            for node in self._graph.nodes
            for value in node.results
            if self._values[value.id] in made and self._values[value.id] not in renamed
        }
        for name, kind in types.items():
            _describe(self._body.value_info.add(), name, kind)


def _describe(info: onnx.ValueInfoProto, name: str, kind: TensorType) -> None:
    """Writes a name and a type, symbolic sizes by their text."""
    info.name = name
    tensor = info.type.tensor_type
    tensor.elem_type = _element(kind.dtype)
    # A tensor without dimensions has a shape too: an empty one.
    tensor.shape.SetInParent()
    for size in kind.shape:
        if isinstance(size, int):
            tensor.shape.dim.add(dim_value=size)
        else:
            tensor.shape.dim.add(dim_param=str(size))


_ELEMENTS = {dtype: int(onnx.TensorProto.DataType.Value(dtype.onnx_name)) for dtype in DType}
_DTYPES = {element: dtype for dtype, element in _ELEMENTS.items()}


def _element(dtype: DType) -> int:
    return _ELEMENTS[dtype]
