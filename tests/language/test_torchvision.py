"""The shipped ResNets are torchvision's: the same names and shapes of weights, and the same logits."""

from __future__ import annotations

import pytest
import torch
import torchvision

import ghndsl

RESNETS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]


@pytest.mark.parametrize("name", RESNETS)
def test_names_and_shapes(name: str) -> None:
    with torch.device("meta"):
        theirs = torchvision.models.get_model(name).state_dict()
    ours = ghndsl.load(name).weights
    assert {path: weight.shape for path, weight in ours.items()} == {k: tuple(v.shape) for k, v in theirs.items()}


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_logits(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    theirs = torchvision.models.get_model(name).eval()
    for buffer, tensor in theirs.state_dict().items():
        if "running" in buffer:  # fresh statistics are zeros and ones, which would hide one taken for the other
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
    ours = ghndsl.to_torch(ghndsl.load(name)).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    image = torch.randn(2, 3, 224, 224, generator=generator)
    with torch.no_grad():
        torch.testing.assert_close(ours(image), theirs(image), rtol=1e-5, atol=1e-5)
