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
    """What is known of a run as a whole; `stopped` is one that was killed: nobody writes it, and it did not end.

    It may have been gone on with: `begun` is when its last session was, `seconds` is how long those before it took, and
    `trained` is when the last training was kept. `controls` are their places, once they are chosen.
    """

    asked: Asked
    versions: Mapping[str, str]
    created: float
    ended: float | None
    status: Status
    begun: float
    seconds: float = 0.0
    trained: float | None = None
    controls: tuple[int, ...] | None = None


def begun(asked: Asked) -> dict[str, str]:
    """The rows of a run that begins now."""
    return {
        "space": plain(asked.space),
        "text": plain(asked.text),
        "text_hash": plain(asked.text_hash),
        "settings": dump(asked.settings),
        "data": plain(asked.data),
        "fingerprint": plain(asked.fingerprint),
        "metric": plain(asked.metric),
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
        rows.get("metric", "accuracy"),
    )
    status = "stopped" if rows["status"] == "running" and not is_written else rows["status"]
    created = float(rows["created"])
    ended, begun_, trained = (float(rows[name]) if name in rows else None for name in ("ended", "begun", "trained"))
    used = {name: str(value) for name, value in read_object(rows["versions"]).items()}
    controls = tuple(cast("list[int]", read_list(rows["controls"]))) if "controls" in rows else None
    return Run(
        asked,
        used,
        created,
        ended,
        cast("Status", status),
        begun_ or created,
        float(rows.get("seconds", 0.0)),
        trained,
        controls,
    )


def versions() -> dict[str, str]:
    """What the findings of a run may depend on beside what is asked for."""
    return {"ghndsl": _version("ghndsl"), "torch": _version("torch"), "python": platform.python_version()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
