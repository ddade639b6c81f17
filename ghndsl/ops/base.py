"""Attributes go in; an operator comes out, a frozen dataclass that answers what it makes of types and tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias

from ghndsl.records import record
from ghndsl.types import Dim, DType, Shape, TensorType

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch
    from torch import nn

    from ghndsl.ops.python import SourceContext

Size: TypeAlias = int | tuple[int, ...]
"""A number, or one number for each spatial dimension."""

OnnxAttribute: TypeAlias = "int | float | str | Sequence[int]"

Tensors: TypeAlias = "Sequence[torch.Tensor]"
NamedTensors: TypeAlias = "Mapping[str, torch.Tensor]"
Results: TypeAlias = "tuple[torch.Tensor, ...]"


class ShapeError(Exception):
    """The operator cannot take these types or attributes; the message is in the words of who wrote the call."""

    def __init__(self, message: str, help: str | None = None) -> None:  # noqa: A002
        super().__init__(message)
        self.help = help


class Role(Enum):
    """What a weight is for; the hypernetwork decodes and initialisation draws by it."""

    KERNEL = "kernel"
    EMBEDDING = "embedding"
    PARAMETER = "parameter"
    BIAS = "bias"
    SCALE = "scale"
    SHIFT = "shift"
    MEAN = "mean"
    VARIANCE = "variance"
    COUNT = "count"
    TABLE = "table"

    @property
    def trainable(self) -> bool:
        """Whether gradients flow into it: parameters do, buffers do not."""
        return self is not Role.TABLE and not self.is_statistic

    @property
    def is_statistic(self) -> bool:
        """Whether batches that are seen change it."""
        return self in (Role.MEAN, Role.VARIANCE, Role.COUNT)


@record
class Draw:
    """First values: uniform within `scale` of zero, normal of that deviation, or that number everywhere."""

    kind: Literal["uniform", "normal", "fill"]
    scale: float


_FILL = {Role.SCALE: 1.0, Role.VARIANCE: 1.0, Role.SHIFT: 0.0, Role.MEAN: 0.0, Role.COUNT: 0.0}


@record
class Table:
    """The numbers of a buffer that follow from an operator's attributes alone; a subclass says which, and of what."""

    def numbers(self) -> npt.NDArray[np.generic]:
        """All of them, in the buffer's shape; the element type is the weight's."""
        raise NotImplementedError


@record
class Weight:
    """A parameter or buffer of an operator, by torch's name; an empty name is that of the node itself.

    `fan_in` is the number of inputs that one output sums over, for kernels and their biases. `initial` says how torch
    draws it where that is not what its role says; the row `zero_row` is zeros at first. A buffer with a `table` holds
    its numbers, which nothing draws, learns or generates.
    """

    name: str
    shape: tuple[int, ...]
    role: Role
    fan_in: int = 1
    dtype: DType = DType.F32
    initial: Draw | None = None
    zero_row: int | None = None
    table: Table | None = None

    @property
    def trainable(self) -> bool:
        """Whether it is a parameter (true) or a buffer."""
        return self.role.trainable

    @property
    def drawn(self) -> Draw:
        """How it is drawn at first: by `initial`, else by its role.

        Scales and variances are one; shifts, means and counts zero; the rest uniform within 1 / sqrt(fan_in), as
        `nn.Conv2d` and `nn.Linear` have it. A table is not drawn: ValueError.
        """
        if self.table is not None:
            raise ValueError(f"`{self.name}` is a table, and is not drawn")
        if self.initial is not None:
            return self.initial
        return Draw("fill", _FILL[self.role]) if self.role in _FILL else Draw("uniform", 1 / math.sqrt(self.fan_in))

    @property
    def numel(self) -> int:
        """The number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count


@record
class Mode:
    """How a graph is run: `train` (batch statistics, dropout), `eval`, or `calibrate` (batch statistics, kept).

    `generator` draws the dropout masks; `sizes` gives the symbolic sizes their values; `statistics` receives, in
    calibration, the new buffers of the node that runs; `device` is where tensors that no input makes go.
    """

    kind: str = "eval"
    generator: torch.Generator | None = None
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    statistics: dict[str, torch.Tensor] | None = None
    device: torch.device | None = None

    def number(self, dim: Dim) -> int:
        """The value that a bound, an index or a size has in this run."""
        value = dim if isinstance(dim, int) else dim.substitute(self.sizes)
        if not isinstance(value, int):
            raise ValueError(f"the size {value} has no value in this run")
        return value

    def size(self, dim: Dim) -> int:
        """The value of a size in this run; raises ValueError when it is none."""
        value = self.number(dim)
        if value < 1 and not isinstance(dim, int):
            raise ValueError(f"the size {dim} is {value} in this run; a size is at least 1")
        return value

    def collecting(self, statistics: dict[str, torch.Tensor]) -> Mode:
        """The same mode, its new buffers received by `statistics`."""
        return replace(self, statistics=statistics)


class OnnxContext(Protocol):
    """What an operator may ask of the ONNX model it is lowered into."""

    @property
    def opset(self) -> int:
        """The opset the model imports."""
        ...

    def node(self, op_type: str, *inputs: str, **attributes: OnnxAttribute) -> str:
        """Adds an ONNX node with one output and returns the output's name."""
        ...

    def nodes(self, op_type: str, count: int, *inputs: str, **attributes: OnnxAttribute) -> tuple[str, ...]:
        """Adds an ONNX node with several outputs and returns their names."""
        ...

    def constant(self, value: npt.NDArray[np.generic]) -> str:
        """Adds a constant (equal ones are added once) and returns its name."""
        ...

    def ints(self, *values: int) -> str:
        """Adds a constant int64 vector and returns its name."""
        ...

    def shape(self, sizes: Shape) -> str:
        """The name of an int64 vector that holds these sizes when the model runs, symbolic ones included."""
        ...


@record
class OnnxValue:
    """The name of a value in an ONNX model, and its type."""

    name: str
    type: TensorType


@record
class Operator:
    """One kind of computation. A subclass is a row of the table: fields are attributes, methods are answers.

    `name` is its word in the language; `torch_name` the `torch.nn` class (`nn.Conv{rank}d`) or the function it equals,
    torchvision's where torch has none, empty where only an expression does; `tensors` how many tensors it takes (None:
    one list, or several; 0: a call is a value at once), `optional` how many more it may be given, `results` how many it
    gives (None: that depends on the call); `commutative` whether the order of its tensors is without meaning;
    `from_input` what torch is told of the input's sizes and we are not; `rest` the field that takes all further
    positional arguments, if one does; `unpacking` how Python takes apart several results that torch gives otherwise
    than one after the other.
    """

    name: ClassVar[str] = ""
    torch_name: ClassVar[str] = ""
    from_input: ClassVar[str | None] = None
    tensors: ClassVar[int | None] = 1
    optional: ClassVar[int] = 0
    results: ClassVar[int | None] = 1
    commutative: ClassVar[bool] = False
    rest: ClassVar[str | None] = None
    unpacking: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        if cls.name:
            if cls.name in TABLE:
                raise TypeError(f"two operators are named {cls.name}")
            TABLE[cls.name] = cls

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        """The types of the results; raises `ShapeError`."""
        raise NotImplementedError

    def weights(self, *types: TensorType) -> tuple[Weight, ...]:
        """The parameters and buffers, in torch's order; none unless a row says so."""
        return ()

    def macs(self, *types: TensorType) -> Dim:
        """Multiply-accumulates of the whole call, the batch included, as `types` give it; 0 unless a row says so."""
        return 0

    def run(self, inputs: Tensors, weights: NamedTensors, mode: Mode) -> Results:
        """The functional form, with given weights by their local names."""
        raise NotImplementedError

    @cached_property
    def attributes(self) -> dict[str, object]:
        """The values of the fields by name, in order."""
        return {declared.name: getattr(self, declared.name) for declared in fields(self)}

    def torch_class(self, *types: TensorType) -> str | None:
        """The `torch.nn` class for these inputs, without `nn.`, or None for a function.

        >>> from ghndsl import ops
        >>> ops.Conv(8, 3).torch_class(TensorType((1, 3, 32)))
        'Conv1d'
        """
        if not self.torch_name.startswith("nn."):
            return None
        return self.torch_name.removeprefix("nn.").format(rank=max(1, types[0].rank - 2))

    def torch_arguments(self, *types: TensorType) -> dict[str, object]:
        """The keyword arguments of the `torch.nn` class: the attributes, unless a row says otherwise."""
        return dict(self.attributes)

    def module(self, *types: TensorType) -> nn.Module | None:
        """A new `torch.nn` module, or None for an operator that is a function."""
        name = self.torch_class(*types)
        if name is None:
            return None
        import torch
        from torch import nn

        kind: Callable[..., nn.Module] = getattr(nn, name)
        made = kind(**self.torch_arguments(*types))
        dtype = types[0].dtype
        return made.to(getattr(torch, dtype.torch_name)) if dtype.is_float and dtype is not DType.F32 else made

    def call(self, module: nn.Module, inputs: Tensors) -> Results:
        """The results of its `torch.nn` module."""
        return (module(*inputs),)

    def source(self, code: SourceContext, inputs: Sequence[str], *types: TensorType) -> str:
        """The call as an expression of Python, where it is a function; raises `UnwrittenError` where none is known."""
        from ghndsl.ops.python import function_call

        return function_call(self, code, inputs, types)

    def source_module(self, code: SourceContext, *types: TensorType) -> str | None:
        """An expression of Python that makes its module, or None for an operator that is a function."""
        from ghndsl.ops.python import module_call

        return module_call(self, code, types)

    def source_call(self, code: SourceContext, module: str, inputs: Sequence[str], *types: TensorType) -> str:
        """The call of its module as an expression of Python."""
        return f"{module}({', '.join(inputs)})"

    def source_table(self, code: SourceContext, weight: Weight) -> str:
        """The numbers of one of its buffers as an expression of Python."""
        from ghndsl.ops.python import UnwrittenError

        raise UnwrittenError(self.name)

    def onnx(self, context: OnnxContext, inputs: Sequence[OnnxValue], weights: Mapping[str, str]) -> tuple[str, ...]:
        """Adds the ONNX nodes of the call in evaluation and returns the names of the results."""
        raise NotImplementedError


TABLE: dict[str, type[Operator]] = {}
"""Every operator by its word in the language."""
