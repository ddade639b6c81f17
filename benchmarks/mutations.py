"""Nothing crashes: broken texts are read or refused, in place and in time, and there are very many of them.

    python benchmarks/mutations.py [--count 100000] [--seed 0] [--workers 2] [--fresh]

Texts are made from all that ship, are documented or tested, by edits of characters, tokens and parts of the tree, by
depth, length and odd ways to write a file. What was found is kept in `--out` part by part, so that an interrupted run
goes on. A failure is shown with its text made small.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from mutating.judge import judge
from mutating.make import pool
from mutating.parts import SIZE, SLOW, Part, part_of, read, text_file, write
from mutating.reduce import reduced


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/mutations"))
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run found")
    asked = parser.parse_args()
    folder = asked.out / f"seed{asked.seed}"
    if asked.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    parts = run(asked.count, asked.seed, asked.workers, folder)
    report(parts, asked.seed)
    sys.exit(1 if show_failures(parts, folder) else 0)


def run(count: int, seed: int, workers: int, folder: Path) -> list[Part]:
    """All parts, those that are missing worked on now."""
    file = folder / "parts.jsonl"
    done = {first: part for first, part in read(file).items() if first < count}
    left = [first for first in range(0, count, SIZE) if first not in done]
    work = partial(part_of, seed=seed, end=count, folder=folder)
    for part in told(computed(work, left, workers), done, len(left)):
        write(file, part)
    return list(done.values())


def computed(work: partial[Part], left: list[int], workers: int) -> Iterator[Part]:
    """The missing parts as they are finished."""
    if workers == 1:
        yield from map(work, left)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as processes:
        yield from processes.imap_unordered(work, left)


def told(parts: Iterable[Part], done: dict[int, Part], left: int) -> Iterator[Part]:
    """The same parts, with a line about the state of things after each."""
    started = time.monotonic()
    for count, part in enumerate(parts, 1):
        done[part.first] = part
        rest = (time.monotonic() - started) / count * (left - count)
        inputs = sum(one.kinds.total() for one in done.values())
        failures = sum(len(one.failures) for one in done.values())
        line = f"{inputs:,} texts, {failures} failures, {rest / 60:.0f} minutes left"
        print(line, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
        yield part


def report(parts: list[Part], seed: int) -> None:
    """What was made, what was said, and what took longest."""
    total, accepted, codes = (
        sum((getattr(part, name) for part in parts), Counter[str]()) for name in ("kinds", "accepted", "codes")
    )
    each = 1e3 * sum(part.seconds for part in parts) / total.total()
    print(f"{total.total():,} texts made from {len(pool().texts)}, seed {seed}; {each:.1f} ms each")
    for kind in total:
        print(f"  {kind:17} {total[kind]:8,}, accepted {accepted[kind]:7,}")
    print(f"accepted {accepted.total():,}, refused {codes.total():,}; by the first code of each:")
    shown = [f"{code} {count:,}" for code, count in codes.most_common()]
    for at in range(0, len(shown), 8):
        print(f"  {', '.join(shown[at : at + 8])}")
    slowest = sorted((row for part in parts for row in part.slowest), reverse=True)
    print(f"slowest, of which {sum(took > SLOW for took, *_ in slowest)} took more than {SLOW:.0f} processor seconds:")
    for took, number, kind in slowest[:8]:
        print(f"  {took:6.2f} s  number {number} ({kind})")


def show_failures(parts: list[Part], folder: Path) -> int:
    """Each failure once, its text made small; how many different ones there are."""
    first: dict[str, int] = {}
    for number, failure in sorted(found for part in parts for found in part.failures):
        first.setdefault(failure, number)
    for failure, number in first.items():
        data = text_file(folder, number).read_bytes()
        small = reduced(data, lambda data, same=failure: judge(data).failure == same)
        print(f"FAILURE {failure}, number {number}:\n{small!r}")
    print(f"failures: {len(first)}")
    return len(first)


if __name__ == "__main__":
    main()
