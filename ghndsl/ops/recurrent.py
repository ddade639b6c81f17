"""Sequences go in; the states of a recurrent network at each step, and its last ones, come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product as combinations
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
from ghndsl.ops.checks import at_least, floats, known, probability
from ghndsl.ops.lowering import sliced
from ghndsl.ops.pass_through import dropped
from ghndsl.ops.python import SourceContext
from ghndsl.records import record
from ghndsl.types import Dim, TensorType, product, show_shape

if TYPE_CHECKING:
    import torch
    from torch import nn


# A text that asks for more would take for ever to elaborate.
_MOST_LAYERS = 1_000


@record
class _Recurrent(Operator):
    """Layers of cells, in both directions if asked; `states` of them, in `gates` parts, go from step to step.

    `onnx_order` lists ONNX's gates by their places in torch's weights.
    """

    states: ClassVar[int] = 1
    gates: ClassVar[int] = 1
    onnx_order: ClassVar[tuple[int, ...]] = ()
    from_input: ClassVar[str | None] = "input_size"

    hidden_size: int
    num_layers: int = 1
    bias: bool = True
    batch_first: bool = False
    dropout: float = 0.0
    bidirectional: bool = False

    def __post_init__(self) -> None:
        at_least(self, 1, "hidden_size", "num_layers")
        if self.num_layers > _MOST_LAYERS:
            raise ValueError(f"`num_layers` of `{self.name}` is at most {_MOST_LAYERS:,}, not {self.num_layers}")
        probability(self, "dropout")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        x, *given = types
        floats(self, *types)
        if x.rank != 3:
            order = "[N, T, D]" if self.batch_first else "[T, N, D]"
            raise ShapeError(f"`{self.name}` takes a tensor {order}, not {show_shape(x.shape)}")
        known(self, x.shape[2], "last dimension")
        batch = x.shape[0] if self.batch_first else x.shape[1]
        state = x.with_shape(self._directions * self.num_layers, batch, self.hidden_size)
        if given and given != [state] * self.states:
            wanted = f"{self.states} state{'s' * (self.states > 1)} {state}"
            raise ShapeError(f"`{self.name}` takes {wanted}, not {', '.join(map(str, given))}")
        return (x.with_shape(*x.shape[:2], self._directions * self.hidden_size), *[state] * self.states)

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        (x, *_) = types
        rows = self.gates * self.hidden_size
        draw = Draw("uniform", self.hidden_size**-0.5)
        found: list[Weight] = []
        for layer, suffix in self._cells():
            for word, size in (("ih", self._inputs(x, layer)), ("hh", self.hidden_size)):
                found.append(Weight(f"weight_{word}{suffix}", (rows, size), Role.KERNEL, size, x.dtype, draw))
            for word in ("ih", "hh") if self.bias else ():
                found.append(Weight(f"bias_{word}{suffix}", (rows,), Role.BIAS, self.hidden_size, x.dtype, draw))
        return tuple(found)

    def macs(self, *types: TensorType) -> Dim:
        (x, *_) = types
        sizes = sum(self._inputs(x, layer) + self.hidden_size for layer, _ in self._cells())
        return product(x.shape[:2]) * (self.gates * self.hidden_size * sizes)

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        import torch

        if inputs[0].device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
            return self._run(inputs, weights, mode)
        # On processors torch has no recurrent layers of mixed precision that can be trained.
        with torch.autocast("cpu", enabled=False):
            return self._run(tuple(tensor.float() for tensor in inputs), weights, mode)

    def _run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        x, *given = inputs
        batch = x.shape[0] if self.batch_first else x.shape[1]
        states = given or [x.new_zeros(self._directions * self.num_layers, batch, self.hidden_size)] * self.states
        flat = list(weights.values())
        if mode.kind != "train" or self.dropout == 0:
            return self._layers(x, states, flat, self.num_layers, batch_first=self.batch_first)
        # torch's own dropout between layers takes no generator; it too has the steps first.
        y, each = x.transpose(0, 1) if self.batch_first else x, len(flat) // self.num_layers
        ends: list[Sequence[torch.Tensor]] = []
        for layer in range(self.num_layers):
            own = [state[layer * self._directions : (layer + 1) * self._directions] for state in states]
            y = dropped(y, self.dropout, mode) if layer else y
            y, *last = self._layers(y, own, flat[layer * each : (layer + 1) * each], 1, batch_first=False)
            ends.append(last)
        y = y.transpose(0, 1) if self.batch_first else y
        return (y, *(_joined(parts) for parts in zip(*ends, strict=True)))

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        return {"input_size": types[0].shape[2], **self.attributes}

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        x, *given = inputs
        y = context.node("Transpose", x.name, perm=(1, 0, 2)) if self.batch_first else x.name
        ends: list[Sequence[str]] = []
        for layer in range(self.num_layers):
            low = layer * self._directions
            own = [sliced(context, state.name, 0, low, low + self._directions) for state in given]
            y, *last = self._onnx_layer(context, y, own, layer, weights)
            ends.append(last)
        y = context.node("Transpose", y, perm=(1, 0, 2)) if self.batch_first else y
        joined = (
            parts[0] if len(parts) == 1 else context.node("Concat", *parts, axis=0) for parts in zip(*ends, strict=True)
        )
        return (y, *joined)

    def _layers(
        self,
        x: torch.Tensor,
        states: Sequence[torch.Tensor],
        flat: list[torch.Tensor],
        count: int,
        *,
        batch_first: bool,
    ) -> Results:
        """torch's function over some layers, without dropout."""
        raise NotImplementedError

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _inputs(self, x: TensorType, layer: int) -> int:
        return self._directions * self.hidden_size if layer else known(self, x.shape[2], "last dimension")

    def _cells(self) -> Iterator[tuple[int, str]]:
        """The layer of each cell, and the end of the names of its weights."""
        for layer, way in combinations(range(self.num_layers), ("", "_reverse")[: self._directions]):
            yield layer, f"_l{layer}{way}"

    def _onnx_layer(
        self, context: OnnxContext, x: str, states: Sequence[str], layer: int, weights: Mapping[str, str]
    ) -> tuple[str, ...]:
        suffixes = [suffix for own, suffix in self._cells() if own == layer]

        def parts(words: Sequence[str]) -> str:
            rows = [self._onnx_gates(context, [weights[f"{word}{suffix}"] for word in words]) for suffix in suffixes]
            rows = [context.node("Unsqueeze", row, context.ints(0)) for row in rows]
            return rows[0] if len(rows) == 1 else context.node("Concat", *rows, axis=0)

        bias = parts(("bias_ih", "bias_hh")) if self.bias else ""
        given = (x, parts(("weight_ih",)), parts(("weight_hh",)), bias, "", *states)
        direction = "bidirectional" if self.bidirectional else "forward"
        options = {"linear_before_reset": 1} if self.name == "gru" else {}
        y, *last = context.nodes(
            self.name.upper(), 1 + self.states, *given, hidden_size=self.hidden_size, direction=direction, **options
        )
        y = context.node("Transpose", y, perm=(0, 2, 1, 3))
        return (context.node("Reshape", y, context.ints(0, 0, -1)), *last)

    def _onnx_gates(self, context: OnnxContext, names: Sequence[str]) -> str:
        """Weights or biases of a cell one after another, their gates in ONNX's order."""
        sizes = context.ints(*[self.hidden_size] * self.gates)
        parts = [context.nodes("Split", self.gates, name, sizes, axis=0) for name in names]
        return context.node("Concat", *(gates[place] for gates in parts for place in self.onnx_order), axis=0)


@record
class Lstm(_Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, Neural Computation 1997), as `nn.LSTM`: y, h, c.

    y has the last layer's states at each step, h and c the last ones of each layer and direction. `lstm(x, h, c, ...)`
    begins with states other than zeros.
    """

    name: ClassVar[str] = "lstm"
    torch_name: ClassVar[str] = "nn.LSTM"
    optional: ClassVar[int] = 2
    results: ClassVar[int | None] = 3
    states: ClassVar[int] = 2
    gates: ClassVar[int] = 4
    onnx_order: ClassVar[tuple[int, ...]] = (0, 3, 1, 2)
    unpacking: ClassVar[str] = "{}, ({}, {})"

    def source_call(self, code: SourceContext, module: str, inputs: Sequence[str], *types: TensorType) -> str:
        states = f", ({inputs[1]}, {inputs[2]})" if len(inputs) > 1 else ""
        return f"{module}({inputs[0]}{states})"

    def call(self, module: nn.Module, inputs: Tensors) -> Results:
        x, *given = inputs
        y, states = module(x, tuple(given) or None)
        return (y, *states)

    def _layers(
        self,
        x: torch.Tensor,
        states: Sequence[torch.Tensor],
        flat: list[torch.Tensor],
        count: int,
        *,
        batch_first: bool,
    ) -> Results:
        import torch

        return torch.lstm(x, list(states), flat, self.bias, count, 0.0, False, self.bidirectional, batch_first)


@record
class Gru(_Recurrent):
    """Gated recurrent units (arXiv 1406.1078), as `nn.GRU`: the states at each step, and the last ones."""

    name: ClassVar[str] = "gru"
    torch_name: ClassVar[str] = "nn.GRU"
    optional: ClassVar[int] = 1
    results: ClassVar[int | None] = 2
    gates: ClassVar[int] = 3
    onnx_order: ClassVar[tuple[int, ...]] = (1, 0, 2)

    def call(self, module: nn.Module, inputs: Tensors) -> Results:
        y, state = module(*inputs)
        return y, state

    def _layers(
        self,
        x: torch.Tensor,
        states: Sequence[torch.Tensor],
        flat: list[torch.Tensor],
        count: int,
        *,
        batch_first: bool,
    ) -> Results:
        import torch

        return torch.gru(x, states[0], flat, self.bias, count, 0.0, False, self.bidirectional, batch_first)


def _joined(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.cat(tuple(parts))
