"""An interpreter that has other libraries goes in; a table of how fast each draws and is read comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from counted.peers import PEERS

SCRIPT = Path(__file__).with_name("peers.py")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def table(peers: str, rounds: int) -> str:
    """The fastest of several rounds, in each of which all take their turn, in a process of their own."""
    found: dict[str, dict[str, str | float]] = {}
    for _ in range(rounds):
        for name in PEERS:
            told = measured(name, sys.executable if name == "ghndsl" else peers)
            if "missing" in told or float(told["rate"]) > float(found.get(name, {}).get("rate", 0)):
                found[name] = told
    return "\n".join(
        [
            "| NAS-Bench-201, drawn and read by | calls | candidates a second | ours, times as many |",
            "| --- | --- | --- | --- |",
            *rows(found),
        ]
    )


def measured(name: str, python: str) -> dict[str, str | float]:
    """What a process of its own says of a library."""
    command = [python, str(SCRIPT), name]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    if done.returncode:
        return {"missing": (done.stderr.strip().splitlines() or ["it stopped"])[-1]}
    told: dict[str, str | float] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def rows(found: Mapping[str, Mapping[str, str | float]]) -> Iterator[str]:
    ours = float(found["ghndsl"]["rate"])
    for name, (_, calls, _) in PEERS.items():
        told = found[name]
        if "missing" in told:
            yield f"| {name} | {calls} | not measured: {told['missing']} | |"
        else:
            rate = float(told["rate"])
            yield f"| {name} {told['version']} | {calls} | {rate:,.0f} | {ours / rate:,.0f} |"
