"""Every row of the table of samples is measured, told apart, drawn, simplified, and its weights are generated."""

from ghndsl.emit.initial import initial_weights
from ghndsl.emit.picture.dot import to_dot
from ghndsl.ghn import GHN, GHNConfig, fit
from ghndsl.ir import verify
from ghndsl.passes import simplify


def test_the_graph_is_sound_measured_and_told_apart(sample) -> None:
    graph = sample.graph
    verify(graph)
    verify(simplify(graph))
    assert graph.id == sample.graph.id
    assert graph.params == sum(weight.numel for weight in graph.weights.values() if weight.trainable)
    for measure in (graph.macs, graph.memory):
        assert measure is None or measure >= 0


def test_the_picture_names_it(sample) -> None:
    assert f"<b>{sample.op.name}</b>" in to_dot(sample.graph).source


def test_the_hypernetwork_makes_its_weights(sample) -> None:
    graph = sample.graph
    made = GHN(GHNConfig(fit([graph]), hidden=8, message=8, width=8), seed=0)(graph)
    assert {path: tuple(value.shape) for path, value in made.items()} == {p: w.shape for p, w in graph.weights.items()}
    for path, weight in graph.weights.items():
        assert made[path].requires_grad is weight.trainable
        assert bool(made[path].isfinite().all())
    assert list(initial_weights(graph, 0)) == list(made)
