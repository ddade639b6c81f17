"""Nodes go in as a plan makes them; what each costs for one sample comes out, and which measures stay unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ghndsl import ops
from ghndsl.ir import Value
from ghndsl.space.measures.costs import Cost
from ghndsl.types import Dim, SymbolicSize, TensorType

_WEIGHTS = frozenset(("params", "memory"))


@dataclass
class Ledger:
    """What operators cost, and what is not told of the space that is planned.

    `batches` are the names that stand first in the shape of a first input, None where a number does.
    """

    batches: set[str | None] = field(default_factory=set["str | None"])
    unknown: set[str] = field(default_factory=set[str])
    is_partial: bool = False
    _known: dict[tuple[ops.Operator, tuple[TensorType, ...]], Cost] = field(
        default_factory=dict["tuple[ops.Operator, tuple[TensorType, ...]]", "Cost"]
    )

    def begin(self, first: TensorType) -> None:
        """Takes the type of a first input, whose first size is the batch if it is a name."""
        if not first.shape:
            # Which input the batch stands in is left to the graph.
            self.unknown |= {"macs", "memory"}
            return
        size = first.shape[0]
        is_name = isinstance(size, SymbolicSize) and str(size) in size.symbols
        self.batches.add(str(size) if is_name else None)
        if len(self.batches) > 1:
            self.unknown |= {"macs", "memory"}

    def leave_weights(self) -> None:
        """Some weights may be those of another node: they are not told."""
        self.unknown |= _WEIGHTS

    def cost(self, op: ops.Operator, types: tuple[TensorType, ...], results: Sequence[Value]) -> Cost:
        """What a node of an operator costs for inputs of these types."""
        key = (op, types)
        if key not in self._known:
            self._known[key] = self._cost(op, types, results)
        return self._known[key]

    def _cost(self, op: ops.Operator, types: tuple[TensorType, ...], results: Sequence[Value]) -> Cost:
        weights = op.weights(*types)
        params = sum(weight.numel for weight in weights if weight.trainable)
        kept = sum(weight.numel * weight.dtype.bytes for weight in weights)
        values: Dim = 0
        for value in results:
            values = values + value.type.numel * value.type.dtype.bytes
        return params, self._per_sample("macs", op.macs(*types)), self._per_sample("memory", values), kept, 1

    def _per_sample(self, measure: str, size: Dim) -> int:
        """A size at batch 1; the measure is unknown where it depends on more."""
        batch = next(iter(self.batches), None)
        value = size if isinstance(size, int) or batch is None else size.substitute({batch: 1})
        if isinstance(value, int):
            return value
        self.unknown.add(measure)
        return 0
