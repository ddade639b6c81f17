"""The shipped networks that torchvision has are torchvision's: the same names of weights, and the same logits."""

from __future__ import annotations

import pytest
import torch
import torchvision

import ghndsl

NETWORKS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "vit_b_16"]


@pytest.mark.parametrize("name", NETWORKS)
def test_names_and_shapes(name: str) -> None:
    with torch.device("meta"):
        theirs = torchvision.models.get_model(name).state_dict()
    ours = ghndsl.load(name).weights
    assert {path: weight.shape for path, weight in ours.items()} == {k: tuple(v.shape) for k, v in theirs.items()}


@pytest.mark.parametrize(("name", "batch"), [("resnet18", 2), ("resnet50", 2), ("vit_b_16", 1)])
def test_logits(name: str, batch: int) -> None:
    generator = torch.Generator().manual_seed(0)
    theirs = torchvision.models.get_model(name).eval()
    for tensor in theirs.state_dict().values():
        if tensor.ndim and bool((tensor == tensor.flatten()[0]).all()):
            # Fresh statistics, biases and tokens are zeros and ones, which would hide one taken for the other.
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
    ours = ghndsl.to_torch(ghndsl.load(name)).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    image = torch.randn(batch, 3, 224, 224, generator=generator)
    with torch.no_grad():
        wanted = theirs(image)
        assert float((ours(image) - wanted).norm() / wanted.norm()) < 1e-5
    assert ghndsl.load(name).params == sum(parameter.numel() for parameter in theirs.parameters())
