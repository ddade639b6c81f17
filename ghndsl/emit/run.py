"""A graph, its inputs and its weights go in; the outputs come out, computed without building a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch

from ghndsl.ir import Graph, Node
from ghndsl.ir.sizes import bind_sizes
from ghndsl.ops import Mode, NamedTensors, Results, Role, Tensors
from ghndsl.passes.dead import dead
from ghndsl.types import TensorType

Inputs = Mapping[str, torch.Tensor] | Sequence[torch.Tensor]

_WeightNames = tuple[tuple[str, str], ...]
"""Pairs of a weight's local name and its path."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One node: values by id, and those that no later step needs."""

    apply: Callable[[Tensors, NamedTensors, Mode], Results]
    inputs: tuple[int, ...]
    results: tuple[int, ...]
    needed: _WeightNames
    kept: _WeightNames
    frees: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    inputs: dict[str, TensorType]
    arguments: tuple[tuple[int, str], ...]
    steps: tuple[_Step, ...]
    outputs: tuple[tuple[str, int], ...]


_PLANS: WeakKeyDictionary[Graph, _Plan] = WeakKeyDictionary()


def run(
    graph: Graph,
    inputs: Inputs,
    weights: Mapping[str, torch.Tensor],
    mode: Mode | None = None,
    see: Callable[[Results], None] | None = None,
) -> dict[str, torch.Tensor]:
    """The outputs and exits by name, in evaluation unless `mode` says otherwise.

    Inputs go by name or in order. Gradients flow to inputs and weights, and nothing given is changed. Weights that no
    output needs may be missing, and so may running statistics outside evaluation. In calibration `mode.statistics`
    receives the new statistics by path, those of a node used several times averaged. `see` is shown the results of each
    node as they come. Raises ValueError when an input
    does not fit its type or a weight is missing.

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> from ghndsl.types import TensorType
    >>> build = GraphBuilder("net")
    >>> x = build.input("x", TensorType((3,)))
    >>> (y,) = build.add(ops.Relu(), [x], "0", Scope("arch", "net"))
    >>> build.output("y", y)
    >>> run(build.finish(), [torch.tensor([-1.0, 0.0, 2.0])], {})
    {'y': tensor([0., 0., 2.])}
    """
    plan = _plan(graph)
    named = named_inputs(plan.inputs, inputs)
    sizes = bind_sizes(plan.inputs, {name: tuple(value.shape) for name, value in named.items()})
    kind, generator, statistics = ("eval", None, None) if mode is None else (mode.kind, mode.generator, mode.statistics)
    values = {number: named[name] for number, name in plan.arguments}
    here = Mode(kind, generator, sizes, device=next((value.device for value in named.values()), None))
    counts: dict[str, int] = {}
    for step in plan.steps:
        given = _weights(step, weights, evaluating=kind == "eval")
        own: dict[str, torch.Tensor] | None = None
        if kind == "calibrate" and step.kept and statistics is not None:
            own = {}
        results = step.apply(
            [values[number] for number in step.inputs], given, here if own is None else here.collecting(own)
        )
        values.update(zip(step.results, results, strict=True))
        if see is not None:
            see(results)
        for number in step.frees:
            del values[number]
        if own is not None and statistics is not None:
            _collect(step, own, statistics, counts)
    return {name: values[number] for name, number in plan.outputs}


@torch.no_grad()
def calibrate(graph: Graph, inputs: Inputs, weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights with running statistics replaced by those of this one batch, each layer fed by the ones before it."""
    statistics: dict[str, torch.Tensor] = {}
    run(graph, inputs, weights, Mode("calibrate", statistics=statistics))
    return {**weights, **statistics}


def named_inputs(types: Mapping[str, TensorType], inputs: Inputs) -> Mapping[str, torch.Tensor]:
    """Inputs by name, given so or in order."""
    if isinstance(inputs, Mapping):
        return inputs
    if len(inputs) != len(types):
        raise ValueError(f"the graph takes {len(types)} inputs ({', '.join(types)}), {len(inputs)} were given")
    return dict(zip(types, inputs, strict=True))


def last_uses(nodes: Sequence[Node], kept: Iterable[int]) -> list[tuple[int, ...]]:
    """For each node, the values by id that no later node needs; those in `kept` are needed to the end."""
    seen = set(kept)
    uses: list[tuple[int, ...]] = []
    for node in reversed(nodes):
        ids = dict.fromkeys(value.id for value in (*node.inputs, *node.results))
        uses.append(tuple(number for number in ids if number not in seen))
        seen.update(ids)
    return uses[::-1]


def _plan(graph: Graph) -> _Plan:
    """How to run a graph; made once and kept as long as the graph."""
    plan = _PLANS.get(graph)
    if plan is None:
        pruned = dead(graph)
        uses = last_uses(pruned.nodes, [port.value.id for port in pruned.results])
        plan = _PLANS[graph] = _Plan(
            graph.inputs,
            tuple((port.value.id, port.name) for port in pruned.arguments),
            tuple(_step(node, frees) for node, frees in zip(pruned.nodes, uses, strict=True)),
            tuple((port.name, port.value.id) for port in pruned.results),
        )
    return plan


def _step(node: Node, frees: tuple[int, ...]) -> _Step:
    paths = [(weight, (weight.name, node.weight_path(weight))) for weight in node.weights]
    return _Step(
        node.op.run,
        tuple(value.id for value in node.inputs),
        tuple(value.id for value in node.results),
        tuple(pair for weight, pair in paths if not weight.role.is_statistic),
        tuple(pair for weight, pair in paths if weight.role in (Role.MEAN, Role.VARIANCE)),
        frees,
    )


def _weights(step: _Step, weights: Mapping[str, torch.Tensor], *, evaluating: bool) -> dict[str, torch.Tensor]:
    try:
        given = {name: weights[path] for name, path in step.needed}
        if evaluating:
            given.update({name: weights[path] for name, path in step.kept})
    except KeyError as error:
        raise ValueError(f"weight `{error.args[0]}` is missing") from error
    return given


def _collect(
    step: _Step, own: Mapping[str, torch.Tensor], statistics: dict[str, torch.Tensor], counts: dict[str, int]
) -> None:
    """Takes a node's statistics in, as the running mean over the uses of its path."""
    for name, path in step.kept:
        count = counts[path] = counts.get(path, 0) + 1
        statistics[path] = own[name] if count == 1 else statistics[path] + (own[name] - statistics[path]) / count
