"""A failing file and a test go in; a small file that fails in the same way comes out (delta debugging)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from mutating.tokens import tokens


def reduced(data: bytes, fails: Callable[[bytes], bool], seconds: float = 120) -> bytes:
    """The smallest file found in the time: first lines are left out, then tokens, then characters.

    >>> reduced(b"one\\ntwo x y\\nthree\\n", lambda data: b"x" in data)
    b'x'
    """
    end = time.monotonic() + seconds
    for split in (lambda text: text.splitlines(keepends=True), lambda text: [t.text for t in tokens(text)], list):
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return data
        parts = _fewer(split(text), lambda some: fails("".join(some).encode()), end)
        data = "".join(parts).encode()
    return data


def _fewer(parts: Sequence[str], fails: Callable[[Sequence[str]], bool], end: float) -> Sequence[str]:
    """The parts without those that are not needed, cut by halves, quarters and so on."""
    size = max(1, len(parts) // 2)
    while parts and time.monotonic() < end:
        at = 0
        while at < len(parts) and time.monotonic() < end:
            rest = [*parts[:at], *parts[at + size :]]
            if fails(rest):
                parts = rest
            else:
                at += size
        if size == 1:
            break
        size = max(1, size // 2)
    return parts
