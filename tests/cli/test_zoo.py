"""Operators, the zoo, ONNX, pictures and source as a person meets them at the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
import torch
from commanding import call

import ghndsl

ROOT = Path(__file__).parents[2]

OPERATORS = tuple((Path(__file__).parent / "operators.txt").read_text(encoding="utf-8").split())

AWKWARD = """
arch awkward() {
    input mean: f32[N, 3, 4 * H, W]
    input constant: f32[N, 3, 4 * H, W]
    a = (mean + constant) -> conv(4, 3, padding=1) as x
    output y = a -> batch_norm as a.b -> relu -> conv(2, 1) as a_b
}
"""


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_of_the_list_is_explained_and_documented(tmp_path: Path, name: str) -> None:
    assert f"`{name}" in (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    if name in ("lstm", "window_attention", "sum", "max"):
        assert name in call(tmp_path, "explain", name).stdout


def test_export_writes_the_asked_opset_and_says_the_difference(tmp_path: Path) -> None:
    (tmp_path / "awkward.arch").write_text(AWKWARD, encoding="utf-8")
    for opset in ("17", "20", "23"):
        words = ("export", "awkward.arch", "--onnx", "m.onnx", "--opset", opset, "--check", "--json")
        found = json.loads(call(tmp_path, *words).stdout)
        assert found["opset"] == int(opset)
        assert found["max_difference"] < 1e-4
        model = onnx.load(tmp_path / "m.onnx")
        assert [entry.version for entry in model.opset_import] == [int(opset)]
    assert [port.name for port in model.graph.input] == ["mean", "constant"]
    assert {"x.weight", "x.bias", "a.b.weight", "a_b.weight", "a_b.bias"} <= {w.name for w in model.graph.initializer}
    sizes = [dim.dim_param or dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim]
    assert (sizes[0], sizes[1], sizes[3]) == ("N", 3, "W")
    facts = {entry.key: entry.value for entry in model.metadata_props}
    assert "arch awkward" in facts["source"]
    assert facts["id"] == ghndsl.load(str(tmp_path / "awkward.arch")).id


def test_export_folds_batch_norm_and_keeps_large_weights_beside_the_model(tmp_path: Path) -> None:
    words = ("export", "resnet18", "--onnx", "r.onnx", "--fold-batch-norm", "--external-data", "--check", "--json")
    assert json.loads(call(tmp_path, *words).stdout)["max_difference"] < 1e-4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.onnx", "r.onnx.data"]
    model = onnx.load(tmp_path / "r.onnx", load_external_data=False)
    assert not [node for node in model.graph.node if node.op_type == "BatchNormalization"]
    assert (tmp_path / "r.onnx").stat().st_size < 200_000


def test_what_cannot_be_exact_is_refused_by_name_and_nothing_is_written(tmp_path: Path) -> None:
    text = "arch a() {\n input x: f32[N, 3, H, W]\n output y = x -> adaptive_avg_pool(7)\n}\n"
    (tmp_path / "a.arch").write_text(text, encoding="utf-8")
    found = json.loads(call(tmp_path, "export", "a.arch", "--onnx", "a.onnx", "--json", code=1).stdout)
    assert "adaptive_avg_pool" in found["diagnostics"][0]["message"]
    assert not (tmp_path / "a.onnx").exists()


@pytest.mark.parametrize(
    ("name", "params"), [("squeezenet1_1", 1_235_496), ("mobilenet_v3_small", 2_542_856), ("regnet_x_400mf", 5_495_976)]
)
def test_networks_of_torchvision_go_by_their_builders_names(tmp_path: Path, name: str, params: int) -> None:
    assert json.loads(call(tmp_path, "show", name, "--json").stdout)["params"] == params


def test_pages_show_what_was_proved() -> None:
    assert "80 of 80" in (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "onnx.md").read_text(encoding="utf-8")
    for word in ("opset", "pytorch#183528", "torch.onnx.export", torch.__version__.split("+")[0]):
        assert word in page


def test_pictures_fold_and_say_shapes_params_and_lines(tmp_path: Path) -> None:
    call(tmp_path, "render", "resnet18", "-o", "folded.svg")
    call(tmp_path, "render", "resnet18", "-o", "open.svg", "--expand")
    folded, whole = ((tmp_path / f"{name}.svg").read_text(encoding="utf-8") for name in ("folded", "open"))
    assert len(folded) < len(whole)
    assert whole.count(">conv") >= 20 > folded.count(">conv")
    for word in ("<text", "×2", "BasicBlock"):
        assert word in folded
    assert re.search(r"resnet\.arch:\d+", folded), "tooltips name the line"
    assert "64×56×56" in folded or "64, 56, 56" in folded
    call(tmp_path, "render", "nasbench201", "-o", "space.png")
    assert (tmp_path / "space.png").read_bytes().startswith(b"\x89PNG")


def test_show_folds_like_the_picture_and_compares_two_networks(tmp_path: Path) -> None:
    folded = call(tmp_path, "show", "resnet152").stdout
    assert "×" in folded
    assert len(folded.splitlines()) < 60
    found = json.loads(call(tmp_path, "show", "resnet18", "--diff", "resnet34", "--json").stdout)
    assert found["params"] == [11_689_512, 21_797_672]
    assert "layer1.2" in call(tmp_path, "show", "resnet18", "--diff", "resnet34").stdout


def test_source_runs_alone_and_equals_the_graph(tmp_path: Path) -> None:
    call(tmp_path, "export", "resnet18", "--source", "net.py")
    text = (tmp_path / "net.py").read_text(encoding="utf-8")
    assert "ghndsl" not in [line.split()[1] for line in text.splitlines() if line.startswith(("import", "from"))]
    assert "class BasicBlock(nn.Module):" in text
    assert "for " in text
    script = (
        "import sys; sys.modules['ghndsl'] = None\n"
        "import json, torch, net\n"
        "model = net.resnet18() if hasattr(net, 'resnet18') else net.Resnet18()\n"
        "print(json.dumps({name: list(value.shape) for name, value in model.state_dict().items()}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    ours = ghndsl.to_torch(ghndsl.load("resnet18")).state_dict()
    assert json.loads(done.stdout) == {name: list(value.shape) for name, value in ours.items()}
