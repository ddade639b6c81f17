"""Reading text loads nothing heavy: torch and onnx wait until they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "onnx", "onnxruntime", "sklearn", "scipy", "graphviz")


def loaded_by(code: str) -> set[str]:
    """The heavy packages that some code loads in a process of its own."""
    guarded = "\n".join(f"    {line}" for line in code.splitlines())
    ending = f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    script = f"import sys\ntry:\n{guarded}\nexcept SystemExit:\n    pass\n{ending}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "room",
    [
        "types",
        "ops",
        "ir",
        "language",
        "passes",
        "space",
        "space.load",
        "search.algorithms",
        "search.engines",
        "cli",
        "resources",
    ],
)
def test_importing_a_room_is_light(room: str) -> None:
    assert loaded_by(f"import ghndsl.{room}") == set()


@pytest.mark.parametrize(
    "code",
    [
        "import ghndsl; ghndsl.load('resnet18').params",
        "import ghndsl; ghndsl.load_space('nasbench201').size",
        "from ghndsl.cli import main; sys.argv[1:] = ['check', 'resnet18', 'digits']; main()",
        "from ghndsl.cli import main; sys.argv[1:] = ['count', 'digits']; main()",
        "from ghndsl.cli import main; sys.argv[1:] = ['fmt', '--check', 'specs']; main()",
    ],
)
def test_reading_text_is_light(code: str) -> None:
    assert loaded_by(code) == set()


def test_a_small_text_is_checked_by_little(tmp_path: Path) -> None:
    """What parses grammars, plans spaces, writes texts and lays out tables waits until it is needed."""
    small = tmp_path / "small.arch"
    small.write_text("arch small() {\n    input x: f32[N, 4]\n    output y = x -> linear(2)\n}\n", encoding="utf-8")
    code = (
        "import sys\n"
        f"sys.argv[1:] = ['check', {str(small)!r}]\n"
        "from ghndsl.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    pass\n"
        "needless = ['lark', 'rich.console', 'ghndsl.space.space', 'ghndsl.language.format', 'ghndsl.passes']\n"
        "print(*[name for name in needless if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines() == [f"{small}: no faults", ""]
