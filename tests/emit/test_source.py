"""Source: a file of Python that computes what the graph's module does, with the same weights by the same names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn

import ghndsl
from ghndsl import resources
from ghndsl.diagnostics import CompileError
from ghndsl.emit.source import to_source
from ghndsl.emit.source.members import OWN_NAMES
from ghndsl.ir import Graph
from ghndsl.language.limits import DEFAULT

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "source"

NETWORKS: dict[str, dict[str, int]] = {
    "resnet18": {"classes": 10},
    "resnet50": {"classes": 10},
    "unet": {"base": 8},
    "siamese": {},
    "msdnet": {},
    "lstm_classifier": {"vocab": 100, "width": 16},
    "gpt2": {"vocab": 100, "context": 16, "D": 32, "depth": 3, "heads": 4},
    "vit_b_16": {"size": 32, "D": 32, "depth": 3, "heads": 4},
    "mobilenet_v2": {},
    "mobilenet_v3_small": {},
    "mnasnet0_5": {},
    "squeezenet1_1": {},
    "shufflenet_v2_x0_5": {},
    "densenet121": {},
    "googlenet": {},
    "efficientnet_b0": {},
    "regnet_y_400mf": {},
    "swin_t": {},
    "swin_v2_t": {},
    "convnext_tiny": {},
    "digits@17": {},
    "nasbench101@123456": {},
    "nasbench201@1234": {},
    "darts@123456789": {},
}

TEXTS = {
    "names of torch": """
        arch names() {
            input x: f32[N, 4]
            y = x -> linear(4) as type -> linear(4) as forward.train -> linear(4) as a_b -> linear(4) as a.b
            output z = y -> linear(4) as class -> linear(4) as _x -> linear(4) as 0 -> linear(4) as été.3
        }""",
    "names of inputs": """
        arch inputs() {
            input F: f32[2, 4]
            input torch: f32[2, 4]
            input x: f32[2, 4]
            output nn = F + torch
            output out.y = x -> linear(4) as torch
        }""",
    "a part named by one letter": """
        block Res(x: [N, C]) {
            y = x -> linear(C) as f.a -> relu
            return y * (y -> linear(C) as f.b) + x
        }
        arch letter() {
            input x: f32[N, 8]
            output y = x -> Res as stage.block1-0 -> relu -> Res as stage.block1-1
        }""",
    "members that count behind a dash": """
        block Res(x: [N, C, H, W], width: int) {
            return (x -> conv(width, 3, padding=1) as a -> relu) + (x -> conv(width, 1) as b)
        }
        block Gated(x, depth: int) {
            x = x -> conv(8, 1) as in-0 -> sigmoid
            for i in range(depth) {
                x = (x -> Res(8) as up-{i + 1}) * x
            }
            return x
        }
        arch dash() {
            input x: f32[N, 3, 8, 8]
            for i in range(5) {
                x = x -> Res(8 if i > 0 else 4) as stage.block-{i}
            }
            output y = x -> tanh -> Gated(4) as one -> Gated(4) as two -> Gated(6) as three
        }""",
    "words of Python": """
        block Conv(x, Conv: int = 4) { return x -> linear(Conv) as layer -> linear(4) as torch }
        arch F() {
            input layer: f32[N, IF, 4]
            input stochastic_depth: f32[N, NN, 4]
            a = layer -> linear(4) as nn
            b = a -> Conv(8) as super -> Conv(5) as len
            c = stochastic_depth -> dropout(0.0) -> linear(4) as torch
            d = c -> linear(4) as self_ -> reshape(N * NN, 4)
            output y = b -> reshape(N * IF, 4)
            output z = concat(d, c -> reshape(-1, 4), dim=0)
        }""",
    "blocks that hold each other": """
        block A(x, depth: int) {
            y = x -> linear(4) as fc
            if depth > 0 {
                y = y -> B(depth - 1) as b
            }
            return y + x
        }
        block B(x, depth: int) {
            y = x -> linear(4) as fc -> relu
            if depth > 0 {
                y = y -> A(depth - 1) as a
            }
            return y * x
        }
        arch mutual() {
            input x: f32[N, 4]
            output y = x -> A(3) as a -> B(2) as b
        }""",
    "an input is an output": "arch same() { input x: f32[N, 4]\noutput y = x\noutput z = x -> identity }",
    "a block used in two orders": """
        block Pair(x, y) { return (x -> linear(4) as a) + (y -> linear(4) as b) }
        arch pairs() {
            input x: f32[N, 4]
            input y: f32[N, 4]
            output z = Pair(x, y) as one -> Pair(x) as two
        }""",
    "shared by blocks": """
        block Uses(x, shared: op) { return x -> shared -> linear(4) as own }
        arch shared() {
            input x: f32[N, 4]
            head = linear(4) as head
            for i in range(3) {
                x = x -> Uses(head) as layers.{i}
            }
            output y = x
        }""",
    "layers in layers": """
        block Odd(x) { return x -> linear(4) as fc -> linear(4) as fc.0 -> linear(4) as fc.0.type }
        arch within() {
            input x: f32[N, 4]
            y = x -> linear(4) as state_dict -> linear(4) as state_dict.to
              -> linear(4) as state_dict.in_features -> linear(4) as 0 -> linear(4) as 0.a
            for i in range(3) {
                y = y -> Odd as odd.{i}
            }
            output z = y -> linear(4) as part.a -> linear(4) as part.a.b
        }""",
    "a layer whose padding differs": """
        arch padded() {
            input x: f32[N, 3, 9, 9]
            input y: f32[N, 3, 10, 10]
            input z: f32[N, 3, 9, 9]
            layer = conv(4, 5, 3, "same") as layer
            output a = x -> layer
            output b = y -> layer
            output c = z -> layer
        }""",
    "members apart": """
        arch apart() {
            input x: f32[N, 4]
            a = x -> linear(4) as part.first
            b = a -> linear(4) as other
            output y = b -> linear(4) as part.second -> (linear(4) -> linear(4)) as part.list
        }""",
    "a loop with what is fixed": """
        block Step(x, y) { return (x -> linear(4) as fc) * y }
        arch fixed() {
            input x: f32[N, 4]
            y = x -> sigmoid
            for i in range(4) {
                x = Step(x, y) as steps.{i} -> relu
            }
            output z = x + y
        }""",
    "a loop over its own": """
        block Dense(x, depth: int) {
            for i in range(depth) {
                x = concat(x, x -> linear(2) as layer{i + 3})
            }
            return x
        }
        arch dense() {
            input x: f32[N, 4]
            output y = x -> Dense(5) as one -> Dense(3) as two
        }""",
    "sizes of a block": """
        block Turn(x: [N, T, D]) { return x -> linear(D) as fc -> reshape(N * T, D) }
        arch sizes() {
            input x: f32[N, 2 * H, 4]
            y = x -> Turn as turn
            output z = y[:H] + arange(H, dtype="f32").unsqueeze
        }""".replace('y[:H] + arange(H, dtype="f32").unsqueeze', 'y[:H] + unsqueeze(arange(H, dtype="f32"), 1)'),
    "element types": """
        arch doubles() {
            input x: f64[N, 3, 8, 8]
            p = parameter(8, 1, 1, init="ones", dtype="f64") as p
            output y = (x -> conv(8, 3) as conv -> batch_norm as bn) * p
        }""",
    "weights of a function": """
        arch uneven() {
            input x: f32[N, 3, 8, 8]
            output y = x -> conv(4, 3, 2, "same") as stem -> conv(4, 3, 2, "same", bias=false) as stem2
        }""",
    "results of several": """
        arch several() {
            input x: f32[N, 5, 8]
            y, h, c = x -> lstm(4, batch_first=true) as lstm
            a, b = y -> split(2, dim=-1)
            _z, s = x -> gru(4, 2, batch_first=true) as gru
            output last = s
        }""".replace("output last = s", "output last = s[0] + h[0] + concat(a[:, 0], b[:, 0])"),
    "a table of what is made": """
        block Wide(x: [N, D], width: int) { return x + (x -> linear(width) -> linear(D)) }
        arch table() {
            input x: f32[N, 4]
            for i in range(4) {
                x = x -> Wide([8, 8, 4, 16][i]) as body.wide{i}
            }
            for i in range(4) {
                x = x -> Wide([8, 8, 4, 16][i]) as list.{i}
            }
            output y = x
        }""",
    "the only result of a state": """
        arch state() {
            input x: f32[N, 5, 8]
            _y, h, _c = x -> lstm(4, batch_first=true) as lstm
            output last = h
        }""",
}


@cache
def written(name: str) -> tuple[Graph, str]:
    """The graph of one of these networks or texts, and its source."""
    graph = ghndsl.loads(TEXTS[name]) if name in TEXTS else ghndsl.load(name, limits=DEFAULT, **NETWORKS[name])
    return graph, to_source(graph)


def check(graph: Graph, module: nn.Module) -> None:
    """Weights by name and shape, and results in evaluation and training, are those of the graph's own module."""
    ours = ghndsl.to_torch(graph, seed=0)
    weights = ours.state_dict()
    generator = torch.Generator().manual_seed(0)
    for path, value in weights.items():
        if path.endswith(("running_mean", "running_var")):
            weights[path] = torch.rand(value.shape, generator=generator, dtype=value.dtype) + 0.5
    shapes = {path: (tuple(value.shape), value.dtype) for path, value in module.state_dict().items()}
    assert shapes == {path: (tuple(value.shape), value.dtype) for path, value in weights.items()}
    module.load_state_dict(weights, strict=True)
    ours.load_state_dict(module.state_dict(), strict=True)
    assert sum(p.numel() for p in module.parameters()) == sum(p.numel() for p in ours.parameters())
    inputs: list[torch.Tensor] = []
    for kind in graph.inputs.values():
        shape = [int(str(size)) for size in kind.substitute(dict.fromkeys(kind.symbols, 2)).shape]
        dtype: torch.dtype = getattr(torch, kind.dtype.torch_name)
        drawn = torch.rand(shape, generator=generator) * 5
        inputs.append(drawn.to(dtype))
    has_chance = any(node.op.name in ("dropout", "stochastic_depth") for node in graph.nodes)
    for mode in (False,) if has_chance else (False, True):
        with torch.no_grad():
            wanted, got = ours.train(mode)(*inputs), module.train(mode)(*inputs)
        pairs = [(got, wanted)] if isinstance(wanted, torch.Tensor) else [(got[n], wanted[n]) for n in wanted]
        assert isinstance(wanted, torch.Tensor) or list(got) == list(wanted)
        for one, other in pairs:
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", [*NETWORKS, *TEXTS])
def test_modules(name: str, made: Callable[[str], nn.Module]) -> None:
    graph, source = written(name)
    check(graph, made(source))


@pytest.mark.parametrize("name", ["resnet18", "gpt2", "unet"])
def test_golden(name: str) -> None:
    """`REWRITE_GOLDEN=1 pytest tests/emit/test_source.py` writes what is made now; read the difference."""
    source = to_source(ghndsl.load(name))
    golden = GOLDEN / f"{name}.py"
    if os.environ.get("REWRITE_GOLDEN"):
        golden.write_text(source, encoding="utf-8")
    assert source == golden.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of these sources."""
    found = tmp_path_factory.mktemp("sources")
    for number, name in enumerate([*NETWORKS, *TEXTS]):
        graph, source = written(name)
        (found / f"net{number}_{graph.name}.py").write_text(source, encoding="utf-8")
    return found


def command(name: str) -> str:
    return shutil.which(name, path=str(Path(sys.executable).parent)) or name


@pytest.mark.parametrize(
    "words",
    [
        ("ruff", "format", "--isolated", "--line-length", "120", "--check"),
        ("ruff", "check", "--isolated", "--line-length", "120", "--select", "E,F,W,I,B,UP,SIM,C4,PIE"),
        # What it knows of torch it has from the project's own check, if that ran before.
        ("mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")),
    ],
)
def test_sources_are_laid_out_and_typed(folder: Path, words: tuple[str, ...]) -> None:
    done = subprocess.run([command(words[0]), *words[1:], "."], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


WRITTEN = [
    ("members that count behind a dash", '*((f"block-{i + 1}", Res('),
    ("members that count behind a dash", 'self.add_module(f"up-{i + 1}", Res(8, 8))'),
    ("members that count behind a dash", 'for layer in (self.get_submodule(f"up-{i + 1}") for i in range(4)):'),
    ("members that count behind a dash", "torch.sigmoid("),
    ("members that count behind a dash", "torch.tanh("),
    ("a part named by one letter", "class BlockF(nn.Module):"),
    ("a part named by one letter", "The part `f` of the block `Res`, as at `stage.block1-0.f`."),
]


@pytest.mark.parametrize(("name", "words"), WRITTEN)
def test_what_is_written(name: str, words: str) -> None:
    assert words in written(name)[1]


def test_it_imports_torch_alone(folder: Path) -> None:
    standard = ("math", "collections", "typing")
    for path in folder.glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        homes = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert homes <= {"torch", *standard}


def test_names_of_torch_are_known() -> None:
    modules = (nn.Module(), nn.Sequential(), nn.ModuleList(), nn.ModuleDict(), nn.ParameterDict())
    names = {name for module in modules for name in dir(module) if not name.startswith("_")}
    assert names <= OWN_NAMES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arch a() { input x: f32[N, 4]\noutput y = x -> linear(4) as training }", "called `training`"),
        (
            "arch a() { input x: f32[N, 4]\noutput y = x -> linear(4) as a -> linear(4) as a.b.c }",
            "`a` names a layer, and what holds more than layers",
        ),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(CompileError, match="G508") as caught:
        to_source(ghndsl.loads(text))
    assert message in caught.value.diagnostics[0].message
    assert caught.value.diagnostics[0].span is not None


def test_the_page_shows_what_is_made() -> None:
    page = (resources.root() / "docs" / "source.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"<!-- text -->\n```ghndsl\n(.*?)```", page, re.DOTALL)
    (source,) = re.findall(r"<!-- source -->\n```python\n(.*?)```", page, re.DOTALL)
    assert to_source(ghndsl.loads(text)) == source
