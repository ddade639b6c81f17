"""What the passes hold of every operator: what draws, what makes each number by itself, what moves them only."""

import torch

from ghndsl.emit.initial import initial_weights
from ghndsl.emit.run import run
from ghndsl.ops import Mode
from ghndsl.passes import optimize
from ghndsl.passes.chance import draws
from ghndsl.passes.constants import EACH_NUMBER, NO_NUMBER

SIZES = {"N": 3, "H": 11, "W": 6}


def inputs(types) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    made = [torch.randn([int(str(size)) for size in kind.shape], generator=generator) for kind in types]
    # Whole numbers may be indices.
    kinds = [getattr(torch, kind.dtype.torch_name) for kind in types]
    return [
        (x if x.is_floating_point() and k.is_floating_point else x.abs()).to(k)
        for x, k in zip(made, kinds, strict=True)
    ]


def trained(sample, seed: int) -> list[torch.Tensor]:
    weights = {
        w.name: torch.full(w.shape, 0.5, dtype=getattr(torch, w.dtype.torch_name))
        for w in sample.op.weights(*sample.types)
    }
    mode = Mode("train", torch.Generator().manual_seed(seed), SIZES)
    return list(sample.op.run(inputs(sample.types_at(3)), weights, mode))


def test_only_what_draws_depends_on_the_generator(sample) -> None:
    # A root of what is below zero is no number, twice.
    pairs = zip(trained(sample, 1), trained(sample, 2), strict=True)
    same = all(torch.equal(a.nan_to_num(), b.nan_to_num()) for a, b in pairs)
    certain = sample.op.attributes.get("p") == 1
    assert same is (certain or not draws(sample.op))


def test_one_number_everywhere_stays_one(samples) -> None:
    found = [sample for sample in samples if isinstance(sample.op, EACH_NUMBER + NO_NUMBER)]
    assert {type(sample.op) for sample in found} == {*EACH_NUMBER, *NO_NUMBER}
    for sample in found:
        kinds = sample.types_at(3)
        given = [
            torch.tensor(0.7).to(getattr(torch, kind.dtype.torch_name)).expand([int(str(size)) for size in kind.shape])
            for kind in kinds
        ]
        numbers = [tensor.flatten()[0] for tensor in given]
        expected = numbers[0]
        if isinstance(sample.op, EACH_NUMBER):
            (expected,) = sample.op.run(numbers, {}, Mode(sizes=SIZES))
        for result in sample.op.run(given, {}, Mode(sizes=SIZES)):
            assert torch.equal(result, expected.expand(result.shape)), sample


def test_a_graph_of_it_alone_keeps_its_results(sample) -> None:
    graph = sample.graph
    found, given = optimize(graph), inputs(sample.types_at(3, graph=True))
    weights = initial_weights(graph, 0)
    for kind in ("eval", "train"):
        before, after = (
            run(one, given, weights, Mode(kind, torch.Generator().manual_seed(0))) for one in (graph, found)
        )
        torch.testing.assert_close(after, before, rtol=0, atol=0, equal_nan=True)
