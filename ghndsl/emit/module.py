"""A graph goes in; a torch module with torch's own layers and the graph's weight paths as names comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import nn

from ghndsl.emit.initial import initial_weights
from ghndsl.emit.legs import Leg, legs
from ghndsl.emit.module_tree import ModuleTree, held
from ghndsl.emit.run import last_uses
from ghndsl.emit.weights import Array, matched
from ghndsl.ir import Graph, Node
from ghndsl.ir.sizes import bind_sizes
from ghndsl.ops import Mode, Operator
from ghndsl.passes.dead import dead
from ghndsl.passes.facts import reach, within
from ghndsl.types import TensorType


def to_torch(graph: Graph, weights: Mapping[str, Array] | None = None, seed: int | None = None) -> GraphModule:
    """A module whose `state_dict` has exactly the paths of the pruned graph's weights, in training mode.

    It takes its inputs in order or by name and returns one output as a tensor, several as a dict by name; one of them
    with `until=name`, one after another with `answers`, the one that a budget allows with `anytime`. Without `weights`
    it has initial ones that `seed`, or torch's own generator, draws. Weights that do not fit are refused
    (`CompileError`, G503).

    >>> from ghndsl import ops
    >>> from ghndsl.ir import GraphBuilder, Scope
    >>> build = GraphBuilder("net")
    >>> x = build.input("x", TensorType((1, 4)))
    >>> (y,) = build.add(ops.Linear(2), [x], "head.fc", Scope("arch", "net"))
    >>> build.output("y", y)
    >>> module = to_torch(build.finish(), seed=0)
    >>> list(module.state_dict()), module(torch.ones(1, 4)).shape
    (['head.fc.weight', 'head.fc.bias'], torch.Size([1, 2]))
    """
    pruned = dead(graph)
    if weights is None:
        drawn = int(torch.randint(2**31, ())) if seed is None else seed
        return GraphModule(pruned, initial_weights(pruned, drawn))
    return GraphModule(pruned, matched(pruned, weights, also=graph))


@dataclass(frozen=True, slots=True)
class _Step:
    """One node: a layer to call, or an operator whose weights lie in modules under names."""

    layer: nn.Module | None
    op: Operator
    inputs: tuple[int, ...]
    results: tuple[int, ...]
    weights: tuple[tuple[str, nn.Module, str], ...]
    frees: tuple[int, ...]


class GraphModule(nn.Module):
    """The module of a graph: layers and containers at the places that the paths name, and a list of steps."""

    _version: int = 2
    """Goes with every `state_dict`: torchvision's MNASNet takes weights of version 1 for its first architecture."""

    def __init__(self, graph: Graph, weights: Mapping[str, torch.Tensor]) -> None:
        super().__init__()
        self._types: dict[str, TensorType] = graph.inputs
        self._arguments = tuple((port.name, port.value.id) for port in graph.arguments)
        self._outputs = tuple((port.name, port.value.id) for port in graph.results)
        self._legs = legs(graph, graph.results)
        self._ways = {port.name: legs(graph, [port])[0] for port in graph.results}
        self._reach = tuple(reach(graph, port) for port in graph.results)
        # A list, which torch does not look into: the layers are registered in the tree. It must be there before them,
        # for torch sets no attribute by the name of a child.
        self._steps: list[_Step] = []
        tree = ModuleTree(self, _layers(graph))
        for path in tree.layers:
            tree.at(path)
        for path, weight in graph.weights.items():
            tree.register(path, weights[path], trainable=weight.trainable)
        self._steps.extend(_steps(graph, tree))

    def train(self, mode: bool = True) -> Self:
        """Sets training or evaluation mode, also where a child is called `training`."""
        for module in self.modules():
            vars(module)["training"] = mode
        return self

    def forward(
        self, *inputs: torch.Tensor, until: str | torch.Tensor | None = None, **named: torch.Tensor
    ) -> torch.Tensor | dict[str, torch.Tensor]:
        """The output, or the outputs and exits by name; `until` one of them, it alone, and nothing is done that it does
        not need. (A tensor is an input that is called so.) Raises ValueError when an input does not fit its type, or
        there is no such exit."""
        if isinstance(until, torch.Tensor):
            named, until = {**named, "until": until}, None
        values, mode = self._begun(inputs, named)
        if until is not None:
            return self._answer(self._way(until), values, mode)
        for step in self._steps:
            _do(step, values, mode, step.frees)
        results = {name: values[number] for name, number in self._outputs}
        return next(iter(results.values())) if len(results) == 1 else results

    def answers(self, *inputs: torch.Tensor, **named: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
        r"""Each exit and output with its name as soon as it is ready, in the order of the text; what is not asked for
        any more is not computed. Raises ValueError when an input does not fit its type. In training mode what is left
        to chance may be drawn in another order than the whole network draws it.

        >>> import ghndsl
        >>> text = "input x: f32[N, 2]\n exit early = x -> relu\n output y = x -> linear(3) -> tanh"
        >>> module = to_torch(ghndsl.loads(f"arch net() {{ {text} }}"), seed=0)
        >>> [(name, tuple(answer.shape)) for name, answer in module.answers(torch.ones(1, 2))]
        [('early', (1, 2)), ('y', (1, 3))]
        """
        values, mode = self._begun(inputs, named)
        return ((leg.name, self._answer(leg, values, mode)) for leg in self._legs)

    def anytime(self, *inputs: torch.Tensor, budget_macs: float, **named: torch.Tensor) -> torch.Tensor:
        r"""The answer of the most costly exit or output that takes at most so many multiply-adds a sample; nothing is
        done that it does not need. Raises ValueError where none costs so little, where there is no exit, and where
        costs are not known as sizes are open.

        >>> import ghndsl
        >>> text = "input x: f32[N, 2]\n a = x -> linear(2)\n exit early = a\n output y = a -> linear(3)"
        >>> module = to_torch(ghndsl.loads(f"arch net() {{ {text} }}"), seed=0)
        >>> [module.anytime(torch.ones(1, 2), budget_macs=budget).shape[1] for budget in (4, 9, 10)]
        [2, 2, 3]
        """
        way = self._way(within(self._reach, budget_macs).name)
        values, mode = self._begun(inputs, named)
        return self._answer(way, values, mode)

    def _way(self, name: str) -> Leg:
        if name not in self._ways:
            raise ValueError(f"there is no exit or output `{name}`: there are {', '.join(self._ways)}")
        return self._ways[name]

    def _answer(self, leg: Leg, values: dict[int, torch.Tensor], mode: Mode) -> torch.Tensor:
        for place, frees in leg.nodes:
            _do(self._steps[place], values, mode, frees)
        return values[leg.value]

    def _begun(
        self, inputs: Sequence[torch.Tensor], named: Mapping[str, torch.Tensor]
    ) -> tuple[dict[int, torch.Tensor], Mode]:
        """The values of the inputs, and how steps are done with them."""
        if len(inputs) > len(self._types):
            raise ValueError(f"the module takes {len(self._types)} inputs, {len(inputs)} were given")
        given = dict(zip(self._types, inputs, strict=False))
        for name, value in named.items():
            if name in given:
                raise ValueError(f"input `{name}` is given twice")
            given[name] = value
        sizes = bind_sizes(self._types, {name: tuple(value.shape) for name, value in given.items()})
        device = next((value.device for value in given.values()), None)
        mode = Mode("train" if self.training else "eval", sizes=sizes, device=device)
        return {number: given[name] for name, number in self._arguments}, mode


def _owners(graph: Graph) -> dict[str, Node]:
    """For each path the first node with weights there, or the first of all: only paths of weights are kept apart."""
    weighted = {node.path for node in graph.nodes if node.weights}
    owners: dict[str, Node] = {}
    for node in graph.nodes:
        if node.weights or node.path not in weighted:
            owners.setdefault(node.path, node)
    return owners


def _layers(graph: Graph) -> dict[str, nn.Module]:
    """One of torch's modules for each path, of the node that owns it; none for operators that are functions."""
    layers: dict[str, nn.Module] = {}
    for node in _owners(graph).values():
        if not (node.path or node.weights):
            continue
        # Weights are put in afterwards, so none need be drawn here.
        with torch.device("meta"):
            layer = node.op.module(*node.input_types)
        if layer is not None:
            layers[node.path] = layer
    return layers


def _steps(graph: Graph, tree: ModuleTree) -> list[_Step]:
    """A step for each node; it calls the layer at the node's path if that is this node's, else the operator."""
    uses = last_uses(graph.nodes, [port.value.id for port in graph.results])
    first = _owners(graph)
    steps: list[_Step] = []
    for node, frees in zip(graph.nodes, uses, strict=True):
        layer = tree.layers.get(node.path) if _same_layer(node, first[node.path]) else None
        weights = tuple((weight.name, *tree.owner(node.weight_path(weight))) for weight in node.weights)
        inputs, results = (tuple(value.id for value in values) for values in (node.inputs, node.results))
        steps.append(_Step(layer, node.op, inputs, results, () if layer else weights, frees))
    return steps


def _same_layer(node: Node, first: Node) -> bool:
    if node is first:
        return True
    kinds, first_kinds = node.input_types, first.input_types
    return (
        node.op == first.op
        and node.op.torch_class(*kinds) == first.op.torch_class(*first_kinds)
        and node.op.torch_arguments(*kinds) == first.op.torch_arguments(*first_kinds)
    )


def _do(step: _Step, values: dict[int, torch.Tensor], mode: Mode, frees: Sequence[int]) -> None:
    """Puts the results of a step among the values, and takes away what is not needed any more."""
    values.update(zip(step.results, _apply(step, [values[number] for number in step.inputs], mode), strict=True))
    for number in frees:
        del values[number]


def _apply(step: _Step, inputs: list[torch.Tensor], mode: Mode) -> tuple[torch.Tensor, ...]:
    if step.layer is not None:
        return step.op.call(step.layer, inputs)
    return step.op.run(inputs, {local: held(module, name) for local, module, name in step.weights}, mode)
