"""Numbers and texts of any kind go in; what a database holds of them exactly comes out, and the other way round."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

Held: TypeAlias = "int | float | str | None"
"""What a field of a database holds."""

_DECIMAL_BITS = 14_000
"""Integers up to so many bits are read from decimal digits by any Python; longer ones are kept in base 16."""


def held(number: int | None) -> int | str | None:
    """An integer as a field without a type holds it: itself up to 64 bits, else its digits.

    >>> held(7), held(2**64), whole(held(-(2**64))) == -(2**64), whole(held(1 << 99_999)) == 1 << 99_999
    (7, '18446744073709551616', True, True)
    """
    if number is None or -(2**63) <= number < 2**63:
        return number
    return str(number) if number.bit_length() < _DECIMAL_BITS else hex(number)


def whole(value: object) -> int:
    """The integer of such a field. Raises ValueError when it holds something else."""
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no integer")
    return int(value, 0)


def finite(value: float | None) -> float | None:
    """The number, or None where it is none: not a number, or infinite.

    >>> finite(0.1), finite(float("nan")), finite(float("-inf"))
    (0.1, None, None)
    """
    return value if isinstance(value, int) or (value is not None and math.isfinite(value)) else None


def plain(text: str) -> str:
    """The text with what is no character, as a file's name may have, written out.

    >>> plain("caf\\udce9"), plain("café")
    ('caf\\\\udce9', 'café')
    """
    return text.encode("utf-8", "backslashreplace").decode()


def dump(value: Mapping[str, object] | Sequence[object]) -> str:
    """The value as one line of JSON."""
    return json.dumps(value, separators=(",", ":"))


def read_object(text: object) -> dict[str, object]:
    """The JSON object of a field. Raises ValueError when it holds something else."""
    value = _json(text)
    if not isinstance(value, dict):
        raise ValueError(f"{text!r} is no JSON object")
    return cast("dict[str, object]", value)


def read_list(text: object) -> list[object]:
    """The JSON list of a field. Raises ValueError when it holds something else."""
    value = _json(text)
    if not isinstance(value, list):
        raise ValueError(f"{text!r} is no JSON list")
    return cast("list[object]", value)


def parsed(texts: Sequence[object]) -> list[object]:
    """What fields of JSON hold, or None, all at once: one by one takes five times as long.

    >>> parsed(["[1.5]", None, "{}"])
    [[1.5], None, {}]
    """
    joined = ",".join(["null" if text is None else str(text) for text in texts])
    return cast("list[object]", json.loads(f"[{joined}]"))


def _json(text: object) -> object:
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no text")
    return json.loads(text)
