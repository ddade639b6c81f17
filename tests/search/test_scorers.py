"""Estimators: each measures what its paper says, alike whatever came before, and votes count ranks."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
from itertools import islice

import pytest
import torch

import ghndsl
from ghndsl import ops
from ghndsl.data import Classes, Split, load
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.ghn import GHN, GHNConfig, fit
from ghndsl.ir import Graph, GraphBuilder, Scope
from ghndsl.search.correlation import WORST
from ghndsl.search.draw import Drawn, distinct
from ghndsl.search.measure import Measuring, complete, measure
from ghndsl.search.scale import Scaled, scaled
from ghndsl.search.scorers import BEST, Setting, prepare, scores, terms
from ghndsl.search.scorers.early import Early
from ghndsl.search.scorers.first import first_weights
from ghndsl.search.scorers.grad_norm import GradNorm
from ghndsl.search.scorers.jacob_cov import JacobCov
from ghndsl.search.scorers.meco import MeCo
from ghndsl.search.scorers.names import ESTIMATORS, scorer_name
from ghndsl.search.scorers.one_shot import Shared
from ghndsl.search.scorers.synflow import Synflow
from ghndsl.search.scorers.vote import tally, upper
from ghndsl.search.workers import each, workers_for
from ghndsl.training.anytime import Budgets
from ghndsl.training.descend import descend, loss_of
from ghndsl.training.score import calibrated, probe, score
from ghndsl.training.seeds import derived
from ghndsl.types import TensorType, symbol


@pytest.fixture(scope="module")
def scale() -> Scaled:
    return scaled(ghndsl.load_space("digits"), load("digits"))


@pytest.fixture(scope="module")
def ghn(scale: Scaled) -> GHN:
    return GHN(GHNConfig(fit(drawn.at(scale.cheap) for drawn in some(scale, 30))))


def some(scale: Scaled, count: int = 4) -> list[Drawn]:
    return list(islice(distinct(scale.cheap, 5), count))


@pytest.mark.parametrize("name", [*ESTIMATORS, BEST])
def test_what_is_measured_depends_on_the_candidate_alone(name: str, scale: Scaled, ghn: GHN) -> None:
    """Not on the order, on torch's generator or on its threads, nor on being sent to another process."""
    estimator = prepare(name, Setting(scale, 1, 3, 3, ghn, Budgets(10_000, 10_000_000))).whole
    first = [estimator.measure(drawn) for drawn in some(scale)]
    torch.manual_seed(3)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    copy = pickle.loads(pickle.dumps(estimator))
    again = [copy.measure(drawn) for drawn in reversed(some(scale))]
    torch.set_num_threads(before)
    assert first == again[::-1]
    found = scores(name, first)
    assert len(set(found)) > 1
    assert all(map(math.isfinite, found))


def test_workers_change_nothing(scale: Scaled, ghn: GHN) -> None:
    task = Measuring(prepare("ghn+synflow", Setting(scale, ghn=ghn)).whole, scale.full)
    picks = [drawn.candidate for drawn in some(scale, 5)]
    assert list(each(task, picks, 1)) == list(each(task, picks, 2))
    assert workers_for(3) == 1
    assert workers_for(3, 4) == 3


class TestStages:
    """A later vote measures what it needs of the best quarter alone."""

    def test_the_best_quarter_alone_is_measured_again(self, scale: Scaled) -> None:
        scorer = prepare("synflow>params+synflow", Setting(scale))
        picks = some(scale, 12)
        rows = list(measure(scorer, scale.full, [drawn.candidate for drawn in picks]))
        assert [index for index, _ in rows[:12]] == list(range(12))
        best = sorted(range(12), key=lambda index: -rows[index][1].measured["synflow"])[:3]
        assert {index for index, _ in rows[12:]} == set(best)
        assert all(set(row.measured) == {"synflow", "params"} for _, row in rows[12:])
        merged = dict(rows)
        found = scores(scorer.name, [merged[index].measured for index in range(12)])
        assert set(sorted(range(12), key=lambda index: -found[index])[:3]) == set(best)

    def test_what_is_known_is_not_measured_again(self, scale: Scaled) -> None:
        scorer = prepare("synflow>params", Setting(scale))
        candidates = [drawn.candidate for drawn in some(scale, 8)]
        rows = list(measure(scorer, scale.full, candidates))
        known = {index: row.measured for index, row in rows}
        assert complete(scorer.name, [known[index] for index in range(8)])
        assert not list(measure(scorer, scale.full, candidates, known))
        del known[5], known[rows[-1][0]]
        again = list(measure(scorer, scale.full, candidates, known))
        assert dict(rows) == {**dict(rows), **dict(again)}
        assert {index for index, _ in again} == {5, rows[-1][0]}


def test_a_fault_in_a_worker_is_raised_at_its_item() -> None:
    found = each(math.sqrt, [4.0, -1.0, 9.0], 2)
    assert next(found) == 2.0
    with pytest.raises(ValueError, match="domain"):
        list(found)
    assert not multiprocessing.active_children()


def test_a_worker_that_ends_is_told() -> None:
    with pytest.raises(CompileError) as refused:
        list(each(os._exit, [3, 3], 2))
    assert refused.value.diagnostics[0].code == "G607"


def test_what_is_left_does_not_run_on() -> None:
    """As after Ctrl-C: closing ends processes that would never end by themselves."""
    found = each(_endless, [0, 1, 1, 1], 2)
    assert next(found) == 0
    found.close()
    assert not multiprocessing.active_children()


def _endless(number: int) -> int:
    while number:
        pass
    return number


class TestVotes:
    def test_ranks_are_summed(self) -> None:
        measured = [{"a": 1.0, "b": 9.0}, {"a": 2.0, "b": 5.0}, {"a": 3.0, "b": 5.0}]
        assert tally(terms("a+b"), measured) == pytest.approx([0.5, 0.375, 0.625])
        assert tally(terms("a-0.5*b"), measured) == pytest.approx([0.0, 7 / 12, 11 / 12])

    @pytest.mark.parametrize("worst", [math.nan, math.inf, -math.inf])
    def test_what_is_no_number_is_the_worst_either_way(self, worst: float) -> None:
        measured = [{"a": 1.0, "b": worst}, {"a": 1.0, "b": 3.0}, {"a": 1.0, "b": 4.0}]
        assert tally(terms("a+b"), measured) == pytest.approx([0.25, 0.5, 0.75])
        assert tally(terms("a-b"), measured) == pytest.approx([0.25, 0.75, 0.5])

    def test_a_later_vote_orders_the_best_quarter_anew(self) -> None:
        """Of eight by `a`, the two best change places by `b` with twice the weight; the rest stay where they are."""
        measured = [{"params": float(number), "macs": float(-number)} for number in range(8)]
        found = scores("params>2*macs", measured)
        assert sorted(range(8), key=found.__getitem__) == [0, 1, 2, 3, 4, 5, 7, 6]
        assert 0 <= min(found) <= max(found) <= 1

    @pytest.mark.parametrize("count", range(23))
    def test_the_quarter_stays_above_the_rest(self, count: int) -> None:
        """Whatever a later vote says, and ties in it are broken by the vote before."""
        measured = [{"params": float(number), "macs": float(-number)} for number in range(count)]
        found = scores("params>macs", measured)
        assert sorted(range(count), key=found.__getitem__) == list(range(count)), "two votes that undo each other"
        assert len(set(found)) == count
        best = set(upper([one["params"] for one in measured]))
        turned = scores("params>3*macs", measured)
        assert set(sorted(range(count), key=lambda index: -turned[index])[: len(best)]) == best

    def test_spaces_say_nothing_and_weights_are_numbers(self) -> None:
        assert scorer_name(" params + 2 * macs > synflow ") == "params+2*macs>synflow"
        with pytest.raises(CompileError):
            scorer_name(f"{'9' * 400}*params")

    def test_one_term_keeps_its_sign(self) -> None:
        measured = [{"params": 3.0}, {"params": 5.0}]
        assert scores("params", measured) == [3.0, 5.0]
        assert scores("-params", measured) == [1.0, 0.0]

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "+",
            "params+",
            "2*",
            "0*params",
            "params**macs",
            "params>",
            ">params",
            "params+luck",
            "luck",
            "best+params",
        ],
    )
    def test_others_are_refused(self, name: str, scale: Scaled) -> None:
        with pytest.raises(CompileError) as refused:
            prepare(name, Setting(scale))
        assert refused.value.diagnostics[0].code == "G605"

    def test_a_hypernetwork_is_trained_once_and_shared(self, scale: Scaled) -> None:
        vote = prepare("ghn+tuned", Setting(scale, steps=2))
        first, second = vote.whole.parts
        assert first.ghn is second.generated.ghn

    def test_data_that_does_not_fit_is_refused_unless_nothing_is_run(self) -> None:
        wrong = scaled(ghndsl.load_space("nasbench201"), load("digits"))
        assert prepare("params+macs", Setting(wrong)).name == "params+macs"
        for name in ("synflow", "sgd", "best"):
            with pytest.raises(CompileError) as refused:
                prepare(name, Setting(wrong))
            assert refused.value.diagnostics[0].code == "G407"


def net(*chain: ops.Operator, channels: int = 2) -> Graph:
    """A chain of operators on images of 4x4."""
    build = GraphBuilder("net")
    x = build.input("image", TensorType((symbol("N"), channels, 4, 4)))
    for number, op in enumerate(chain):
        (x,) = build.add(op, [x], str(number), Scope("arch", "net"))
    build.output("logits", x)
    return build.finish()


def batch(count: int = 8, channels: int = 2) -> Split:
    rng = torch.Generator().manual_seed(0)
    images = torch.randn(count, channels, 4, 4, generator=rng)
    return Split({"x": images}, torch.arange(count) % 3, Classes(3), ("x",))


def look(kind: type, graph: Graph, weights: dict[str, torch.Tensor]) -> float:
    return kind(None, batch(), 0).value(graph, weights)


LINEAR = net(ops.Flatten(), ops.Linear(3))


def test_synflow_of_a_linear_layer_is_the_sum_of_its_sizes() -> None:
    """R is the sum of |w| and |b|, so each weight's flow is its own size."""
    weights = initial_weights(LINEAR, 0)
    total = sum(float(weight.abs().sum()) for weight in weights.values())
    assert look(Synflow, LINEAR, weights) == pytest.approx(math.log(total), rel=1e-5)


def test_grad_norm_equals_torch() -> None:
    weights = initial_weights(LINEAR, 0)
    layer = torch.nn.Linear(32, 3)
    layer.load_state_dict({"weight": weights["1.weight"], "bias": weights["1.bias"]})
    torch.nn.functional.cross_entropy(layer(batch().inputs["x"].flatten(1)), batch().targets).backward()
    total = sum(float(parameter.grad.norm()) for parameter in layer.parameters())
    assert look(GradNorm, LINEAR, weights) == pytest.approx(math.log(total), rel=1e-5)


@pytest.mark.parametrize("kind", [Synflow, GradNorm, JacobCov])
@pytest.mark.parametrize("version", [1, 2])
def test_tables_of_attention_in_windows_are_left_as_they_are(kind, version) -> None:
    graph = net(ops.Permute((0, 2, 3, 1)), ops.WindowAttention(1, 2, 1, version), ops.Flatten(), ops.Linear(3))
    weights, drawn = first_weights(graph, 0), initial_weights(graph, 0)
    tables = [path for path, weight in graph.weights.items() if weight.table is not None]
    assert tables
    assert all(torch.equal(weights[path], drawn[path]) for path in tables)
    assert math.isfinite(look(kind, graph, weights))


def test_jacob_cov_is_worst_where_all_images_look_alike() -> None:
    """A linear network has one gradient for all images: correlations of one, a single eigenvalue."""
    weights = initial_weights(LINEAR, 0)
    bent = net(ops.Conv(8, 3, padding=1), ops.Relu(), ops.Flatten(), ops.Linear(3))
    assert look(JacobCov, LINEAR, weights) < look(JacobCov, bent, initial_weights(bent, 0)) < 0


def test_meco_counts_channels_that_do_not_repeat_each_other() -> None:
    same = torch.ones(4, 2, 1, 1)
    graph = net(ops.Conv(4, 1, bias=False))
    assert look(MeCo, graph, {"0.weight": same}) == pytest.approx(0, abs=1e-5)
    alone = net(ops.Conv(2, 1, bias=False))
    free = look(MeCo, alone, {"0.weight": torch.eye(2)[:, :, None, None]})
    maps = batch().inputs["x"].transpose(0, 1).flatten(1)
    correlation = abs(float(torch.corrcoef(maps)[0, 1]))
    assert free == pytest.approx(1 - correlation, rel=1e-3)


@pytest.mark.parametrize("kind", [Synflow, GradNorm, JacobCov, MeCo])
def test_a_network_without_weights_is_measured_too(kind: type, scale: Scaled) -> None:
    graph = net(ops.AdaptiveAvgPool(1), ops.Flatten(), channels=3)
    found = kind(None, batch(channels=3), 0).value(graph, {})
    assert found in (-math.inf, WORST, 0.0) or math.isfinite(found)


def test_early_is_the_loss_of_the_first_steps(scale: Scaled) -> None:
    """Of eight steps each from two draws of weights, on sixteen batches; learning brings it below where it starts."""
    graph = some(scale, 1)[0].at(scale.deep)
    (estimator,) = prepare("early", Setting(scale, 4)).whole.parts
    batches = list(estimator.batch.batches(64))
    assert len(batches) == 16
    losses: list[float] = []
    still: list[float] = []
    for draw, given in enumerate((batches[:8], batches[8:])):
        weights = first_weights(graph, derived(4, "early", draw))
        losses += [loss for loss, _ in descend(graph, weights, given, 8, 0.1)]
        with torch.no_grad():
            still += [float(loss_of(graph, weights, one)) for one in given]
    found = estimator.measure(some(scale, 1)[0])["early"]
    assert found == pytest.approx(-sum(losses) / 16, rel=1e-6)
    assert -sum(still) / 16 < found


def test_early_goes_round_where_images_are_few(scale: Scaled) -> None:
    graph = net(ops.Flatten(), ops.Linear(3))
    for count in (5, 64, 100, 200):
        estimator = Early(None, batch(count), 0)
        assert math.isfinite(estimator.value(graph, initial_weights(graph, 0), 1))


def test_descending_equals_torch_s_sgd(scale: Scaled) -> None:
    graph = some(scale, 1)[0].at(scale.cheap)
    weights = initial_weights(graph, 0)
    module = ghndsl.to_torch(graph, weights).train()
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    batches = [scale.data.train.first(32)] * 4
    expected: list[float] = []
    for one in batches:
        loss = torch.nn.functional.cross_entropy(module(one.inputs["x"]), one.targets)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 5.0)
        optimiser.step()
        expected.append(float(loss.detach()))
    found = [loss for loss, _ in descend(graph, weights, batches, 4, 0.1)]
    assert found == pytest.approx(expected, rel=1e-4)
    assert all(torch.equal(weights[path], one) for path, one in initial_weights(graph, 0).items())


def test_scores_are_of_images_that_did_not_calibrate(scale: Scaled) -> None:
    """And in evaluation mode, so that they do not depend on how images are batched."""
    graph = some(scale, 1)[0].at(scale.cheap)
    weights = initial_weights(graph, 0)
    seen = probe(scale.data)
    assert len(seen) == 512
    assert torch.equal(seen.inputs["x"], scale.data.train.inputs["x"][256:768])
    whole, parts = (score(graph, weights, scale.data, batch_size=size) for size in (512, 7))
    assert whole.accuracy == parts.accuracy
    assert whole.loss == pytest.approx(parts.loss, abs=1e-5)
    calibrating = scale.data.train.first(256)
    learned = calibrated(graph, weights, scale.data.train)
    with torch.no_grad():
        trained_mode = float(loss_of(graph, weights, calibrating))
    assert score(graph, learned, scale.data, calibrating).loss == pytest.approx(trained_mode, rel=1e-3)


def test_candidates_share_weights_where_they_agree(scale: Scaled) -> None:
    shared = Shared(0)
    graphs = [drawn.at(scale.cheap) for drawn in some(scale, 6)]
    made = [shared.of(graph) for graph in graphs]
    first, last = made[0], made[-1]
    assert first["stem.0.weight"] is last["stem.0.weight"]
    for graph, weights in zip(graphs, made, strict=True):
        assert all(weights[path].shape == weight.shape for path, weight in graph.weights.items())


def test_smash_sees_no_neighbours(scale: Scaled) -> None:
    """A node alike in two candidates gets the same weights, whatever is around it."""
    (estimator,) = prepare("smash", Setting(scale, steps=2)).whole.parts
    first, second = (drawn.at(scale.cheap) for drawn in some(scale, 2))
    assert first.id != second.id
    with torch.no_grad():
        one, other = estimator.ghn(first), estimator.ghn(second)
    assert torch.equal(one["head.weight"], other["head.weight"])
    with_graph = GHN(GHNConfig(estimator.ghn.config.blocks))
    with torch.no_grad():
        assert not torch.equal(with_graph(first)["head.weight"], with_graph(second)["head.weight"])
