"""The names of what is to be large and small go in; how a candidate's numbers become values to tell comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean

COUNTED = ("params", "macs", "memory")
"""What is counted at full scale."""
TIMED = ("latency", "latency_onnx")
"""What is measured at full scale, in milliseconds (see `latency`)."""
NAMES = ("score", *COUNTED, *TIMED)


@dataclass(frozen=True)
class Objective:
    """One of `NAMES`, and whether the least of it is best."""

    name: str
    is_least: bool = False

    def value(self, numbers: Mapping[str, float | None]) -> float:
        """The number of this name, the higher the better; no number where it is not known.

        >>> Objective("macs", is_least=True).value({"macs": 3.0}), Objective("score").value({})
        (-3.0, nan)
        """
        found = numbers.get(self.name)
        if found is None:
            return math.nan
        return -float(found) if self.is_least else float(found)

    def __str__(self) -> str:
        return f"{'-' if self.is_least else ''}{self.name}"


def objectives(maximize: Sequence[str] = (), minimize: Sequence[str] = ()) -> tuple[Objective, ...]:
    """What is asked for, in this order; the score where nothing is. Errors: G611.

    >>> [str(one) for one in objectives(["score"], ["macs"])], [str(one) for one in objectives()]
    (['score', '-macs'], ['score'])
    """
    found = [Objective(name) for name in maximize] + [Objective(name, is_least=True) for name in minimize]
    for number, one in enumerate(found):
        if one.name not in NAMES:
            help_ = did_you_mean(one.name, NAMES) or f"there are {', '.join(NAMES)}"
            raise CompileError(Diagnostic("G611", f"there is no objective `{one.name}`", help=help_))
        if one.name in {other.name for other in found[:number]}:
            raise CompileError(Diagnostic("G611", f"the objective `{one.name}` is asked for twice"))
    return tuple(found) or (Objective("score"),)
