"""The shipped networks and spaces, small: sound graphs, ONNX Runtime's numbers, generated weights, plain PyTorch's."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import nn
from torch.nn import functional

import ghndsl
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx import check, to_onnx
from ghndsl.emit.run import run
from ghndsl.ghn import GHNConfig, fit
from ghndsl.ir import Graph, verify
from ghndsl.types import DType

SMALL: dict[str, dict[str, int]] = {
    "densenet_exits": {"size": 8, "growth": 2, "stem": 4, "layers": 3, "head": 4},
    "gpt2": {"vocab": 40, "context": 32, "D": 16, "depth": 2, "heads": 2},
    "lstm_classifier": {"vocab": 40, "width": 8},
    "msdnet": {"layers": 4, "base": 4, "growth": 4},
    "resnet_exits": {"size": 8, "width": 4, "blocks": 3, "head": 4},
    "siamese": {"width": 4, "state": 6},
    "unet": {"base": 4, "depth": 2},
    "vit_b_16": {"size": 32, "D": 16, "depth": 2, "heads": 2, "classes": 5},
    "darts": {"width": 4, "cells": 1, "size": 8},
    "hnas": {"width": 4, "size": 8},
    "ofa_mobilenetv3": {"width": 8, "size": 56, "classes": 5},
}
SPACES = {"darts": 1_037_664_180**2, "ofa_mobilenetv3": (9**2 + 9**3 + 9**4) ** 5, "hnas": None}
"""Spaces whose candidates are tested here, and their sizes where a paper gives them."""
NUMBERS = {"darts": 123456789**2, "ofa_mobilenetv3": 10**19, "hnas": 123456789**7}


@cache
def example(name: str) -> Graph:
    """A small network, or a candidate of a small space."""
    if name not in SPACES:
        return ghndsl.load(name, **SMALL[name])
    space = ghndsl.load_space(name, **SMALL[name])
    return space.build(space.candidate(NUMBERS[name]))


@pytest.mark.parametrize("name", SMALL)
def test_the_graph_is_sound(name: str) -> None:
    graph = example(name)
    verify(graph)
    assert "logits" in graph.outputs


@pytest.mark.parametrize("name", SMALL)
def test_onnx_runtime_equals_torch(name: str) -> None:
    graph = example(name)
    weights = initial_weights(graph, 1)
    assert check(to_onnx(graph, weights), graph, weights, [2]) < 1e-4


@pytest.mark.parametrize("name", SMALL)
def test_every_weight_can_be_generated(name: str) -> None:
    graph = example(name)
    weights = ghndsl.GHN(GHNConfig(fit([graph])), seed=0)(graph)
    assert {path: tuple(made.shape) for path, made in weights.items()} == {p: w.shape for p, w in graph.weights.items()}
    for path, weight in graph.weights.items():
        assert weight.zero_row is None or not bool(weights[path][weight.zero_row].any())
    outputs = run(graph, inputs_of(graph), weights)
    assert all(bool(output.isfinite().all()) for output in outputs.values())


def inputs_of(graph: Graph) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    made: list[torch.Tensor] = []
    for kind in graph.inputs.values():
        shape = [int(str(size)) for size in kind.substitute({"N": 2, "H": 8, "W": 12, "T": 9}).shape]
        made.append(
            torch.randint(1, 40, shape, generator=generator)
            if kind.dtype is DType.I64
            else torch.randn(shape, generator=generator)
        )
    return made


@pytest.mark.parametrize("name", SPACES)
def test_a_space_has_its_published_size_at_every_scale(name: str) -> None:
    full, small = ghndsl.load_space(name), ghndsl.load_space(name, **SMALL[name])
    assert full.size == small.size == (SPACES[name] or full.size)
    for number in (0, full.size // 7, full.size - 1):
        assert str(full.candidate(number)) == str(small.candidate(number))


DARTS_V2 = (
    "Normal.node2.inputs=[0,1] Normal.node2.from0.op=sep_conv_3x3 Normal.node2.from1.op=sep_conv_3x3 "
    "Normal.node3.inputs=[0,1] Normal.node3.from0.op=sep_conv_3x3 Normal.node3.from1.op=sep_conv_3x3 "
    "Normal.node4.inputs=[0,1] Normal.node4.from0.op=skip_connect Normal.node4.from1.op=sep_conv_3x3 "
    "Normal.node5.inputs=[0,2] Normal.node5.from0.op=skip_connect Normal.node5.from2.op=dil_conv_3x3 "
    "Reduction.node2.inputs=[0,1] Reduction.node2.from0.op=max_pool_3x3 Reduction.node2.from1.op=max_pool_3x3 "
    "Reduction.node3.inputs=[1,2] Reduction.node3.from1.op=max_pool_3x3 Reduction.node3.from2.op=skip_connect "
    "Reduction.node4.inputs=[0,2] Reduction.node4.from0.op=max_pool_3x3 Reduction.node4.from2.op=skip_connect "
    "Reduction.node5.inputs=[1,2] Reduction.node5.from1.op=max_pool_3x3 Reduction.node5.from2.op=skip_connect"
)


def test_the_cell_that_darts_found_has_its_published_size() -> None:
    space = ghndsl.load_space("darts")
    assert space.build(space.parse(DARTS_V2)).params == 3_349_342


def test_gpt2_has_its_released_size() -> None:
    assert ghndsl.load("gpt2").params == 124_439_808


def plain_gpt2(tokens: torch.Tensor, weights: dict[str, torch.Tensor], depth: int, heads: int) -> torch.Tensor:
    """GPT-2 as its paper and the released weights' names have it, a head and a position at a time."""

    def affine(x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def normal(x: torch.Tensor, name: str) -> torch.Tensor:
        centred = x - x.mean(-1, keepdim=True)
        deviation = (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
        return centred / deviation * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    x = weights["wte.weight"][tokens] + weights["wpe.weight"][: tokens.shape[1]]
    size = x.shape[-1] // heads
    for i in range(depth):
        q, k, v = affine(normal(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn").chunk(3, -1)
        joined = torch.zeros_like(x)
        for head in range(heads):
            part = slice(head * size, (head + 1) * size)
            for t in range(tokens.shape[1]):
                scores = (k[:, : t + 1, part] @ q[:, t, part, None]).squeeze(-1) / size**0.5
                joined[:, t, part] = (scores.softmax(-1)[:, :, None] * v[:, : t + 1, part]).sum(1)
        x = x + affine(joined, f"h.{i}.attn.c_proj")
        wide = affine(normal(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc")
        bent = 0.5 * wide * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (wide + 0.044715 * wide**3)))
        x = x + affine(bent, f"h.{i}.mlp.c_proj")
    return normal(x, "ln_f") @ weights["wte.weight"].T


class PlainClassifier(nn.Module):
    """The classifier of texts in torch's own modules."""

    def __init__(self, vocab: int, width: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab, width, padding_idx=0)
        self.lstm = nn.LSTM(width, width, 2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * width, 2)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        _, (h, _) = self.lstm(self.embed(tokens))
        return self.fc(functional.dropout(torch.cat((h[-2], h[-1]), 1), 0.5, self.training))


def scattered(graph: Graph) -> dict[str, torch.Tensor]:
    """Weights none of which is zero or one by chance."""
    generator = torch.Generator().manual_seed(2)
    return {path: 0.2 * torch.randn(weight.shape, generator=generator) for path, weight in graph.weights.items()}


def close(found: torch.Tensor, wanted: torch.Tensor) -> bool:
    return float(((found - wanted).norm() / wanted.norm()).detach()) < 1e-5


def test_gpt2_is_plain_pytorchs() -> None:
    graph, (tokens,) = example("gpt2"), inputs_of(example("gpt2"))
    weights = scattered(graph)
    module = ghndsl.to_torch(graph, weights).eval()
    assert close(module(tokens), plain_gpt2(tokens, weights, 2, 2))


def test_the_lstm_is_plain_pytorchs() -> None:
    graph, (tokens,) = example("lstm_classifier"), inputs_of(example("lstm_classifier"))
    plain = PlainClassifier(40, 8).eval()
    ours = ghndsl.to_torch(graph, scattered(graph)).eval()
    plain.load_state_dict(ours.state_dict(), strict=True)
    assert isinstance(ours.get_submodule("lstm"), nn.LSTM)
    assert close(ours(tokens), plain(tokens))


@pytest.mark.parametrize("name", ["gpt2", "lstm_classifier", "siamese", "vit_b_16"])
def test_a_module_is_torchs_in_all_that_is_done_to_it(name: str) -> None:
    graph, inputs = example(name), inputs_of(example(name))
    module = ghndsl.to_torch(graph, seed=0)
    before = run(graph, inputs, dict(module.state_dict()))["logits"]
    for parameter in module.parameters():
        assert parameter.is_leaf
    double = module.double().float().eval()
    after = double(*inputs)
    assert close(after["logits"] if isinstance(after, dict) else after, before)
    module.train()
    trained = module(*inputs)
    (trained["logits"] if isinstance(trained, dict) else trained).square().sum().backward()
    grads = {path for path, parameter in module.named_parameters() if parameter.grad is not None}
    needed = {path for path, weight in graph.weights.items() if weight.trainable and not path.startswith("head.")}
    assert grads >= needed
