"""The spaces that ship: their sizes, a candidate of each, what was published of some, and one scale beside another."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from math import comb, prod

import pytest
import torch
from torch import nn
from torch.nn import functional

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.emit.run import run
from ghndsl.ir import Graph, verify
from ghndsl.language.values import Result
from ghndsl.passes.facts import exits
from ghndsl.space import Space, read_line
from ghndsl.space.load import find_space, is_space, place_of
from ghndsl.types import Dim

GHN = 5_818_077_946_369_010_450_201_432_841_650_111_794_857_618_651_016_713

# The size of each space, and of its candidate two thirds on: the id, params and (of known sizes) MACs at full scale.
PINNED = {
    "digits": (26_127_360, "g1-d011e5eaa7778d820c39985564cecafc", 868, 13_944),
    "nasbench201": (15_625, "g1-2b3187a88821e4595e281da2b19a67fe", 802_426, 113_951_360),
    "nasbench101": (423_624, "g1-cac7eb876a4eee293d3456d97e6eae81", 7_421_066, 1_089_868_800),
    "nats_size": (8**5, "g1-a1e8cfcf738f9f19d199100e8f7456d9", 309_082, 139_751_904),
    "darts": (1_037_664_180**2, "g1-1c58e0e75c19d0f6f3f373f05aea4494", 2_186_614, 361_531_008),
    "darts:OneCell": (1_037_664_180, "g1-064f1da9114b321e0ca6f889699742a3", 118_198, 116_676_000),
    "ghn_mobile": (GHN, "g1-fb3b297f064fee3f2a52595d2b4f740e", 583_348, 33_931_008),
    "ofa_mobilenetv3": ((9**2 + 9**3 + 9**4) ** 5, "g1-4fd2f0ee5974a55ec5f6006dfa440f84", 3_433_328, 195_564_240),
    "autoformer": (3 * (4**12 + 4**13 + 4**14), "g1-12a6b46c7f4a9c1a1a7db3645b09a6b6", 7_650_232, 1_782_927_744),
    "mlp": (111_888, "g1-b8b6a289f63b639a3f103443c4e2b466", 451_010, 445_824),
    "lstm": (4 * 2 * 84 * 32 * 4, "g1-483d1a321b65e163e7bc7fb51388d192", 1_503_746, None),
    "transformer": (
        3 * 2 * 2 * 2 * sum(16**n for n in range(1, 7)) * 2 * 3 * 3,
        "g1-d11f8658ff3fd5b668cb18f8f9f0c78f",
        2_890_690,
        None,
    ),
    "unets": (4 * (2**5 + 2**7 + 2**9) * 864, "g1-e914fa6e9c94c338685607053359da42", 18_453_458, None),
}
SMALL: dict[str, dict[str, int]] = {
    "digits": {"width": 2},
    "ghn_mobile": {"width": 2, "blocks": 1, "size": 32},
    "autoformer": {"width": 4, "size": 32},
    "mlp": {"features": 3, "width": 2},
    "lstm": {"vocab": 7, "width": 2},
    "transformer": {"vocab": 7, "length": 6, "width": 2},
    "unets": {"channels": 1, "width": 2},
}


@cache
def small(name: str) -> Space:
    """A space at a scale at which a candidate is built at once."""
    settings: dict[str, Result] = {**SMALL.get(name, {"width": 8, "size": 32}), "classes": 5}
    return find_space(name, settings)


@pytest.mark.parametrize("name", PINNED)
def test_a_space_has_its_size_and_a_candidate_its_graph(name: str) -> None:
    size, *facts = PINNED[name]
    space = small(name)
    assert space.size == size
    candidate = space.candidate(2 * size // 3)
    graph = ghndsl.load_space(name).build(candidate)
    assert [graph.id, graph.params, graph.macs] == facts
    little = space.build(candidate)
    verify(little)
    assert little.outputs["logits"].shape[1] == 5
    assert (little.params, little.macs) != (graph.params, graph.macs)


# Those that other tests have at two scales are not here.
@pytest.mark.parametrize("name", ["nats_size", "darts:OneCell", "autoformer", "mlp"])
def test_numbers_and_lines_do_not_depend_on_the_scale(name: str) -> None:
    full = ghndsl.load_space(name)
    assert full.choices == small(name).choices
    for number in (0, full.size // 7, full.size - 1):
        assert full.candidate(number) == small(name).candidate(number)


def widths(*channels: int) -> str:
    return " ".join(f"layer{i}.channels={c}" for i, c in enumerate(channels))


def layers(embed_dim: int, heads: list[int], ratios: list[float]) -> str:
    """A candidate of AutoFormer."""
    pairs = zip(heads, ratios, strict=True)
    made = " ".join(f"blocks.{i}.num_heads={h} blocks.{i}.mlp_ratio={r:g}" for i, (h, r) in enumerate(pairs))
    return f"embed_dim={embed_dim} depth={len(heads)} {made}"


AUTOFORMER_S = layers(384, [6, 6, 5, 7, 5, 5, 5, 6, 6, 7, 7, 6, 7], [3, 3.5, 3, 3.5, 4, 4, 4, 4, 4, 4, 4, 3.5, 4])
AUTOFORMER_B = layers(
    576,
    [9, 9, 9, 9, 9, 10, 9, 9, 10, 9, 10, 9, 9, 10],
    [3.5, 3.5, 4, 3.5, 4, 3.5, 3.5, 3, 4, 4, 3, 4, 3, 3.5],
)

# What was published: the parameters of NATS-Bench's networks by its own files, those of the networks that AutoFormer's
# search found by its paper (22.9M and 53.7M) and of their layers by its code; the largest network of Once-for-All at
# width 1 stays below its mobile setting of 600M MACs.
PUBLISHED = [
    ("nats_size", widths(8, 8, 8, 8, 8), 11_714, 4_481_104),
    ("nats_size", widths(8, 8, 16, 40, 40), 107_826, 11_813_264),
    ("nats_size", widths(64, 64, 64, 64, 64), 713_674, 274_399_872),
    ("autoformer:Small", AUTOFORMER_S, 22_891_432, 5_161_400_832),
    ("autoformer:Base", AUTOFORMER_B, 53_691_688, 11_691_179_008),
]


@pytest.mark.parametrize(("name", "line", "params", "macs"), PUBLISHED)
def test_networks_have_their_published_size(name: str, line: str, params: int, macs: int) -> None:
    graph = ghndsl.load_space(name).build(read_line(line))
    assert (graph.params, graph.macs) == (params, macs)


def test_the_size_of_each_space_of_autoformer() -> None:
    assert small("autoformer:Small").size == 3 * (9**12 + 9**13 + 9**14)
    assert small("autoformer:Base").size == 3 * (9**14 + 9**15 + 9**16)


def test_a_block_of_the_paper_moves_from_cifar_to_the_mobile_setting() -> None:
    """One motif, with the same name and the same choices in both: a candidate of the one is one of the other."""
    candidate = small("ghn_mobile").candidate(GHN // 3)
    cifar, mobile = (ghndsl.load_space(name, width=2).build(candidate) for name in ("ghn_cifar", "ghn_mobile"))
    assert block_sizes(cifar) == {f"stage{s}.{i}": 32 // 2**s for s in range(3) for i in range(6)}
    halved = [2, 6, 10]
    assert block_sizes(mobile) == {f"blocks.{i}": 56 // 2 ** sum(i >= first for first in halved) for i in range(1, 15)}


def block_sizes(graph: Graph) -> dict[str, Dim]:
    """The height of what a block's nodes give."""
    made = ((node.path.partition(".node")[0], node.results[0].type) for node in graph.nodes if ".node" in node.path)
    return {block: kind.shape[2] for block, kind in made}


def test_resolution_is_chosen_in_a_space_of_its_own() -> None:
    wide = ghndsl.load_space("ofa_mobilenetv3:AnyResolution")
    candidate = small("ofa_mobilenetv3").candidate(77)
    graph = ghndsl.load_space("ofa_mobilenetv3").build(candidate)
    assert wide.build(read_line(f"r=224 {candidate}")).id == graph.id
    assert wide.build(read_line(f"r=128 {candidate}")).inputs["image"].shape[2:] == (128, 128)


# Anytime prediction.


@pytest.fixture(scope="module", name="anytime")
def _anytime() -> Space:
    return ghndsl.load_space("ghn_anytime", width=3, size=16, classes=5)


@pytest.mark.parametrize("nodes", [8, 5, 2])
def test_anytime_networks_are_counted(nodes: int) -> None:
    """Each node, 48 by default, has an operation and takes the last maps of its scale and of the next finer one; two of
    the coarsest of each block are exits."""
    size, choices = 1, 0
    maps = [1, 0, 0]
    for block in range(3):
        size *= comb(nodes, 2)
        choices += 1
        for scale in range(block, 3):
            for _ in range(nodes):
                seen = [count for count in maps[max(0, scale - 1) : scale + 1] if count > 0]
                size *= 5 * prod(seen)
                choices += 1 + sum(count > 1 for count in seen)
                maps[scale] += 1
    anytime = ghndsl.load_space("ghn_anytime", width=3, size=16, classes=5, nodes=nodes)
    assert anytime.size == size
    assert len(anytime.choices) == choices
    for candidate in anytime.sample(2, seed=1):
        graph = anytime.build(candidate)
        verify(graph)
        assert [*graph.outputs] == [*(f"early{i}" for i in range(6)), "logits"]


def test_anytime_networks_tell_scales_and_exits_by_their_paths(anytime: Space) -> None:
    for candidate in anytime.sample(3, seed=1):
        graph = anytime.build(candidate)
        nodes = dict(re.findall(r"(block\d\.scale\d\.node\d)\.op=(\w+)", str(candidate)))
        assert Counter(path.split(".node")[0] for path in nodes) == dict.fromkeys(
            [f"block{b}.scale{s}" for b in range(3) for s in range(b, 3)], 8
        )
        for node in graph.nodes:
            if found := re.match(r"block\d\.scale(\d)\.node\d\.(op|from)", node.path):
                # An edge begins at the scale of the node or at the next finer one.
                assert node.results[0].type.shape[2] in (16, 8, 4)[max(0, int(found[1]) - 1) : int(found[1]) + 1]
        heads_of = (re.match(r"block\d\.scale2\.node\d\.exit(?=\.)", node.path) for node in graph.nodes)
        heads = [*dict.fromkeys(head[0] for head in heads_of if head)]
        chosen = re.findall(r"(block\d)\.exits=\[(\d),(\d)\]", str(candidate))
        assert heads == [f"{block}.scale2.node{v}.exit" for block, *pair in chosen for v in pair]
        assert [one.name for one in exits(graph)] == [f"early{i}" for i in range(6)]
        assert list(graph.outputs)[-1] == "logits"


# Addresses.


def test_a_file_that_ships_may_hold_several_spaces() -> None:
    assert is_space("darts:OneCell")
    assert place_of("darts:OneCell")[1] == "OneCell"
    assert ghndsl.load_space("darts:DARTS").size == ghndsl.load_space("darts").size
    graph = ghndsl.load("darts:OneCell@5", width=4, size=8)
    assert graph.id == ghndsl.load_space("darts:OneCell", width=4, size=8).build(small("darts:OneCell").candidate(5)).id
    for wrong, code in (("darts:Onecell", "G110"), ("darts:", "G110"), ("dart:OneCell", "G001")):
        with pytest.raises(CompileError, match=code):
            ghndsl.load_space(wrong)


# Against torch.


def plain_autoformer(image: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    """The paper's network, a head and a pair of places at a time."""

    def affine(x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def normal(x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(x, x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"])

    def offsets(name: str, grid: int) -> torch.Tensor:
        down, along = (weights[f"{name}.embeddings_table_{word}.weight"] for word in "vh")
        places = [None, *((row, column) for row in range(grid) for column in range(grid))]
        rows = [
            [
                down[0] + along[0] if q is None or k is None else down[k[0] - q[0] + 15] + along[k[1] - q[1] + 15]
                for k in places
            ]
            for q in places
        ]
        return torch.stack([torch.stack(row) for row in rows])

    kernel = weights["patch_embed_super.proj.weight"]
    patch, width = kernel.shape[-1], weights["blocks.0.attn.rel_pos_embed_k.embeddings_table_v.weight"].shape[1]
    grid = image.shape[-1] // patch
    x = functional.conv2d(image, kernel, weights["patch_embed_super.proj.bias"], patch).flatten(2).transpose(1, 2)
    x = torch.cat([weights["cls_token"].expand(len(x), -1, -1), x], 1) + weights["pos_embed"]
    for name in sorted(
        {path.split(".attn.")[0] for path in weights if ".attn." in path}, key=lambda name: int(name[7:])
    ):
        qkv = affine(normal(x, f"{name}.attn_layer_norm"), f"{name}.attn.qkv")
        keys, values = (offsets(f"{name}.attn.rel_pos_embed_{word}", grid) for word in "kv")
        heads: list[torch.Tensor] = []
        for q, k, v in zip(*(torch.split(part, width, -1) for part in qkv.chunk(3, -1)), strict=True):
            scores = torch.einsum("nqd,nkd->nqk", q, k) + torch.einsum("nqd,qkd->nqk", q, keys)
            seen = (scores / width**0.5).softmax(-1)
            heads.append(seen @ v + torch.einsum("nqk,qkd->nqd", seen, values))
        x = x + affine(torch.cat(heads, -1), f"{name}.attn.proj")
        wide = functional.gelu(affine(normal(x, f"{name}.ffn_layer_norm"), f"{name}.fc1"))
        x = x + affine(wide, f"{name}.fc2")
    return affine(normal(x, "norm")[:, 1:].mean(1), "head")


def test_autoformer_attends_as_its_authors_code_does() -> None:
    graph = ghndsl.load_space("autoformer", width=4, size=12, patch=4, classes=3).build(
        small("autoformer").candidate(9)
    )
    weights = random_weights(graph)
    image = torch.randn(2, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    (given,) = run(graph, [image], weights).values()
    torch.testing.assert_close(given, plain_autoformer(image, weights), rtol=1e-4, atol=1e-4)


def random_weights(graph: Graph) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        path: torch.randn([int(str(size)) for size in weight.shape], generator=generator) * 0.3
        for path, weight in graph.weights.items()
    }


TABLES = {
    "depth=3 kind=mlp first=2 Act.act=gelu Plain.rate=0.1 middle=3 last=1": [
        *(nn.Linear(5, 16), nn.GELU(), nn.Dropout(0.1)),
        *(nn.Linear(16, 24), nn.GELU(), nn.Dropout(0.1)),
        *(nn.Linear(24, 8), nn.GELU(), nn.Dropout(0.1), nn.Linear(8, 2)),
    ],
    "depth=1 kind=mlp first=2 Act.act=relu Plain.rate=0.0": [nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2)],
}


@pytest.mark.parametrize("line", TABLES)
def test_plain_networks_for_tables_are_as_torch_chains_them(line: str) -> None:
    plain = nn.Sequential(*TABLES[line]).eval()
    graph = ghndsl.load_space("mlp", features=5, width=8).build(read_line(line))
    weights = dict(zip(graph.weights, plain.state_dict().values(), strict=True))
    x = torch.randn(4, 5, generator=torch.Generator().manual_seed(1))
    (given,) = run(graph, [x], weights).values()
    torch.testing.assert_close(given, plain(x))


def test_residual_networks_for_tables_have_the_papers_parts() -> None:
    line = "depth=2 kind=resnet width=3 Residual.factor=4 Norm.norm=batch_norm Act.act=relu Residual.hidden.rate=0.1"
    graph = ghndsl.load_space("mlp", features=5, width=8).build(read_line(f"{line} Residual.residual.rate=0.0"))
    layer = 2 * 24 + (24 * 96 + 96) + (96 * 24 + 24)
    assert graph.params == (5 * 24 + 24) + 2 * layer + 2 * 24 + (24 * 2 + 2)
    assert Counter(node.op.name for node in graph.nodes) == {
        "linear": 6,
        "batch_norm": 3,
        "relu": 3,
        "dropout": 2,
        "add": 2,
    }


@pytest.mark.parametrize(
    ("name", "settings", "channels", "classes"),
    [
        ("darts", {}, 36 * 4 * 4, 10),
        ("ghn_cifar", {"nodes": 1}, 32 * 4, 10),
        ("ghn_mobile", {"nodes": 1}, 12 * 2**3, 1000),
    ],
)
def test_an_auxiliary_output_at_two_thirds_of_the_depth(
    name: str, settings: dict[str, Result], channels: int, classes: int
) -> None:
    """Its head has as many weights as in DARTS' code: a squeeze to 128 channels, 2x2 to 768, and the classes."""
    plain, more = (find_space(name, {**settings, **one}).candidate(0) for one in ({}, {"auxiliary": True}))
    assert str(plain) == str(more)
    graphs = [find_space(name, {**settings, **one}).build(plain) for one in ({}, {"auxiliary": True})]
    outputs = [{key: str(kind) for key, kind in graph.outputs.items()} for graph in graphs]
    assert outputs == [{"logits": f"f32[N, {classes}]"}, dict.fromkeys(("logits", "aux"), f"f32[N, {classes}]")]
    inner = graphs[1].weights["auxiliary.squeeze.0.weight"].shape[1]
    head = 128 * inner + 2 * 128 + 128 * 768 * 4 + 2 * 768 + classes * 769
    assert graphs[1].params - graphs[0].params == head
    if name == "darts":
        assert inner == channels
    else:
        assert inner % channels == 0, "as many times as a block has leaves"
