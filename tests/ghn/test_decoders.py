"""Decoders: each against its formula, every shape of every kind, and which of them makes a weight."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ghndsl import ops
from ghndsl.diagnostics import CompileError
from ghndsl.ghn import GHN, GHNConfig, fit
from ghndsl.ghn.averages import averaged, factors
from ghndsl.ghn.config import DecoderName
from ghndsl.ghn.decoders.axes import axes
from ghndsl.ghn.decoders.codes import Codes, outwards
from ghndsl.ghn.decoders.low_rank import FAMILIES, LowRank
from ghndsl.ghn.decoders.slicing import Slicing
from ghndsl.ghn.decoders.targets import Decoding, Target, assembled, depths
from ghndsl.ghn.decoders.tiling import BLOCK, Tiling
from ghndsl.ghn.kinds import block, kind, window
from ghndsl.ghn.residual import FREE, gains
from ghndsl.ghn.scaling import Scaling, halves
from ghndsl.ir import Graph, GraphBuilder, Scope, Value
from ghndsl.ops import Role, Weight
from ghndsl.types import TensorType, symbol

SMALL = GHNConfig(hidden=8, width=16, rank=4)
Network = Callable[..., Graph]


def target(name: str, how: Scaling, shape: tuple[int, ...], number: int = 0, depth: int = 0, twin: int = 0) -> Target:
    """A weight to be made from the state of its number."""
    weight = Weight("weight", shape, Role.KERNEL)
    return Target(0, "", name, how, block(name, weight), weight, 0, str(number), number, 0, depth, twin)


def made(decoder: torch.nn.Module, targets: list[Target], states: torch.Tensor) -> list[torch.Tensor]:
    """What a decoder makes of targets, in their order."""
    found: list[dict[str, torch.Tensor]] = [{}]
    with torch.no_grad():
        decoder(states, assembled(sorted(targets, key=lambda one: one.likeness)), found)
    return [found[0][one.path] for one in targets]


def decoder_of(name: DecoderName, config: GHNConfig = SMALL) -> torch.nn.Module:
    torch.manual_seed(0)
    return {"low_rank": LowRank, "tile": Tiling, "slice": Slicing}[name](config)


def learned(decoder: torch.nn.Module) -> torch.nn.Module:
    """The same after what might be training: nothing is at its first value."""
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    return decoder


UNIT = Scaling("spread", 1.0)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("linear", (5, 7)),
        ("conv2d", (6, 3, 3, 5)),
        ("grouped1d", (600, 1, 4)),
        ("transposed3d", (2, 3, 2, 1, 3)),
        ("pointwise", (3, 4, 1, 1)),
    ],
)
def test_low_rank_is_the_sum_of_outer_products(name: str, shape: tuple[int, ...]) -> None:
    """Sums over channels, places and rank written out, with the shares of the docstring found by hand."""
    decoder = learned(decoder_of("low_rank"))
    assert isinstance(decoder, LowRank)
    states, size = torch.randn(1, 8), 0.7
    (weight,) = made(decoder, [target(name, Scaling("spread", size), shape, depth=3)], states)
    rows, columns, rest = axes(name, Weight("", shape, Role.KERNEL))
    kept: list[torch.Tensor] = []
    with torch.no_grad():
        alone = assembled([target(name, UNIT, shape, depth=3)])
        family = next(family for family in FAMILIES if name.startswith(family))
        told = decoder.trunk(states, alone, decoder.family.weight[FAMILIES.index(family)])
        told = torch.nn.functional.rms_norm(told * (1 + 0.3 * decoder.depths.table[3]), (16,))[0]
        places = decoder.places.grid(rest or (1,))
        for layer, codes in (
            (decoder.row_factor, decoder.rows(rows)),
            (decoder.column_factor, decoder.columns(columns)),
            (decoder.place_factor, places),
        ):
            kept.append(codes @ layer(told).view(codes.shape[1], 4) / math.sqrt(codes.shape[1]))
        a, b, s = kept[0], kept[1], kept[2] if rest else torch.ones(1, 4)
        whole, even, part = (2 * torch.sigmoid(decoder.sizes(told))).double()
        sums = _even(torch.einsum("or,ir,sr->ois", a, b, s).double(), even).flatten(1)
        level = sums.mean(1, keepdim=True)
        inputs = sums.shape[1]
        # What rows share, and the rest, each of the size that it has in independent weights.
        level = level * (part**2 / inputs / level.square().mean()).sqrt()
        rest_ = sums - sums.mean(1, keepdim=True)
        rest_ = rest_ * ((1 - part**2 / inputs) / rest_.square().mean()).sqrt()
        wanted = ((level + rest_) * whole * size).view(shape)
    torch.testing.assert_close(weight.double(), wanted, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(weight.double().square().mean().sqrt(), whole * size, rtol=1e-3, atol=0)


def _even(sums: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """What places share `[o, i, s]`, and the rest, each of the size that it has in independent weights."""
    count = sums.shape[2]
    if count == 1:
        return sums
    same = sums.mean(2, keepdim=True)
    rest, total = sums - same, sums.square().sum()
    same = same * (total / count**2 / same.square().sum()).sqrt() * share
    return same + rest * ((1 - 1 / count) * total / rest.square().sum()).sqrt()


RANKS = {"conv": 3, "grouped": 3, "transposed": 3, "pointwise": 3, "linear": 2, "embedding": 2}


@st.composite
def wanted(draw: st.DrawFn) -> tuple[str, tuple[int, ...], Scaling]:
    """A weight of any family: up to five axes, one of which may be long."""
    family = draw(st.sampled_from(FAMILIES))
    least = RANKS.get(family, 0)
    rank = draw(st.integers(least, 2 if family in ("linear", "embedding") else 5))
    shape = [draw(st.integers(1, 5)) for _ in range(rank)]
    if family == "pointwise":
        shape[2:] = [1] * (rank - 2)
    if rank and draw(st.booleans()):
        shape[draw(st.integers(0, min(rank, 2) - 1))] = draw(st.integers(1, 2000))
    name = f"{family}{rank - 2}d" if family in ("conv", "grouped", "transposed") else family
    how = draw(st.sampled_from(["spread", "around", "shift"]))
    return name, tuple(shape), Scaling(how, draw(st.sampled_from([1.0, 0.02, 3.0])))


@pytest.mark.parametrize("name", ["low_rank", "tile"])
@given(st.lists(wanted(), min_size=1, max_size=4), st.integers(0, 100), st.integers(0, 40))
@settings(max_examples=50)
def test_any_weight_of_any_shape_is_made(
    name: DecoderName, weights: list[tuple[str, tuple[int, ...], Scaling]], depth: int, twin: int
) -> None:
    decoder = DECODERS[name]
    asked = [target(kind, how, shape, i, depth, twin) for i, (kind, shape, how) in enumerate(weights)]
    found = made(decoder, asked, torch.randn(len(asked), 8, generator=torch.Generator().manual_seed(depth)))
    for one, weight in zip(asked, found, strict=True):
        assert tuple(weight.shape) == one.weight.shape
        assert weight.dtype == torch.float32
        assert bool(weight.isfinite().all())
        size, several = one.scaling.deviation, axes(one.kind, one.weight)[1:] != (1, ())
        if one.scaling.how == "spread" and several and name == "low_rank":
            assert float(weight.double().square().mean().sqrt()) == pytest.approx(size, rel=1e-3)
        if one.scaling.how == "around":
            assert bool(((weight > 0) & (weight < 2 * size)).all())
        if one.scaling.how == "shift":
            assert float(weight.abs().max()) <= size


DECODERS = {name: decoder_of(name) for name in ("low_rank", "tile")}


def test_a_wide_layer_holds_no_copies() -> None:
    (weight,) = made(decoder_of("low_rank", GHNConfig()), [target("linear", UNIT, (1500, 1500))], torch.randn(1, 32))
    blocks = weight[:1472, :1472].view(23, 64, 23, 64).transpose(1, 2).reshape(-1, 64 * 64)
    for parts in (weight, weight.T, blocks):
        assert len(np.unique(parts.numpy(), axis=0)) == len(parts)
        alike = torch.nn.functional.normalize(parts) @ torch.nn.functional.normalize(parts).T
        assert float(alike.fill_diagonal_(0).max()) < 0.9


def test_equal_layers_get_weights_of_their_own() -> None:
    """Of one state: at other depths, and as the next of those alike."""
    asked = [target("conv2d", UNIT, (32, 32, 3, 3), i, depth=d, twin=t) for i, (d, t) in enumerate(PLACES)]
    found = torch.stack(made(decoder_of("low_rank", GHNConfig()), asked, torch.randn(1, 32).expand(len(asked), -1)))
    flat = torch.nn.functional.normalize(found.flatten(1))
    assert float((flat @ flat.T).fill_diagonal_(0).abs().max()) < 0.97


PLACES = [(0, 0), (1, 0), (2, 0), (63, 0), (64, 0), (300, 0), (1, 1), (1, 2), (1, 17)]


def test_codes_differ_and_never_change() -> None:
    torch.manual_seed(0)
    codes = Codes(16, 32)
    table = codes(1000)
    assert len(np.unique(table.detach().numpy(), axis=0)) == 1000
    assert torch.equal(codes(3), table[:3])
    assert torch.equal(codes.at(np.array([900, 5])), table[[900, 5]])
    signs = (table[16:48:16] / table[0]).round().int().tolist()
    assert [row[:8] for row in signs] == [[-1, -1, -1, 1, 1, 1, -1, 1], [1, -1, -1, -1, -1, -1, 1, 1]]
    table.square().sum().backward()
    assert codes.table.grad is not None
    assert bool((codes.table.grad != 0).all())


@given(st.lists(st.integers(1, 6), min_size=1, max_size=3), st.integers(0, 2))
def test_places_are_counted_outwards(sizes: list[int], more: int) -> None:
    """Against all places in order; a kernel has the numbers of the centre of a larger one of the same parity."""
    grid = np.indices(sizes).reshape(len(sizes), -1).T - np.array(sizes) // 2
    reach = max(sizes) // 2
    everywhere = np.indices([2 * reach + 1] * len(sizes)).reshape(len(sizes), -1).T - reach
    ordered = sorted(map(tuple, everywhere), key=lambda place: (max(map(abs, place)), place))
    assert outwards(tuple(sizes)).tolist() == [ordered.index(tuple(place)) for place in grid]
    larger = outwards(tuple(size + 2 * more for size in sizes)).reshape([size + 2 * more for size in sizes])
    centre = larger[tuple(slice(more, more + size) for size in sizes)]
    assert centre.flatten().tolist() == outwards(tuple(sizes)).tolist()


@pytest.mark.parametrize("shape", [(4, 2, 10_000), (3, 3, 2, 5_000), (2, 2, 2, 2, 900)])
def test_long_kernels_are_made(shape: tuple[int, ...]) -> None:
    (weight,) = made(decoder_of("low_rank", GHNConfig()), [target("conv1d", UNIT, shape)], torch.randn(1, 32))
    assert float(weight.square().mean().sqrt()) == pytest.approx(1, rel=1e-3)
    places = weight.flatten(2).flatten(0, 1).T
    assert len(np.unique(places.numpy(), axis=0)) == len(places)


def test_tile_repeats_its_block() -> None:
    """As in GHN-2, a wide layer is copies; what is smaller is the first channels and the centre of a kernel."""
    tiling = decoder_of("tile")
    sizes = {
        "whole": (BLOCK, BLOCK, 11, 11),
        "wide": (150, 200, 11, 11),
        "small": (5, 7, 3, 5),
        "even": (5, 7, 2, 2),
        "large": (2, 2, 13, 1),
    }
    asked = [target("conv2d", UNIT, shape, i) for i, shape in enumerate(sizes.values())]
    found = dict(zip(sizes, made(tiling, asked, torch.randn(1, 8).expand(len(asked), -1)), strict=True))
    whole = found["whole"]
    assert torch.equal(found["wide"], whole.repeat(3, 4, 1, 1)[:150, :200])
    torch.testing.assert_close(found["small"], whole[:5, :7, 4:7, 3:8])
    torch.testing.assert_close(found["even"], whole[:5, :7, 4:6, 4:6])
    torch.testing.assert_close(found["large"][:, :, 11:], found["large"][:, :, :2])
    assert 0.5 < float(whole.std()) < 2
    (vector,) = made(tiling, [target("bias", UNIT, (150,))], torch.randn(1, 8))
    assert torch.equal(vector[BLOCK : 2 * BLOCK], vector[:BLOCK])


def test_slices_are_cut_from_the_whole_block() -> None:
    slicing = decoder_of("slice", replace(SMALL, blocks={"conv2d": (6, 5, 5, 3)}))
    shapes = [(6, 5, 5, 3), (3, 5, 1, 3), (6, 2, 2, 2)]
    asked = [target("conv2d", UNIT, shape, i) for i, shape in enumerate(shapes)]
    whole, *rest = made(slicing, asked, torch.randn(1, 8).expand(3, -1))
    for weight, shape in zip(rest, shapes[1:], strict=True):
        torch.testing.assert_close(weight, whole[window("conv2d", (6, 5, 5, 3), shape)])


def test_fit_leaves_out_the_largest() -> None:
    graphs = [
        one(ops.Conv(8, 3), (4, 9, 9)),
        one(ops.Conv(4, 5), (16, 9, 9)),
        one(ops.Conv(64, 3), (64, 9, 9)),
        one(ops.Linear(300), (300,)),
    ]
    assert fit(graphs) == {"bias": (300,), "conv2d": (8, 16, 5, 5)}
    assert fit(graphs, 2_000) == {"bias": (300,), "conv2d": (8, 4, 3, 3)}
    assert fit(graphs, 10) == {"bias": (8,)}
    assert fit(graphs, 10**6)["linear"] == (300, 300)
    assert fit(graphs, 10**6)["conv2d"] == (64, 64, 5, 5)


def one(op: ops.Operator, shape: tuple[int, ...]) -> Graph:
    """A graph of one node, called `layer`."""
    build = GraphBuilder("one")
    build.output(
        "y", *build.add(op, [build.input("x", TensorType((symbol("N"), *shape)))], "layer", Scope("arch", "one"))
    )
    return build.finish()


def test_the_first_decoder_that_can_makes_a_weight(network: Network) -> None:
    small, wide = network(("conv3", "skip", "skip")), network(("conv3", "skip", "skip"), width=40)
    for names in (("slice", "low_rank"), ("slice", "tile"), ("low_rank", "slice"), ("tile",)):
        ghn = GHN(GHNConfig(fit([small]), decoders=names))
        for graph in (small, wide):
            found = {part.path: part.decoder for part in decoding_of(ghn, graph).targets}
            for node in graph.nodes:
                for weight in node.weights:
                    if weight.trainable:
                        sliced = Slicing.refuses(ghn.config, kind(node.op, weight), weight) is None
                        able = [name for name in names if name != "slice" or sliced]
                        assert found[node.weight_path(weight)] == able[0]
        assert ghn.refusal(wide) is None


def decoding_of(ghn: GHN, graph: Graph) -> Decoding:
    return ghn._plan([graph])[1]


@pytest.mark.parametrize(
    ("op", "shape", "words"),
    [
        (ops.Conv(40, 3, bias=False), (16, 9, 9), "layer.weight [40, 16, 3, 3]: at most [16, 16, 3, 3] (conv2d)"),
        (ops.Conv(4, 3, bias=False), (4, 9), "layer.weight [4, 4, 3]: there is no branch for conv1d weights"),
        (ops.Prelu(), (4,), "layer.weight [1]: there is no branch for parameter weights"),
    ],
)
def test_what_slices_cannot_make_is_refused_by_name(
    op: ops.Operator, shape: tuple[int, ...], words: str, network: Network
) -> None:
    config = GHNConfig(fit([network(("conv3", "skip", "skip"))]), decoders=("slice",))
    with pytest.raises(CompileError) as caught:
        GHN(config)(one(op, shape))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "G420"
    assert words in str(diagnostic)
    for decoders in (("slice", "low_rank"), ("slice", "tile")):
        assert GHN(replace(config, decoders=decoders)).refusal(one(op, shape)) is None


def test_first_parameters_of_slices_do_not_depend_on_other_decoders(graphs: list[Graph]) -> None:
    for separate in (1, 2):
        config = GHNConfig(fit(graphs), separate=separate, decoders=("slice",))
        alone, both = GHN(config, 3), GHN(replace(config, decoders=("slice", "low_rank")), 3)
        found = both.state_dict()
        assert all(torch.equal(parameter, found[name]) for name, parameter in alone.state_dict().items())
        wanted, got = alone(graphs[0]), both(graphs[0])
        assert all(torch.equal(weight, got[path]) for path, weight in wanted.items())


class Line:
    """A graph in the making, of which each node takes the last value."""

    def __init__(self, *shape: int) -> None:
        self.build, self.number = GraphBuilder("line"), 0
        self.last = self.build.input("x", TensorType((symbol("N"), *shape)))

    def __call__(self, *made_of: ops.Operator | tuple[ops.Operator, Value]) -> Value:
        for part in made_of:
            op, *more = part if isinstance(part, tuple) else (part,)
            given = [self.last, *more] if op.tensors != 0 else []
            (self.last,) = self.build.add(op, given, f"n{self.number}", Scope("arch", "line"))
            self.number += 1
        return self.last

    def finish(self) -> Graph:
        self.build.output("y", self.last)
        return self.build.finish()


def transformer(layers: int) -> tuple[Graph, list[str]]:
    line = Line(5, 8)
    ends: list[str] = []
    for _ in range(layers):
        for branch in ((ops.Attention(2),), (ops.Linear(16), ops.Gelu(), ops.Linear(8), ops.Dropout(0.1))):
            x = line.last
            line(ops.LayerNorm(), *branch)
            ends.append([node.path for node in line.build.nodes if node.weights][-1])
            line((ops.Add(), x))
    return line.finish(), ends


def resnet(blocks: int) -> tuple[Graph, list[str]]:
    line = Line(4, 6, 6)
    ends: list[str] = []
    for _ in range(blocks):
        x = line.last
        line(ops.Conv(4, 3, padding=1), ops.BatchNorm(), ops.Relu(), ops.Conv(4, 3, padding=1), ops.BatchNorm())
        ends.append(line.build.nodes[-1].path)
        line((ops.Add(), x), ops.Relu())
    return line.finish(), ends


@pytest.mark.parametrize(
    ("make", "count", "branches"),
    [(transformer, 20, 40), (transformer, 3, 6), (resnet, 36, 36), (resnet, 6, 6), (resnet, 7, 7)],
)
def test_branches_of_long_streams_are_made_smaller(
    make: Callable[[int], tuple[Graph, list[str]]], count: int, branches: int
) -> None:
    """The last weights of branches alone, all by the same; the first branch of a graph is summed with its input."""
    graph, ends = make(count)
    found = gains(graph)
    if branches <= FREE:
        assert found == {}
        return
    paths = {path.partition(".")[0] for path in found}
    assert paths <= set(ends)
    assert len(paths) >= branches - 1
    assert all(gain == pytest.approx(FREE / branches) for gain in found.values())


def test_kernels_that_read_a_sum_without_relu_have_no_beta() -> None:
    line = Line(4, 6, 6)
    x = line.last
    line(ops.Conv(4, 3, padding=1), (ops.Add(), x), ops.Conv(4, 3, padding=1), ops.Relu(), (ops.Add(), x), ops.Relu())
    line(ops.Conv(4, 3))
    found = gains(line.finish())
    assert found == {"n2.weight": pytest.approx(1 / math.sqrt(2))}


def test_two_streams_that_meet_are_one() -> None:
    """Five sums and four, joined by a tenth."""
    line = Line(4)
    x = line.last
    ends: list[Value] = []
    for sums in (5, 4):
        line.last = x
        line((ops.Add(), x))
        for _ in range(sums - 1):
            before = line.last
            line(ops.Linear(4), (ops.Add(), before))
        ends.append(line.last)
    line((ops.Add(), ends[0]))
    found = gains(line.finish())
    # What a branch adds adds up as well.
    assert sorted(path.partition(".")[2] for path in found) == 7 * ["bias"] + 7 * ["weight"]
    assert set(found.values()) == {FREE / 10}


def test_kernels_that_read_averages() -> None:
    line = Line(4, 6, 6)
    x = line(ops.Conv(4, 3, padding=1), ops.Relu())
    line(ops.AdaptiveAvgPool(1), ops.Conv(2, 1), ops.Relu(), ops.Conv(4, 1), ops.Sigmoid(), (ops.Mul(), x))
    line(ops.AdaptiveAvgPool(2), ops.Conv(4, 1), ops.Mean((2, 3)), ops.Dropout(), ops.Linear(3))
    graph = line.finish()
    assert averaged(graph) == {"n3.weight", "n12.weight"}
    assert factors(graph) == {"n3.weight": 2.0, "n12.weight": 2.0}


def test_means_over_channels_leave_places() -> None:
    """As those by which places are weighed (Woo et al., ECCV 2018)."""
    line = Line(4, 6, 6)
    line(ops.Mean(1, keepdim=True), ops.Conv(1, 3, padding=1))
    assert averaged(line.finish()) == frozenset()


def test_kernels_behind_attention_and_gelu_and_their_biases() -> None:
    """Of a branch that ends in attention its output's kernel and bias are made smaller, and no others."""
    graph, ends = transformer(1)
    assert factors(graph) == {
        "n1.out_proj.weight": 2.5,
        f"{ends[1]}.weight": pytest.approx(1 / math.sqrt(0.425)),
    }
    x = torch.randn(100_000, generator=torch.Generator().manual_seed(0))
    assert float(torch.nn.functional.gelu(x).square().mean()) == pytest.approx(0.425, abs=0.005)
    graph, ends = transformer(20)
    attending = {path for path in gains(graph) if path.startswith(f"{ends[2]}.")}
    assert attending == {f"{ends[2]}.out_proj.weight", f"{ends[2]}.out_proj.bias"}


def test_kinds_of_all_families_have_codes() -> None:
    """Checkpoints depend on their order: what comes later is appended."""
    first = "kernel linear pointwise conv grouped transposed embedding parameter bias scale shift"
    assert FAMILIES[:11] == tuple(first.split())
    for role in Role:
        for rank in range(6):
            weight = Weight("", (2,) * rank, role)
            name = kind(ops.Linear(2), weight)
            assert (LowRank.refuses(SMALL, name, weight) is None) == role.trainable
    assert halves("conv2d")
    assert not halves("linear")


def test_depth_counts_nodes_with_weights_and_learned_tensors_stand_where_they_are_taken() -> None:
    line = Line(4)
    line(ops.Linear(4), ops.Relu(), ops.Linear(4))
    x = line.last
    table = line(ops.Parameter((4,)))
    scale = line(ops.Identity())
    line.last = x
    line((ops.Mul(), scale), ops.Linear(4))
    graph = line.finish()
    found = {node.path: depth for node, depth in depths(graph).items()}
    assert found == {"n0": 0, "n1": 1, "n2": 1, "n3": 2, "n4": 2, "n5": 2, "n6": 2}
    assert table.type.shape == (4,)
