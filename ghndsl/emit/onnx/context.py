"""Calls of operators' lowerings go in; the nodes and constants of an ONNX model, under names of one space, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import onnx

from ghndsl.emit.onnx.names import Names
from ghndsl.ir import Graph
from ghndsl.ir.sizes import linear
from ghndsl.ops import ShapeError
from ghndsl.ops.base import OnnxAttribute
from ghndsl.types import Dim, Floor, Shape, SymbolicSize, is_positive, least

# Looking them up is slow, and every attribute of a model asks for one.
_STRING, _FLOAT = onnx.AttributeProto.STRING, onnx.AttributeProto.FLOAT
_INT, _INTS = onnx.AttributeProto.INT, onnx.AttributeProto.INTS


class Context:
    """What operators lower into: see `OnnxContext`. `place` is the path that the nodes added next are named by.

    Nodes go into `body`, constants into `constants`: a model is large, and is made where it will lie.
    """

    def __init__(
        self, body: onnx.GraphProto, graph: Graph, opset: int, names: Names, inputs: Mapping[int, str]
    ) -> None:
        self.opset = opset
        self.place = ""
        self.constants: dict[str, npt.NDArray[np.generic]] = {}
        self._body = body
        self._names = names
        self._node_names = Names()
        self._by_content: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._sizes: dict[Dim, str] = {}
        self._sources = _sources(graph, inputs)

    def node(self, op_type: str, *inputs: str, **attributes: OnnxAttribute) -> str:
        """Adds a node with one output and returns the output's name."""
        return self.nodes(op_type, 1, *inputs, **attributes)[0]

    def nodes(self, op_type: str, count: int, *inputs: str, **attributes: OnnxAttribute) -> tuple[str, ...]:
        """Adds a node with several outputs and returns their names."""
        wanted = f"{self.place}/{op_type}"
        outputs = tuple([self._names.fresh(wanted if count == 1 else f"{wanted}.{i}") for i in range(count)])
        self.made(op_type, inputs, outputs, self._node_names.fresh(wanted), attributes)
        return outputs

    def copied(self, value: str, name: str) -> None:
        """Adds a node that gives a value a second name."""
        self.made("Identity", (value,), (name,), self._node_names.fresh(f"{name}/Identity"), {})

    def made(
        self,
        op_type: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        name: str,
        attributes: Mapping[str, OnnxAttribute],
    ) -> None:
        """Adds a node as it is told."""
        node = self._body.node.add(op_type=op_type, name=name, input=inputs, output=outputs)
        for key, value in sorted(attributes.items()):
            _write(node.attribute.add(name=key), value)

    def constant(self, value: npt.NDArray[np.generic]) -> str:
        """The name of a constant; equal ones are one."""
        key = (str(value.dtype), value.shape, value.tobytes())
        if key not in self._by_content:
            name = self._names.fresh("constant")
            self.constants[name] = value
            self._by_content[key] = name
        return self._by_content[key]

    def ints(self, *values: int) -> str:
        """The name of a constant int64 vector."""
        return self.constant(np.array(values, dtype=np.int64))

    def shape(self, sizes: Shape) -> str:
        """The name of an int64 vector that holds sizes, symbolic ones computed from the inputs' shapes."""
        parts: list[str] = []
        known: list[int] = []
        for size in sizes:
            if isinstance(size, int):
                known.append(size)
                continue
            if known:
                parts.append(self.ints(*known))
                known = []
            parts.append(self._size(size))
        if known or not parts:
            parts.append(self.ints(*known))
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=0)

    def _size(self, size: Dim) -> str:
        """The name of an int64 vector of one size."""
        if isinstance(size, int):
            return self.ints(size)
        if size not in self._sizes:
            terms = [self._term(monomial, factor) for monomial, factor in size.terms]
            self._sizes[size] = self._chain("Add", terms)
        return self._sizes[size]

    def _term(self, monomial: Sequence[str | Floor], factor: int) -> str:
        factors = [self._atom(atom) for atom in monomial]
        return self._chain("Mul", [*factors, self.ints(factor)] if factor != 1 or not factors else factors)

    def _atom(self, atom: str | Floor) -> str:
        if isinstance(atom, str):
            return self._symbol(atom)
        dividend, divisor = self._size(atom.dividend), self._size(atom.divisor)
        if not _is_natural(atom):
            # ONNX's Div cuts towards zero; the remainder has the divisor's sign, as that of a floor.
            dividend = self.node("Sub", dividend, self.node("Mod", dividend, divisor))
        return self.node("Div", dividend, divisor)

    def _symbol(self, name: str) -> str:
        if name not in self._sources:
            raise ShapeError(f"the size {name} cannot be told from the shapes of the inputs")
        value, axis, factor, rest = self._sources[name]
        size = self.node("Shape", value, start=axis, end=axis + 1)
        size = self.node("Sub", size, self.ints(rest)) if rest else size
        return self.node("Div", size, self.ints(factor)) if factor != 1 else size

    def _chain(self, op_type: str, values: Sequence[str]) -> str:
        result, *others = values
        for value in others:
            result = self.node(op_type, result, value)
        return result


def _is_natural(atom: Floor) -> bool:
    """Whether neither part of a division is ever negative."""
    bound = least(atom.dividend)
    return bound is not None and bound >= 0 and is_positive(atom.divisor)


def _write(attribute: onnx.AttributeProto, value: OnnxAttribute) -> None:
    """The value, in the field of its kind: whole numbers, floats, words, or a list of one of them."""
    if isinstance(value, str):
        attribute.type, attribute.s = _STRING, value.encode()
    elif isinstance(value, float):
        attribute.type, attribute.f = _FLOAT, value
    elif isinstance(value, int):
        attribute.type, attribute.i = _INT, value
    else:
        attribute.type = _INTS
        attribute.ints.extend(value)


def _sources(graph: Graph, inputs: Mapping[int, str]) -> dict[str, tuple[str, int, int, int]]:
    """For each name of a size, an input and axis of the size k*H + c, with k and c; the plainest there is."""
    found: dict[str, tuple[str, int, int, int]] = {}
    for port in graph.arguments:
        for axis, size in enumerate(port.value.type.shape):
            form = linear(size) if isinstance(size, SymbolicSize) else None
            if form is not None:
                name, factor, rest = form
                source = (inputs[port.value.id], axis, factor, rest)
                found[name] = min(found.get(name, source), source, key=lambda s: (s[2], abs(s[3])))
    return found
