"""A run's folder: what it was asked, what is done so far, and its findings; each file is whole or not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.files import write_atomically

ASKED, SCORES, TRAINED, RESULTS = "run.json", "scores.jsonl", "trained.jsonl", "results.json"


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def hypernetwork(self) -> Path:
        """The checkpoint of the hypernetwork."""
        return self.path / "ghn.safetensors"

    @property
    def finalists(self) -> Path:
        """The folder of the candidates that were trained, each by its number: `.arch` and `.safetensors`."""
        return self.path / "trained"

    def begin(self, asked: Mapping[str, object], *, resume: bool) -> None:
        """Makes the folder, or goes on in it when the same was asked for; refused else, with the difference."""
        if (self.path / ASKED).is_file():
            self._same(self.read(ASKED), asked, resume=resume)
            return
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            message = f"{self.path} exists and is no run"
            raise CompileError(Diagnostic("G601", message, help="give another folder with `-o`"))
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CompileError(Diagnostic("G601", f"{self.path} cannot be made: {error.strerror}")) from None
        write_atomically(self.path / ASKED, _dump(asked))

    def _same(self, before: Mapping[str, object], asked: Mapping[str, object], *, resume: bool) -> None:
        if not resume:
            message = f"{self.path} holds a run already"
            raise CompileError(
                Diagnostic("G601", message, help="go on with `--resume`, or give another folder with `-o`")
            )
        now = _object(json.loads(_dump(asked)))
        first, second = _flat(before), _flat(now)
        changed = [name for name in {**first, **second} if first.get(name) != second.get(name)]
        if changed:
            notes = tuple(f"{name}: {first.get(name)} then, {second.get(name)} now" for name in changed)
            raise CompileError(Diagnostic("G602", f"{self.path} was begun with other settings", notes=notes))

    def append(self, name: str, row: Mapping[str, object]) -> None:
        """Adds a row to a list of the run."""
        with (self.path / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def rows(self, name: str) -> list[dict[str, object]]:
        """The rows of a list of the run; one that was cut off is left out, also from the file."""
        path = self.path / name
        if not path.is_file():
            return []
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            write_atomically(path, whole)
        return self._read(name, by_line=True)

    def _read(self, name: str, *, by_line: bool = False) -> list[dict[str, object]]:
        """The objects of a file. Errors: G601 when it holds something else."""
        found: list[dict[str, object]] = []
        try:
            text = (self.path / name).read_text(encoding="utf-8")
            for part in text.splitlines() if by_line else [text]:
                found.append(_object(json.loads(part)))
        except ValueError:
            message = f"{self.path / name} is damaged"
            raise CompileError(Diagnostic("G601", message, help="begin a new run in another folder")) from None
        return found

    def read(self, name: str) -> dict[str, object]:
        """Reads a JSON file."""
        return self._read(name)[0]

    def write(self, name: str, value: Mapping[str, object]) -> None:
        """Writes a JSON file."""
        write_atomically(self.path / name, _dump(value))


def _dump(value: Mapping[str, object]) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _flat(settings: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Nested settings under dotted names."""
    found: dict[str, object] = {}
    for name, value in settings.items():
        inner = _flat(cast("dict[str, object]", value), f"{prefix}{name}.") if isinstance(value, dict) else None
        found |= {f"{prefix}{name}": value} if inner is None else inner
    return found


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return cast("dict[str, object]", value)
