"""How much memory may be had, as Linux says it of a machine and of a container."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghndsl.search.engines.memory import free

MEMINFO = "MemTotal: 9000 kB\nMemFree: 100 kB\nMemAvailable:    8000 kB\nHugePages_Total:       0\n"
MACHINE = 8000 << 10
STAT = "anon 1500000\nfile 900000\ninactive_anon 0\nactive_file 300000\ninactive_file 600000\n"
MEMORY: dict[str, tuple[dict[str, str], int | None]] = {
    "nothing is known": ({}, None),
    "a machine": ({"meminfo": MEMINFO}, MACHINE),
    "an old kernel": ({"meminfo": "MemTotal: 9000 kB\n"}, None),
    "no limit": ({"meminfo": MEMINFO, "memory.max": "max\n", "memory.current": "2500000\n"}, MACHINE),
    "a limit alone": ({"meminfo": MEMINFO, "memory.max": "4000000\n"}, MACHINE),
    "a container": ({"memory.max": "4000000\n", "memory.current": "2500000\n", "memory.stat": STAT}, 2_100_000),
    "of a machine": (
        {"meminfo": MEMINFO, "memory.max": "4000000\n", "memory.current": "2500000\n", "memory.stat": STAT},
        2_100_000,
    ),
    "larger than the machine": (
        {"meminfo": MEMINFO, "memory.max": "40000000000\n", "memory.current": "1\n", "memory.stat": STAT},
        MACHINE,
    ),
    "no statistics": ({"meminfo": MEMINFO, "memory.max": "4000000\n", "memory.current": "2500000\n"}, 1_500_000),
    "other statistics": ({"memory.max": "4000000", "memory.current": "2500000", "memory.stat": "anon\n\n"}, 1_500_000),
    "more in the cache than in use": (
        {"memory.max": "4000000\n", "memory.current": "500000\n", "memory.stat": STAT},
        4_000_000,
    ),
    "over its limit": ({"memory.max": "1000000\n", "memory.current": "2500000\n", "memory.stat": STAT}, 0),
}


@pytest.mark.parametrize(("files", "wanted"), MEMORY.values(), ids=MEMORY)
def test_what_is_free(files: dict[str, str], wanted: int | None, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="ascii")
    assert free(tmp_path / "meminfo", tmp_path) == wanted
