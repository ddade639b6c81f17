"""Words go in; what the command `ghndsl` answers to them in a folder comes out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, TypeAlias
from unittest import mock

from ghndsl.cli import main

COMMAND = shutil.which("ghndsl", path=str(Path(sys.executable).parent)) or "ghndsl"
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class Done(NamedTuple):
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def call(folder: Path, *words: str, code: int = 0, stdin: str = "") -> Done:
    """Runs the command in this process, which spares its start and the loading of torch, and checks its exit code."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "stdin", given),
        mock.patch.object(sys, "argv", ["ghndsl", *words]),
    ):
        try:
            main()
            left: object = 0
        except SystemExit as end:
            left = end.code
    printed = (stream.buffer.getvalue().decode() for stream in (out, err))
    return _checked(Done(int(left or 0), *printed), code)


def alone(folder: Path, *words: str, code: int = 0, stdin: str | None = None) -> Done:
    """Runs the installed command in a process of its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [COMMAND, *words], cwd=folder, capture_output=True, text=True, timeout=300, env=environment, check=False,
        input=stdin,
    )  # fmt: skip
    return _checked(Done(done.returncode, done.stdout, done.stderr), code)


def ask(folder: Path, *words: str) -> dict[str, Json]:
    """The one JSON object that a command prints."""
    return json.loads(call(folder, *words, "--json").stdout)


def _checked(done: Done, code: int) -> Done:
    """A traceback is always a failure."""
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    return done
