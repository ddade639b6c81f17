"""The spaces for tokens and for maps, against torch's recurrent and transformer layers and a plain U-Net."""

from __future__ import annotations

import math
import re
from functools import cache

import pytest
import torch
from torch import nn
from torch.nn import functional

import ghndsl
from ghndsl.emit.run import run
from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.space import Space, read_line

SMALL: dict[str, dict[str, int]] = {
    "lstm": {"vocab": 7, "width": 2},
    "transformer": {"vocab": 7, "length": 6, "width": 2},
    "unets": {"channels": 1, "width": 2},
}


@cache
def small(name: str) -> Space:
    return ghndsl.load_space(name, **SMALL[name.partition(":")[0]], classes=5)


def random_weights(graph: Graph) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        path: torch.randn([int(str(size)) for size in weight.shape], generator=generator) * 0.3
        for path, weight in graph.weights.items()
    }


SEQUENCES = {
    "lstm": "both=true embed=3 depth=1 layers.0.units=2 Layer.cell=gru Layer.shortcut=true Layer.norm=layer_norm "
    "Layer.rate=0.5",
    "transformer": "dim=2 depth=1 before=true positions=waves Norm.norm=rms_norm layers.0.heads=3 layers.0.ratio=2 "
    "Layer.rate=0.1 Layer.mlp.act=swiglu",
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence_or_each_of_its_tokens_is_classified(name: str) -> None:
    """By one network, but for what makes one vector of all."""
    tokens = torch.arange(6).reshape(2, 3)
    each = small(f"{name}:Tokens").build(read_line(SEQUENCES[name]))
    whole = small(name).build(read_line(f"{SEQUENCES[name]} pool.pool=mean"))
    weights = random_weights(whole)
    assert each.weights.keys() == whole.weights.keys()
    (given,) = run(each, [tokens], weights).values()
    assert given.shape == (2, 3, 5)
    # The last layer is linear: the mean may be taken after it as well.
    torch.testing.assert_close(run(whole, [tokens], weights)["logits"], given.mean(1))


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", [nn.LSTM, nn.GRU])
def test_recurrent_networks_end_in_torchs_last_states(cell: type[nn.LSTM | nn.GRU], both: bool) -> None:
    line = f"both={str(both).lower()} embed=3 depth=2 layers.0.units=2 Layer.cell={cell.__name__.lower()} "
    line += "Layer.shortcut=false Layer.norm=identity Layer.rate=0.0 layers.1.units=2 pool.pool=last"
    table, plain = nn.Embedding(7, 6), cell(6, 4, num_layers=2, bidirectional=both, batch_first=True)
    head = nn.Linear(8 if both else 4, 5)
    graph = small("lstm").build(read_line(line))
    tensors = [tensor for part in (table, plain, head) for tensor in part.state_dict().values()]
    tokens = torch.arange(12).reshape(3, 4) % 7
    _, states = plain(table(tokens))
    ends = states[0] if isinstance(states, tuple) else states
    (given,) = run(graph, [tokens], dict(zip(graph.weights, tensors, strict=True))).values()
    torch.testing.assert_close(given, head(torch.cat([*ends[-2:]] if both else [ends[-1]], 1)))


@pytest.mark.parametrize("before", [False, True])
def test_transformers_have_torchs_layers(before: bool) -> None:
    """Where heads times their width are the width of the tokens, as they are in torch."""
    line = f"dim=3 depth=1 before={str(before).lower()} positions=waves Norm.norm=layer_norm layers.0.heads=3 "
    line += "layers.0.ratio=2 Layer.rate=0.0 Layer.mlp.act=gelu pool.pool=max"
    graph = small("transformer").build(read_line(line))
    weights = random_weights(graph)
    layer = nn.TransformerEncoderLayer(6, 3, 12, 0.0, "gelu", batch_first=True, norm_first=before).eval()
    words = {"attn.qkv.": "self_attn.in_proj_", "attn.proj": "self_attn.out_proj", "mlp.fc": "linear"}
    named = {name.removeprefix("layers.0."): tensor for name, tensor in weights.items() if name.startswith("layers")}
    layer.load_state_dict({re.sub("|".join(words), lambda found: words[found[0]], name): named[name] for name in named})

    def norm(x: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(x, [6], weights["norm.weight"], weights["norm.bias"])

    tokens = torch.arange(8).reshape(2, 4) % 7
    waves = [[math.sin(t / 10_000 ** (i / 3)) for i in range(3)] for t in range(4)]
    waves = [[*row, *(math.cos(t / 10_000 ** (i / 3)) for i in range(3))] for t, row in enumerate(waves)]
    x = weights["embed.weight"][tokens] + torch.tensor(waves)
    x = norm(layer(x)) if before else layer(norm(x))
    expected = functional.linear(x.amax(1), weights["head.weight"], weights["head.bias"])
    torch.testing.assert_close(run(graph, [tokens], weights)["logits"], expected, rtol=1e-4, atol=1e-5)


def test_the_plain_u_net_is_the_shipped_network() -> None:
    stages = [*(f"down{i}" for i in range(4)), "bottom", *(f"merge{i}" for i in range(4))]
    line = "base=2 depth=4 Unit.kernel=3 Unit.kind=plain Norm.norm=batch Act.act=relu Down.down=pool Up.up=transposed "
    line += "Join.gate=false Join.join=concat " + " ".join(f"{stage}.units=1" for stage in stages)
    graph = ghndsl.load_space("unets", width=2, classes=5).build(read_line(line))
    shipped = ghndsl.load("unet", base=4, classes=5)
    weights = random_weights(graph)
    named = dict(zip(shipped.weights, weights.values(), strict=True))
    image = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    (given,), (expected,) = (
        run(one, [image], named_by, Mode("train")).values() for one, named_by in ((graph, weights), (shipped, named))
    )
    assert torch.equal(given, expected)


def test_u_nets_have_the_papers_gates_and_units() -> None:
    """Residual units and gated, added skips, against torch."""
    stages = ("down0", "down1", "bottom", "merge0", "merge1")
    line = "base=2 depth=2 Unit.kernel=5 Unit.kind=residual Norm.norm=group Act.act=silu Down.down=conv Up.up=bilinear "
    line += "Join.gate=true Join.join=add " + " ".join(f"{stage}.units=1" for stage in stages)
    graph = small("unets").build(read_line(line))
    weights = random_weights(graph)
    image = torch.randn(2, 1, 32, 64, generator=torch.Generator().manual_seed(1))
    (given,) = run(graph, [image], weights).values()
    torch.testing.assert_close(given, plain_u_net(image, weights), rtol=1e-4, atol=1e-4)


def plain_u_net(image: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    def conv(x: torch.Tensor, name: str, stride: int = 1, padding: int = 0) -> torch.Tensor:
        return functional.conv2d(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"), stride, padding)

    def normal(x: torch.Tensor, name: str) -> torch.Tensor:
        groups = {4: 4, 8: 8, 16: 8}[x.shape[1]]
        return functional.group_norm(x, groups, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def stage(x: torch.Tensor, name: str) -> torch.Tensor:
        y = functional.silu(normal(conv(x, f"{name}.0.conv1.conv", padding=2), f"{name}.0.conv1.norm"))
        y = normal(conv(y, f"{name}.0.conv2.conv", padding=2), f"{name}.0.conv2.norm")
        short = f"{name}.0.shortcut"
        return functional.silu(y + (conv(x, short) if f"{short}.weight" in weights else x))

    first = stage(image, "down0")
    second = stage(conv(first, "pool0", 2), "down1")
    x = stage(conv(second, "pool1", 2), "bottom")
    for i, skip in enumerate((second, first)):
        x = conv(functional.interpolate(x, scale_factor=2, mode="bilinear"), f"up{i}.conv", padding=1)
        both = functional.relu(conv(skip, f"join{i}.skip") + conv(x, f"join{i}.below"))
        x = stage(skip * torch.sigmoid(conv(both, f"join{i}.gate")) + x, f"merge{i}")
    return conv(x, "head")
