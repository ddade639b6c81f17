"""`ghndsl export --source` as a person meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commanding import call


def test_a_file_of_source_is_written_beside_a_model_or_alone(tmp_path: Path) -> None:
    text = "arch tiny() {\n input x: f32[N, 4]\n output y = x -> identity -> linear(2) as fc\n}\n"
    (tmp_path / "tiny.arch").write_text(text, encoding="utf-8")
    alone = json.loads(call(tmp_path, "export", "tiny.arch", "--source", "tiny.py", "--json").stdout)
    assert (alone["file"], alone["params"], alone["opset"], alone["max_difference"]) == ("tiny.py", 10, None, None)
    words = ("export", "tiny.arch", "--source", "both.py", "--onnx", "both.onnx", "--check", "--optimized", "--json")
    both = json.loads(call(tmp_path, *words).stdout)
    assert (both["file"], both["source"], both["params"]) == ("both.onnx", "both.py", 10)
    assert both["max_difference"] < 1e-5
    script = "import torch, tiny, both\nfor one in (tiny, both):\n    print(list(one.Tiny()(torch.ones(3, 4)).shape))"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "[3, 2]\n[3, 2]\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name the file to write"),
        (("--source", "a.py", "--check"), "--check"),
        (("--source", "a.py", "--onnx", "./a.py"), "need two files"),
        (("--source", "a.py", "--opset", "17"), "--opset"),
        (("--source", "y.txt"), "a Python file is named `F.py`, not `y.txt`"),
        (("--source", "x.onnx", "--onnx", "x.py"), "a Python file is named `F.py`, not `x.onnx`"),
        (("--source", "y.py", "--onnx", "x.py"), "`x.py` would be a Python file: this writes a model"),
        (("--source", "a.py", "--weights", "w.safetensors"), "--weights"),
    ],
)
def test_wrong_usage(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    found = call(tmp_path, "export", "resnet18", *words, code=2).stderr
    assert told in " ".join(found.replace("│", " ").split())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("option", "name"), [("--onnx", "pipe.onnx"), ("--source", "pipe.py")])
def test_a_pipe_is_no_file(tmp_path: Path, option: str, name: str) -> None:
    os.mkfifo(tmp_path / name)
    assert "G007" in call(tmp_path, "export", "resnet18", option, name, code=1).stderr
    assert (tmp_path / name).is_fifo()


def test_what_no_source_is_made_of_is_refused(tmp_path: Path) -> None:
    text = "arch a() {\n input x: f32[N, 4]\n output y = x -> linear(4) as training\n}\n"
    (tmp_path / "a.arch").write_text(text, encoding="utf-8")
    found = json.loads(call(tmp_path, "export", "a.arch", "--source", "a.py", "--json", code=1).stdout)
    assert [(one["code"], one["line"]) for one in found["diagnostics"]] == [("G508", 3)]
    assert not (tmp_path / "a.py").exists()
