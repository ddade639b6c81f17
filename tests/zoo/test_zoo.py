"""The shipped networks are torchvision's: names and sizes of all, and the results of small ones from every family."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torchvision
from torch import nn

import ghndsl
from ghndsl.space.load import shipped_networks

ROOT = Path(__file__).parents[2]
CLASSIFIERS = torchvision.models.list_models(module=torchvision.models)
OTHERS = ["fcn_resnet50", "deeplabv3_resnet50", "r3d_18"]
FAST: dict[str, dict[str, int]] = {
    "alexnet": {"size": 64},
    "convnext_tiny": {"size": 64},
    "deeplabv3_resnet50": {"size": 64},
    "densenet121": {"size": 64},
    "efficientnet_b0": {"size": 64},
    "fcn_resnet50": {"size": 64},
    "googlenet": {"size": 64},
    "inception_v3": {},
    "maxvit_t": {},
    "mnasnet0_5": {"size": 64},
    "mobilenet_v2": {"size": 64},
    "mobilenet_v3_small": {"size": 64},
    "r3d_18": {"frames": 8, "size": 32},
    "regnet_y_400mf": {"size": 64},
    "resnet18": {"size": 64},
    "resnext50_32x4d": {"size": 64},
    "shufflenet_v2_x0_5": {"size": 64},
    "squeezenet1_1": {"size": 64},
    "swin_t": {},
    "swin_v2_t": {},
    "vgg11_bn": {"size": 32},
    "vit_b_32": {},
}
"""Small networks with settings that make them smaller."""


@pytest.fixture
def comparing(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    names = ("catalogue", "chance", "likeness", "names", "page", "plain", "rows")
    return SimpleNamespace(**{name: importlib.import_module(f"comparing.{name}") for name in names})


def test_every_classifier_ships_and_nothing_is_called_as_one_that_is_not() -> None:
    assert len(CLASSIFIERS) == 80
    assert [name for name in CLASSIFIERS if name not in shipped_networks()] == []


@pytest.mark.parametrize("name", [*CLASSIFIERS, *OTHERS])
def test_names_shapes_params_and_work(name: str, comparing: SimpleNamespace) -> None:
    pair, graph = comparing.catalogue.PAIRS[name], ghndsl.load(name)
    theirs = pair.build()
    assert comparing.names.state_faults(graph, theirs) == []
    assert comparing.rows.text_faults(pair, graph, theirs) == []


@pytest.mark.parametrize("name", FAST)
def test_results(name: str, comparing: SimpleNamespace) -> None:
    graph, theirs = ghndsl.load(name, **FAST[name]), comparing.catalogue.PAIRS[name].build()
    inputs = comparing.likeness.inputs_of(graph, {"N": 2})
    comparing.chance.draw(theirs, inputs)
    found = comparing.likeness.likeness(graph, theirs, [inputs])
    assert found.faults == ()
    assert found.wanted[0].keys() == graph.outputs.keys()


PLAIN: dict[str, tuple[Callable[[ModuleType], nn.Module], dict[str, int], list[dict[str, int]]]] = {
    "gpt2": (
        lambda plain: plain.GPT2(40, 32, 16, 2, 2),
        {"vocab": 40, "context": 32, "D": 16, "depth": 2, "heads": 2},
        [{"N": 2, "T": 9}, {"N": 3, "T": 32}],
    ),
    "lstm_classifier": (
        lambda plain: plain.LSTMClassifier(40, 8),
        {"vocab": 40, "width": 8},
        [{"N": 2, "T": 9}, {"N": 3, "T": 1}],
    ),
    "siamese": (lambda plain: plain.Siamese(), {}, [{"N": 2}]),
    "unet": (lambda plain: plain.UNet(base=8), {"base": 8}, [{"N": 2, "H": 3, "W": 2}, {"N": 2, "H": 1, "W": 4}]),
}


@pytest.mark.parametrize("name", PLAIN)
def test_results_of_networks_in_plain_pytorch(name: str, comparing: SimpleNamespace) -> None:
    build, settings, sizes = PLAIN[name]
    graph, plain = ghndsl.load(name, **settings), build(comparing.plain).eval()
    runs = [comparing.likeness.inputs_of(graph, one) for one in sizes]
    comparing.chance.draw(plain, runs[0])
    assert comparing.likeness.likeness(graph, plain, runs).faults == ()


WRONG = {
    "another pool": ("max_pool(3, stride=2, padding=1)", "avg_pool(3, stride=2, padding=1)", "results differ by"),
    "another activation": ("(y + skip) -> relu", "(y + skip) -> gelu", "results differ by"),
    "a setting that hardly shows": ("batch_norm as bn1", "batch_norm(eps=2e-5) as bn1", "has"),
    "a name": ("as fc", "as head", "fc.weight is missing"),
    "one weight more": (
        "conv(64, 7, stride=2, padding=3, bias=false)",
        "conv(64, 7, stride=2, padding=3)",
        "conv1.bias",
    ),
    "a shape": ("conv(64, 7,", "conv(64, 5,", "conv1.weight is"),
    "a constant": ("return maps[3]", "return (maps[3] * 0.0)", "results differ by"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_equal_is_seen(what: str, comparing: SimpleNamespace, tmp_path: Path) -> None:
    old, new, told = WRONG[what]
    text = shipped_networks()["resnet18"].read_text(encoding="utf-8")
    (tmp_path / "a.arch").write_text(text.replace(old, new), encoding="utf-8")
    graph = ghndsl.load(f"{tmp_path / 'a.arch'}:resnet18", size=32)
    theirs = comparing.catalogue.PAIRS["resnet18"].build()
    inputs = comparing.likeness.inputs_of(graph, {"N": 2})
    comparing.chance.draw(theirs, inputs)
    faults = comparing.likeness.likeness(graph, theirs, [inputs]).faults
    assert any(told in fault for fault in faults)


def test_equal_samples_tell_nothing(comparing: SimpleNamespace) -> None:
    graph, theirs = ghndsl.load("squeezenet1_1", size=32), comparing.catalogue.PAIRS["squeezenet1_1"].build()
    (image,) = comparing.likeness.inputs_of(graph, {"N": 1})
    comparing.chance.draw(theirs, [image])
    (fault,) = comparing.likeness.likeness(graph, theirs, [[image.expand(2, -1, -1, -1)]]).faults
    assert fault.startswith("results vary by 0.0e+00")


def test_numbers_that_are_not_equal_are_seen(comparing: SimpleNamespace) -> None:
    graph, likeness = ghndsl.load("resnet18"), comparing.likeness
    assert likeness.macs_faults(1_814_000_000, 1.814) == []
    assert likeness.macs_faults(1_840_000_000, 1.814) == ["1.840 GMACs, not 1.814"]
    assert likeness.macs_faults(None, 1.814) == ["multiply-accumulates are unknown"]
    theirs = comparing.catalogue.PAIRS["resnet18"].build()
    theirs.bn1.running_var += 1
    theirs.fc.bias = None
    assert comparing.names.buffer_faults(graph, theirs) == ["bn1.running_var begins with other numbers"]
    theirs.add_module("drop", nn.Dropout(0.3))
    assert comparing.names.chance_faults(graph, theirs) == ["parts are left out with [], not with [0.3]"]
    assert likeness.params_faults(graph, theirs) == ["11,689,512 params, not 11,688,512"]


def test_the_page_lists_every_network_and_says_that_all_are_equal() -> None:
    page = (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8")
    assert "**80 of 80**" in page
    assert "not equal" not in page
    for name in shipped_networks():
        assert f"`{name}`" in page


def test_the_page_counts_what_is_equal(comparing: SimpleNamespace) -> None:
    row = comparing.rows.Row("resnet18", "", 5, 7_000_000_000, 7.0, 0.0, 2e-7, 3e-8, ())
    wrong = comparing.rows.Row("resnet34", "", 5, 7, 7.0, 1.0, 1.0, 1.0, ("results differ by 1.0e+00",))
    made = comparing.page.page({"resnet18": row, "resnet34": wrong})
    assert "**1 of 80**" in made
    assert "| `resnet.arch` | `resnet18` | 5 | 7,000,000,000 | 7.000 | 0 | 2e-07 | 3e-08 |" in made
    assert "| `resnet.arch` | `resnet34` | **not equal**: results differ by 1.0e+00 |" in made
    assert "| `resnet.arch` | `resnet50` | not compared |" in made
