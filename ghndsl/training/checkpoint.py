"""What a training needs to go on goes into a safetensors file, and comes out of one; nothing is unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.training.begun import check_same
from ghndsl.training.files import damaged, read_tensors, write_tensors
from ghndsl.training.learner import Learner

_FORMAT = "ghndsl-training-1"


def save_training(path: str | Path, learner: Learner, begun: Mapping[str, str]) -> None:
    """Writes the state after the last whole pass, and what it was begun with; the file is whole or not there."""
    metadata = {"format": _FORMAT, "ghndsl": version("ghndsl"), "begun": json.dumps(begun)}
    tensors = learner.tensors()
    if learner.together.is_first:
        write_tensors(Path(path), tensors, metadata)


def resume_training(path: str | Path, learner: Learner, begun: Mapping[str, str]) -> None:
    """Puts a learner where a file's training was left.

    Errors: G410 when the file is none of a training, or damaged; G602 when it was begun with something else.
    """
    tensors, metadata = read_tensors(Path(path), "G410")
    if metadata.get("format") != _FORMAT:
        help_ = "`train` writes one while it trains"
        raise CompileError(Diagnostic("G410", f"{path} holds no training to go on with", help=help_))
    try:
        then = {str(name): str(value) for name, value in json.loads(metadata["begun"]).items()}
        check_same(path, then, begun)
        learner.restore(tensors)
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise damaged(path, error, "G410") from error
