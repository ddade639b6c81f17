"""An ONNX model and the graph it was made from go in; the largest difference between what the two compute comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.onnx.places import sizes_of, ways
from ghndsl.emit.run import run
from ghndsl.ir import Graph, Port, batch_symbol
from ghndsl.types import DType

if TYPE_CHECKING:
    import onnx
    import onnxruntime

Seen: TypeAlias = Callable[[int, int], None]
"""Is told how many of how many steps are done."""

_TOLERANCE = 1e-3
"""The share of the largest number by which outputs may be apart; what is smaller still counts as this large."""


@dataclass(frozen=True)
class Comparison:
    """The largest absolute difference, and the values of the symbolic sizes beside the batch in the first run.

    `is_turned` says whether in the second they were those of places in the other order: the first name had the last's.
    `relative` is the largest difference as a share of the largest number of its output, and `spread` how far two
    samples of a batch are apart, as such a share, in the output where that is least; None where there are no two. Where
    it is next to nothing, wrong numbers inside a network would not show either.
    """

    difference: float
    sizes: Mapping[str, int]
    is_turned: bool = False
    relative: float = 0.0
    spread: float | None = None

    @property
    def is_close(self) -> bool:
        """Whether the two are equal to a thousandth of the largest number of each output."""
        return self.relative <= _TOLERANCE

    @property
    def is_telling(self) -> bool:
        """Whether every output depends on the inputs by more than a thousandth of its largest number."""
        return self.spread is None or self.spread > _TOLERANCE

    @property
    def words(self) -> str:
        """The comparison in words."""
        found = f"the largest difference to torch is {self.difference:.3g}, {self.relative:.1g} of the largest output"
        if self.sizes:
            sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
            found += f" (with {sizes}{', and in the other order' if self.is_turned else ''})"
        return found


@dataclass(frozen=True)
class _Trial:
    """Inputs, and what torch makes of them."""

    given: Sequence[torch.Tensor]
    wanted: Sequence[torch.Tensor]


def check(
    model: onnx.ModelProto | Path,
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    batches: Sequence[int] = (1, 2, 7),
) -> float:
    """The largest absolute difference between ONNX Runtime and `run`; see `compare`."""
    return compare(model, graph, weights, batches).difference


def compare(
    model: onnx.ModelProto | Path,
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    batches: Sequence[int] = (1, 2, 7),
    see: Seen | None = None,
) -> Comparison:
    """ONNX Runtime, with a model or a file of one, against `run`, on normal inputs of each batch size.

    Symbolic sizes beside the batch get the least values with which the dimensions they are in have 32 places, the next
    name's 28, and so on, so that none is taken for another; every other run has them in the other order. Where the
    graph does not run so, equal ones; where it does not run with so many, fewer, then more, and last the fewest with
    which no tensor is empty. `see` is told how many runs of how many are done, of torch and then of ONNX Runtime.
    Raises `CompileError` (G507) when it runs with none of them, or when ONNX Runtime refuses the model.
    """
    see = see or _unseen
    (sizes, *turned), trials = _trials(graph, weights, batches, see)
    pairs: list[tuple[torch.Tensor, torch.Tensor]] = []
    try:
        # Threads in a recurrent layer wait for each other in busy loops, which on a busy machine is for ever.
        recurrent = any(node.op.name in ("lstm", "gru") for node in graph.nodes)
        session = session_of(model, 1 if recurrent else torch.get_num_threads())
        for number, trial in enumerate(trials, len(trials) + 1):
            pairs += _pairs(session, trial)
            see(number, 2 * len(trials))
    except _refusals() as error:
        reason = str(error).rsplit(" : ", maxsplit=1)[-1].strip()
        raise CompileError(Diagnostic("G507", f"ONNX Runtime refuses the model: {reason}")) from error
    gaps = [(_difference(*pair), _largest(pair[0])) for pair in pairs]
    worst = max([gap for gap, _ in gaps], default=0.0)
    relative = max([gap / max(largest, _TOLERANCE) for gap, largest in gaps], default=0.0)
    return Comparison(worst, sizes, bool(turned), relative, min(_spreads(trials), default=None))


def example(graph: Graph, weights: Mapping[str, torch.Tensor]) -> tuple[dict[str, int], dict[str, torch.Tensor]]:
    """Values of symbolic sizes beside the batch with which the graph runs, and normal inputs for one sample, by name.

    Errors: G507 when it runs with none.
    """
    (sizes, *_), (trial, *_) = _trials(graph, weights, (1,), _unseen)
    return sizes, {port.name: value for port, value in zip(graph.arguments, trial.given, strict=True)}


def _unseen(done: int, total: int) -> None:
    """What nobody watches."""


def _spreads(trials: Sequence[_Trial]) -> Iterator[float]:
    """How far the samples of each output are apart, as a share of its largest number."""
    for value in (value for trial in trials for value in trial.wanted):
        if value.dim() and value.shape[0] > 1 and (largest := _largest(value)):
            whole = value.double()
            yield float((whole - whole[:1]).nan_to_num(0, 0, 0).abs().max()) / largest


def _largest(value: torch.Tensor) -> float:
    """The largest number of a tensor, whatever its sign."""
    return float(value.double().nan_to_num(0, 0, 0).abs().max()) if value.numel() else 0.0


def _refusals() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises; what exports loads it only to compare."""
    import onnxruntime.capi.onnxruntime_pybind11_state as runtime

    return (
        *(runtime.NotImplemented, runtime.Fail, runtime.InvalidGraph),
        *(runtime.InvalidArgument, runtime.RuntimeException, runtime.EPFail),
    )


def session_of(model: onnx.ModelProto | Path, threads: int) -> onnxruntime.InferenceSession:
    """What runs a model, or a file of one, on the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # A waiting thread that spins holds up everybody on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    content = str(model) if isinstance(model, Path) else model.SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _pairs(session: onnxruntime.InferenceSession, trial: _Trial) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """What torch and what ONNX Runtime make of the same inputs."""
    names = [value.name for value in session.get_inputs()]
    found = session.run(None, {name: value.numpy() for name, value in zip(names, trial.given, strict=True)})
    return [(wanted, torch.from_numpy(np.asarray(array))) for wanted, array in zip(trial.wanted, found, strict=True)]


def _difference(wanted: torch.Tensor, found: torch.Tensor) -> float:
    """The largest absolute difference; infinite when the shapes differ or only one of two numbers is one."""
    if wanted.shape != found.shape:
        return float("inf")
    gap = (wanted.double() - found.double()).abs()
    gap = gap.masked_fill((wanted == found) | (wanted.isnan() & found.isnan()), 0.0)
    return float(gap.nan_to_num(nan=float("inf")).max()) if gap.numel() else 0.0


def _trials(
    graph: Graph, weights: Mapping[str, torch.Tensor], batches: Sequence[int], see: Seen
) -> tuple[list[dict[str, int]], list[_Trial]]:
    """Sizes beside the batch with which the graph runs, once or in two orders, and its runs with each batch."""
    for port in (*graph.arguments, *graph.results):
        if port.value.type.dtype is DType.BF16:
            message = f"ONNX Runtime takes and gives no bf16 here, and `{port.name}` is {port.value.type}"
            raise CompileError(Diagnostic("G507", message, port.span))
    batch = batch_symbol(graph)
    reason, largest = "", 0
    for places, orders in ways(graph, batches):
        largest = max(largest, places)
        generator = torch.Generator().manual_seed(0)
        try:
            trials: list[_Trial] = []
            for one in (runs := _each(orders, batch, batches)):
                trials.append(_trial(graph, weights, one, generator))
                see(len(trials), 2 * len(runs))
            return orders, trials
        except (ValueError, RuntimeError, IndexError) as error:
            reason = reason or str(error)
        if not orders[0]:
            break
    most = ", ".join(f"{name} = {size}" for name, size in sizes_of(graph, largest).items() if name != batch)
    tried = f", up to {most}" if most else ""
    raise CompileError(Diagnostic("G507", f"the network ran with none of the sizes that were tried{tried}: {reason}"))


def _each(orders: Sequence[Mapping[str, int]], batch: str | None, batches: Sequence[int]) -> list[dict[str, int]]:
    """The sizes of each run: every batch, and every order."""
    if batch is None or not batches:
        return [] if batch else [dict(sizes) for sizes in orders]
    runs = range(max(len(orders), len(batches)))
    return [{**orders[i % len(orders)], batch: batches[i % len(batches)]} for i in runs]


def _trial(
    graph: Graph, weights: Mapping[str, torch.Tensor], sizes: Mapping[str, int], generator: torch.Generator
) -> _Trial:
    given = [_drawn(port, sizes, generator) for port in graph.arguments]
    with torch.no_grad():
        return _Trial(given, list(run(graph, given, weights).values()))


def _drawn(port: Port, sizes: Mapping[str, int], generator: torch.Generator) -> torch.Tensor:
    kind = port.value.type.substitute(sizes)
    shape = [size for size in kind.shape if isinstance(size, int)]
    if len(shape) < kind.rank:
        raise ValueError(f"no sizes can be chosen for the input `{port.name}` of type {port.value.type}")
    element = getattr(torch, kind.dtype.torch_name)
    if kind.dtype.is_float:
        return torch.randn(shape, generator=generator).to(element)
    return torch.randint(2, shape, generator=generator).to(element)
