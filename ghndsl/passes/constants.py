"""A graph goes in; the graph in which what is known beforehand is written down instead of computed comes out."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ghndsl import ops
from ghndsl.ir import Graph, Node
from ghndsl.ops import Mode, Operator
from ghndsl.passes.chance import draws
from ghndsl.passes.rewrite import rewrite
from ghndsl.passes.uniform import number_of
from ghndsl.records import record
from ghndsl.types import DType, TensorType, is_positive, is_static

if TYPE_CHECKING:
    import torch

    from ghndsl.ops.constant import Element, Values

MOST_NUMBERS = 1024
"""Tensors of more numbers are neither computed nor written out, but for those that hold one number everywhere."""


def constants(graph: Graph) -> Graph:
    """Computes what needs no input, no weight and no chance; a `full` or a `constant` takes its place where it is used.

    Zeros in the shape of a tensor of known sizes are known too. What is not finite stays as it is.

    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> build, scope = GraphBuilder("net"), Scope("arch", "net")
    >>> x = build.input("x", TensorType((3,)))
    >>> (none,) = build.add(ops.Zeros((3,)), [], "0", scope)
    >>> (halves,) = build.add(ops.Affine(shift=0.5), [none], "1", scope)
    >>> (places,) = build.add(ops.Arange((3,), dtype="f32"), [], "2", scope)
    >>> (some,) = build.add(ops.Mul(), [halves, places], "3", scope)
    >>> build.output("y", *build.add(ops.Add(), [x, some, halves], "4", scope))
    >>> [ops.written(node.op) for node in constants(build.finish()).nodes if node.path in ("1", "3")]
    ['full((3,), 0.5)', 'constant((0.0, 0.5, 1.0))']
    """
    known: dict[int, _Known] = {}
    for node in graph.nodes:
        known.update(zip((value.id for value in node.results), _known(node, known), strict=False))
    wanted = set(_wanted(graph, known))

    def settled(node: Node) -> Node:
        (first, *others) = node.results
        if others or not node.inputs or first.id not in wanted:
            return node
        op = known[first.id].written(first.type)
        return replace(node, op=op, inputs=()) if op else node

    return rewrite(graph, settled)


@record
class _Known:
    """A value known beforehand: all its numbers, or, when it `is_uniform`, the one that it holds everywhere."""

    tensor: torch.Tensor
    is_uniform: bool

    def whole(self, kind: TensorType) -> torch.Tensor:
        """All the numbers."""
        return self.tensor.expand(cast("tuple[int, ...]", kind.shape)) if self.is_uniform else self.tensor

    def written(self, kind: TensorType) -> Operator | None:
        """The operator that makes the value of nothing."""
        if not self.tensor.isfinite().all():
            return None
        dtype = cast("Element", str(kind.dtype))
        values = _shortest(cast("Values", self.tensor.tolist()), kind.dtype)
        if not self.is_uniform:
            return ops.Constant(values, dtype)
        return ops.Full(kind.shape, cast("float", values), dtype)


def _known(node: Node, known: Mapping[int, _Known]) -> Sequence[_Known]:
    """The results of a node, if they are known when its inputs are."""
    if isinstance(node.op, ops.ZerosLike) and node.input_types[0].is_static:
        return [_everywhere(0, node.input_types[0])]
    if node.weights or draws(node.op) or any(value.id not in known for value in node.inputs):
        return []
    number = number_of(node.op)
    if number is not None:
        return [_everywhere(number, node.results[0].type)]
    given = [known[value.id] for value in node.inputs]
    if given and all(one.is_uniform for one in given):
        tensors = [one.tensor for one in given]
        if isinstance(node.op, EACH_NUMBER):
            return [_Known(node.op.run(tensors, {}, Mode())[0], True)]
        if isinstance(node.op, NO_NUMBER) and _is_sure(node) and all(_same(tensors[0], one) for one in tensors):
            return [_Known(tensors[0], True)] * len(node.results)
    return _computed(node, given)


def _everywhere(number: float, kind: TensorType) -> _Known:
    import torch

    return _Known(torch.tensor(number, dtype=getattr(torch, kind.dtype.torch_name)), True)


def _computed(node: Node, given: Sequence[_Known]) -> Sequence[_Known]:
    kinds = [value.type for value in (*node.inputs, *node.results)]
    if not all(kind.is_static and cast("int", kind.numel) <= MOST_NUMBERS for kind in kinds):
        return []
    tensors = [one.whole(kind) for one, kind in zip(given, node.input_types, strict=True)]
    try:
        return [_of(tensor) for tensor in node.op.run(tensors, {}, Mode())]
    except (IndexError, RuntimeError, ValueError):
        # What fails, such as a look-up where nothing is, is to fail when the network runs.
        return []


def _of(tensor: torch.Tensor) -> _Known:
    first = tensor.flatten()[0]
    same = _same(tensor, first)
    return _Known(first if same else tensor, same)


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether all numbers are equal, those of zero by their signs too."""
    return bool((one == other).all()) and bool((one.signbit() == other.signbit()).all())


def _is_sure(node: Node) -> bool:
    """Whether no run refuses it: a slice may lie beyond its tensor, or leave nothing, for some sizes."""
    if not isinstance(node.op, ops.Slice):
        return True
    for item, size in zip(node.op.index, node.input_types[0].shape, strict=False):
        parts = item if isinstance(item, tuple) else (item, size)
        if not is_static(*(part for part in parts if part is not None)):
            return False
    return all(map(is_positive, node.results[0].type.shape))


def _wanted(graph: Graph, known: Mapping[int, _Known]) -> Iterator[int]:
    """The known values that an output, or a node whose results are not known, needs."""
    used = [port.value for port in graph.results]
    for node in graph.nodes:
        if any(value.id not in known for value in node.results):
            used += node.inputs
    return (value.id for value in used if value.id in known)


def _shortest(values: Values, dtype: DType) -> Values:
    """Numbers with no more digits than tell them from the next ones of their type: 0.1, not 0.10000000149011612."""
    if isinstance(values, list | tuple):
        return tuple([_shortest(item, dtype) for item in cast("list[Values]", values)])
    if dtype is not DType.F32:
        return values
    rounded = (float(f"{values:.{digits}g}") for digits in range(6, 10))
    return next((number for number in rounded if struct.pack("f", number) == struct.pack("f", values)), values)


EACH_NUMBER = (
    *(ops.Add, ops.Sub, ops.Mul, ops.Div, ops.Affine, ops.Pow, ops.Abs, ops.Exp, ops.Sin, ops.Cos, ops.Clamp),
    *(ops.Relu, ops.Relu6, ops.LeakyRelu, ops.Elu, ops.Gelu, ops.Silu, ops.Mish, ops.Softplus),
    *(ops.Selu, ops.Celu, ops.Hardtanh, ops.LogSigmoid),
    *(ops.Sigmoid, ops.Tanh, ops.Hardsigmoid, ops.Hardswish, ops.Identity),
)
"""Operators that make each number of those in its place."""
NO_NUMBER = (
    *(ops.Reshape, ops.Flatten, ops.Permute, ops.Transpose, ops.Expand, ops.Squeeze, ops.Unsqueeze),
    *(ops.Slice, ops.Split, ops.Concat, ops.Stack, ops.Roll),
    *(ops.PixelShuffle, ops.PixelUnshuffle, ops.ChannelShuffle),
)
"""Operators that move numbers and make none."""
