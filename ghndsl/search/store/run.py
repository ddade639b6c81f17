"""What a run is begun with, and how it ended, go in; the rows of the table `run` come out, and the other way round."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, TypeAlias, cast

from ghndsl.search.store.asked import Asked
from ghndsl.search.store.values import dump, plain, read_list, read_object

Ending: TypeAlias = Literal["done", "failed", "interrupted"]
Status: TypeAlias = Literal["running", "stopped", "done", "failed", "interrupted"]


@dataclass(frozen=True)
class Run:
    """What is known of a run as a whole; `stopped` is one that was killed: nobody writes it, and it did not end."""

    asked: Asked
    versions: Mapping[str, str]
    created: float
    ended: float | None
    status: Status


def begun(asked: Asked) -> dict[str, str]:
    """The rows of a run that begins now."""
    return {
        "space": plain(asked.space),
        "text": plain(asked.text),
        "text_hash": plain(asked.text_hash),
        "settings": dump(asked.settings),
        "data": plain(asked.data),
        "fingerprint": plain(asked.fingerprint),
        "plan": dump(asked.plan),
        "seed": str(asked.seed),
        "command": dump(list(asked.command)),
        "versions": dump(versions()),
        "created": repr(time.time()),
        "status": "running",
    }


def read_run(rows: Mapping[str, str], *, is_written: bool) -> Run:
    """The record of these rows. Raises KeyError or ValueError when they are not those of a run."""
    asked = Asked(
        rows["space"],
        rows["text"],
        rows["text_hash"],
        read_object(rows["settings"]),
        rows["data"],
        rows["fingerprint"],
        read_object(rows["plan"]),
        int(rows["seed"]),
        tuple(map(str, read_list(rows["command"]))),
    )
    status = "stopped" if rows["status"] == "running" and not is_written else rows["status"]
    ended = float(rows["ended"]) if "ended" in rows else None
    used = {name: str(value) for name, value in read_object(rows["versions"]).items()}
    return Run(asked, used, float(rows["created"]), ended, cast("Status", status))


def versions() -> dict[str, str]:
    """What the findings of a run may depend on beside what is asked for."""
    return {"ghndsl": _version("ghndsl"), "torch": _version("torch"), "python": platform.python_version()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
