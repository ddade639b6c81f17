"""The rooms below the emitters load no heavy guest when they are imported."""

import subprocess
import sys

import pytest

GUESTS = {"torch", "onnx", "onnxruntime", "numpy"}


@pytest.mark.parametrize("module", ["ghndsl.types", "ghndsl.ops", "ghndsl.ir", "ghndsl.ir.sizes", "ghndsl.emit"])
def test_import_is_light(module) -> None:
    code = f"import sys, {module}; print(*sorted({GUESTS} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
