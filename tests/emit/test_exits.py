"""Networks with exits: each answer alone, one after another, or as a budget allows, is that of the whole network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.module import GraphModule
from ghndsl.emit.onnx.comparison import session_of
from ghndsl.ir import Graph
from ghndsl.passes import until

SIDEWAYS = """
arch sideways() {
    input x: f32[N, 3, 8, 8]
    a = x -> conv(4, 3, padding=1) as a -> batch_norm as norm -> relu
    b = x -> conv(4, 1) as b
    exit first = a -> mean([2, 3]) -> linear(5) as first
    exit second = (a + b) -> mean([2, 3]) -> linear(5) as second
    exit same = b
    output logits = b -> conv(6, 3) as c -> mean([2, 3]) -> linear(5) as head
}
"""
"""Neither does each exit need what those before it do, nor the output all of theirs."""

NETWORKS = {
    "sideways": lambda: ghndsl.loads(SIDEWAYS),
    "msdnet": lambda: ghndsl.load("msdnet"),
    "ghn_anytime": lambda: ghndsl.load_space("ghn_anytime", width=4, size=8).build(
        ghndsl.load_space("ghn_anytime").candidate(12345678901234567890)
    ),
    "one output": lambda: ghndsl.load("resnet18", classes=3, size=32),
}


@pytest.fixture(params=NETWORKS, scope="module")
def graph(request: pytest.FixtureRequest) -> Graph:
    return NETWORKS[request.param]()


@pytest.fixture(scope="module")
def module(graph: Graph) -> GraphModule:
    return ghndsl.to_torch(graph, seed=0).eval()


@pytest.fixture(scope="module")
def inputs(graph: Graph) -> torch.Tensor:
    (kind,) = graph.inputs.values()
    shape = [size for size in kind.shape[1:] if isinstance(size, int)]
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))


def named(module: GraphModule, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
    found = module(inputs)
    return found if isinstance(found, dict) else {"logits": found}


def called(module: GraphModule, run: object, inputs: torch.Tensor, **options: object) -> set[str]:
    """The layers that are called, by path."""
    found: set[str] = set()

    def heard(path: str) -> object:
        return lambda *_: found.add(path)

    layers = {path: layer for path, layer in module.named_modules() if not any(layer.children())}
    hooks = [layer.register_forward_hook(heard(path)) for path, layer in layers.items()]
    assert callable(run)
    run(inputs, **options)
    for hook in hooks:
        hook.remove()
    return found


def test_until_gives_the_answer_of_the_whole_network(module: GraphModule, inputs: torch.Tensor) -> None:
    for name, answer in named(module, inputs).items():
        assert torch.equal(module(inputs, until=name), answer)


def test_until_does_only_what_that_answer_needs(graph: Graph, module: GraphModule, inputs: torch.Tensor) -> None:
    whole = called(module, module, inputs)
    for name in graph.outputs:
        needed = {node.path for node in until(graph, name).nodes}
        assert called(module, module, inputs, until=name) == whole & needed


def test_answers_come_one_after_another(graph: Graph, module: GraphModule, inputs: torch.Tensor) -> None:
    wanted = named(module, inputs)
    found = list(module.answers(inputs))
    assert [name for name, _ in found] == list(wanted)
    assert all(torch.equal(answer, wanted[name]) for name, answer in found)
    # What comes first is made without what only later ones need, and nothing is made twice.
    coming: Iterator[tuple[str, torch.Tensor]] = module.answers(inputs)
    first = called(module, lambda _: next(coming), inputs)
    rest = called(module, lambda _: list(coming), inputs)
    assert first <= {node.path for node in until(graph, next(iter(wanted))).nodes}
    weighted = {path for path, layer in module.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)}
    assert not first & rest & weighted
    assert first | rest == called(module, module, inputs)


def test_a_budget_buys_the_most_costly_answer_that_it_allows() -> None:
    graph = ghndsl.load("msdnet")
    module = ghndsl.to_torch(graph, seed=0).eval()
    inputs = torch.randn(1, 3, 32, 32)
    wanted = named(module, inputs)
    costs = {name: until(graph, name).macs or 0 for name in graph.outputs}
    for name, cost in costs.items():
        assert torch.equal(module.anytime(inputs, budget_macs=cost), wanted[name])
    for name, after in zip(list(costs)[:-1], list(costs.values())[1:], strict=True):
        assert torch.equal(module.anytime(inputs, budget_macs=after - 1), wanted[name])


REFUSED = {
    "costs so little: `early1` takes 8,497,408 MACs": ("msdnet", 8_497_407),
    "no exits": ("resnet18", 1e12),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_no_budget_buys_is_refused(words: str) -> None:
    name, budget = REFUSED[words]
    module = ghndsl.to_torch(ghndsl.load(name), seed=0)
    with pytest.raises(ValueError, match=words):
        module.anytime(torch.zeros(1, 3, 32, 32), budget_macs=budget)


def test_open_sizes_have_no_costs() -> None:
    text = "arch a() {\n input x: f32[N, T, 2]\n exit e = x -> linear(2) as a\n output y = x -> linear(3) as b\n}"
    with pytest.raises(ValueError, match="sizes are open"):
        ghndsl.to_torch(ghndsl.loads(text), seed=0).anytime(torch.zeros(1, 2, 2), budget_macs=1e9)


def test_an_input_may_be_called_until() -> None:
    text = "arch a() {\n input until: f32[N, 2]\n exit e = until -> relu\n output y = until -> tanh\n}"
    module, given = ghndsl.to_torch(ghndsl.loads(text), seed=0), torch.ones(1, 2)
    assert list(module(until=given)) == ["e", "y"]
    assert torch.equal(module(given, until="e"), given)


def test_an_exit_that_is_not_there_is_refused(module: GraphModule, inputs: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="no exit or output `nowhere`: there are"):
        module(inputs, until="nowhere")
    with pytest.raises(ValueError, match="takes 1 inputs"):
        module.answers(inputs, inputs)


def test_a_layer_may_be_called_as_a_method_is() -> None:
    text = (
        "arch a() {\n input x: f32[N, 2]\n exit e = x -> linear(2) as anytime\n output y = x -> linear(2) as answers\n}"
    )
    module = ghndsl.to_torch(ghndsl.loads(text), seed=0)
    assert sorted(module.state_dict()) == ["answers.bias", "answers.weight", "anytime.bias", "anytime.weight"]
    assert [name for name, _ in module.answers(torch.zeros(1, 2))] == ["e", "y"]


def test_each_answer_as_onnx_is_that_of_torch(graph: Graph, inputs: torch.Tensor) -> None:
    weights = initial_weights(graph, 0)
    wanted = named(ghndsl.to_torch(graph, weights).eval(), inputs)
    (name,) = graph.inputs
    parts = {"all": graph} | {answer: until(graph, answer) for answer in wanted}
    for part in parts.values():
        session = session_of(ghndsl.to_onnx(part, {path: weights[path] for path in part.weights}), 1)
        found = session.run(None, {name: inputs.numpy()})
        for output, array in zip(session.get_outputs(), found, strict=True):
            torch.testing.assert_close(torch.from_numpy(np.asarray(array)), wanted[output.name], rtol=1e-4, atol=1e-5)


def test_what_is_asked_for_must_be_there() -> None:
    with pytest.raises(CompileError) as caught:
        until(ghndsl.load("msdnet"), "erly1")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.help) == ("G614", "did you mean `early1`?")
