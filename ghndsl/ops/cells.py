"""One step of a recurrent network: an input and the states before it go in; the states after it come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ghndsl.ops.base import (
    Draw,
    Mode,
    NamedTensors,
    OnnxContext,
    OnnxValue,
    Operator,
    Results,
    Role,
    ShapeError,
    Tensors,
    Weight,
)
from ghndsl.ops.checks import at_least, floats, known
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, TensorType

if TYPE_CHECKING:
    from torch import nn


@record
class _Cell(Operator):
    """A cell whose weights have `gates` parts."""

    gates: ClassVar[int] = 1
    from_input: ClassVar[str | None] = "input_size"

    hidden_size: int
    bias: bool = True

    def __post_init__(self) -> None:
        at_least(self, 1, "hidden_size")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        x, *states = types
        floats(self, *types)
        if x.rank != 2:
            raise ShapeError(f"`{self.name}` takes a tensor [N, D], not {x}")
        known(self, x.shape[1], "last dimension")
        state = x.with_shape(x.shape[0], self.hidden_size)
        if any(kind != state for kind in states):
            raise ShapeError(f"the states of `{self.name}` are {state}, not {', '.join(map(str, states))}")
        return tuple(states)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        x = types[0]
        rows, draw = self.gates * self.hidden_size, Draw("uniform", self.hidden_size**-0.5)
        sizes = (("ih", known(self, x.shape[1], "last dimension")), ("hh", self.hidden_size))
        kernels = tuple(Weight(f"weight_{w}", (rows, size), Role.KERNEL, size, x.dtype, draw) for w, size in sizes)
        biases = (Weight(f"bias_{w}", (rows,), Role.BIAS, self.hidden_size, x.dtype, draw) for w, _ in sizes)
        return (*kernels, *biases) if self.bias else kernels

    def macs(self, *types: TensorType) -> Dim:
        x = types[0]
        return x.shape[0] * (x.shape[1] + self.hidden_size) * (self.gates * self.hidden_size)

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        return {"input_size": types[0].shape[1], **self.attributes}

    def _onnx_gates(
        self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The gates' shares of the input, and of the state."""
        sizes = context.ints(*[self.hidden_size] * self.gates)
        shares: list[tuple[str, ...]] = []
        for x, word in zip(inputs, ("ih", "hh"), strict=False):
            bias = (weights[f"bias_{word}"],) if self.bias else ()
            whole = context.node("Gemm", x.name, weights[f"weight_{word}"], *bias, transB=1)
            shares.append(context.nodes("Split", self.gates, whole, sizes, axis=1))
        return shares[0], shares[1]


@record
class GruCell(_Cell):
    """One step of gated recurrent units (arXiv 1406.1078), as `nn.GRUCell`: `gru_cell(x, h, 64)`, `x -> cell(h)`."""

    name: ClassVar[str] = "gru_cell"
    torch_name: ClassVar[str] = "nn.GRUCell"
    tensors: ClassVar[int | None] = 2
    gates: ClassVar[int] = 3

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        return (torch.gru_cell(inputs[0], inputs[1], *weights.values()),)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        given, kept = self._onnx_gates(context, inputs, weights)
        reset, update = (
            context.node("Sigmoid", context.node("Add", a, b)) for a, b in zip(given[:2], kept[:2], strict=True)
        )
        new = context.node("Tanh", context.node("Add", given[2], context.node("Mul", reset, kept[2])))
        gap = context.node("Sub", inputs[1].name, new)
        return (context.node("Add", new, context.node("Mul", update, gap)),)


@record
class LstmCell(_Cell):
    """One step of long short-term memory, as `nn.LSTMCell`: `h, c = x -> cell(h, c)`."""

    name: ClassVar[str] = "lstm_cell"
    torch_name: ClassVar[str] = "nn.LSTMCell"
    tensors: ClassVar[int | None] = 3
    results: ClassVar[int | None] = 2
    gates: ClassVar[int] = 4

    def source_call(self, code: SourceContext, module: str, inputs: Sequence[str], *types: TensorType) -> str:
        return f"{module}({inputs[0]}, ({inputs[1]}, {inputs[2]}))"

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        return torch.lstm_cell(inputs[0], list(inputs[1:]), *weights.values())

    def call(self, module: nn.Module, inputs: Tensors) -> Results:
        h, c = module(inputs[0], tuple(inputs[1:]))
        return h, c

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        shares = zip(*self._onnx_gates(context, inputs, weights), strict=True)
        sums = [context.node("Add", given, kept) for given, kept in shares]
        enter, forget, leave = (context.node("Sigmoid", sums[place]) for place in (0, 1, 3))
        kept = context.node("Mul", forget, inputs[2].name)
        c = context.node("Add", kept, context.node("Mul", enter, context.node("Tanh", sums[2])))
        return context.node("Mul", leave, context.node("Tanh", c)), c
