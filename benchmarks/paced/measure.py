"""A job's settings go in; what a process of its own found, run alone, comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

THREADS = 2
HERE = Path(__file__).resolve().parent.parent


def measured(job: str, source: Path | None = None, **settings: object) -> dict[str, float]:
    """Runs a job in a process; `source` is a checkout of another version, whose package is measured instead."""
    asked = json.dumps({"job": job, "threads": THREADS, **settings})
    paths = [str(source)] if source is not None else []
    environment = {
        **os.environ,
        "OMP_WAIT_POLICY": "PASSIVE",
        "OMP_NUM_THREADS": str(THREADS),
        "PYTHONPATH": os.pathsep.join([*paths, str(HERE)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "paced.jobs", asked], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{job} {settings} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found
