"""A run to write, and what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ghndsl.search.store import Asked, Store


@pytest.fixture
def asked() -> Asked:
    plan = {"seed": 0, "rungs": {"short": 100}, "objectives": ["score", "macs"]}
    settings = {"width": 16}
    return Asked(
        "cells", "space cells() {\n}\n", "h1", settings, "digits", "f1", plan, 0, ("search", "cells", "-o", "r")
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def store(folder: Path, asked: Asked) -> Iterator[Store]:
    with Store.begin(folder, asked) as begun:
        yield begun
