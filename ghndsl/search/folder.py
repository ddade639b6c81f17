"""A run's folder: what lies in it beside the store, and its results as JSON; each file is whole or not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar, cast

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.files import write_atomically

RESULTS = "results.json"


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    PROGRESS: ClassVar[str] = ".progress.json"
    """How the files end that say how far a training from scratch is."""

    @property
    def progress(self) -> Path:
        """The file that says how far the search is."""
        return self.path / "progress.json"

    @property
    def splits(self) -> Path:
        """Which samples of the data are for what."""
        return self.path / "splits.safetensors"

    @property
    def hypernetwork(self) -> Path:
        """The checkpoint of the hypernetwork."""
        return self.path / "ghn.safetensors"

    @property
    def hypernetwork_steps(self) -> int:
        """How many steps the checkpoint's training took; torch is not loaded to know it."""
        from safetensors import SafetensorError, safe_open

        broken = suppress(SafetensorError, OSError, ValueError, LookupError, TypeError)
        with broken, safe_open(self.hypernetwork, framework="np") as file:
            return int(json.loads(file.metadata()["origin"])["steps"])
        return 0

    @property
    def finalists(self) -> Path:
        """The folder of the candidates that were trained, each by its number: `.arch` and `.safetensors`."""
        return self.path / "trained"

    @property
    def rivals(self) -> Path:
        """The folder of the networks that the search did not find, trained as its finalists were: `NAME.json` and
        weights."""
        return self.path / "rivals"

    @staticmethod
    def stem(number: int) -> str:
        """What the files of a candidate are called; a number of more digits than a name may have has a digest.

        >>> RunFolder.stem(17), len(RunFolder.stem(10**271))
        ('17', 33)
        """
        text = str(number)
        return text if len(text) <= 40 else f"x{blake2b(text.encode(), digest_size=16).hexdigest()}"

    @property
    def has_results(self) -> bool:
        """Whether the run came to its end."""
        return (self.path / RESULTS).is_file()

    def results(self) -> dict[str, object]:
        """What the run found, by the keys of the interface. Errors: G601 when the file holds something else."""
        path = self.path / RESULTS
        try:
            found: object = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise CompileError(Diagnostic("G601", f"{path} is damaged", help="`--resume` writes it anew"))
        return cast("dict[str, object]", found)

    def keep(self, results: Mapping[str, object]) -> None:
        """Writes what the run found."""
        write_atomically(self.path / RESULTS, (json.dumps(results, indent=2) + "\n").encode())
