"""Budgets as text go in; the multiply-adds between which a network is judged come out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.passes.facts import Exit

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_MOST = 1e18
_NUMBER = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*([kKmMgGtT]?)")


class Budgets(NamedTuple):
    """The least and the most multiply-adds for one sample."""

    least: float
    most: float

    def __str__(self) -> str:
        return f"{short(self.least)}..{short(self.most)}"


def parse_budgets(text: str) -> Budgets:
    """Two numbers of multiply-adds with two dots between them, `k`, `M`, `G` or `T` behind. Errors: G615.

    >>> parse_budgets("10M..140M"), str(parse_budgets("2500..1.5M"))
    (Budgets(least=10000000.0, most=140000000.0), '2.5k..1.5M')
    """
    parts = [_NUMBER.fullmatch(part.strip()) for part in text.split("..")]
    # Exactly, so that 4.1M is not a little less.
    numbers = [float(Decimal(part[1]) * _UNITS[part[2].lower()]) for part in parts if part is not None]
    if len(parts) != 2 or len(numbers) != 2:
        raise _refused(f"`{text}` are no budgets", "two numbers of multiply-adds: `10M..140M`")
    least, most = numbers
    if most > _MOST:
        raise _refused(f"the budgets `{text[:60]}` are larger than any network costs", "as `10M..140M`")
    if not least < most:
        raise _refused(f"the budgets `{text}` do not become larger", "the least comes first: `10M..140M`")
    return Budgets(least, most)


def check_within(budgets: Budgets, name: str, networks: Sequence[Sequence[Exit]]) -> None:
    """Refuses budgets that lie outside what the exits and outputs of networks cost, and networks without exits: some
    of what a space `name` holds, or one network. Errors: G614, G615."""
    for reached in networks:
        if not any(one.is_exit for one in reached):
            message = f"`{name}` has no exits that answer as its main output does: at any budget there is one answer"
            help_ = "an exit of the main output's type is an answer on the way: `exit early = ...`"
            raise CompileError(Diagnostic("G614", message, help=help_))
    costs = [one.macs for reached in networks for one in reached]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        raise _refused(f"what exits of `{name}` cost is not known while sizes are open", "give sizes by `--set`")
    least, most = min(known), max(known)
    if budgets.most <= least or budgets.least >= most:
        side = "too little for the first exit" if budgets.most <= least else "beyond the last output"
        found = f"its exits and outputs cost {short(least)} to {short(most)} MACs"
        raise _refused(f"the budgets {budgets} are {side} of `{name}`", found)


def short(macs: float) -> str:
    """A number of multiply-adds in three digits or so.

    >>> short(8497408), short(950), short(1.5e9), short(999_999)
    ('8.5M', '950', '1.5G', '1M')
    """
    found = "0"
    for unit, size in _UNITS.items():
        value = float(f"{macs / size:.3g}")
        found = f"{value:.15g}{unit if unit == 'k' else unit.upper()}"
        if value < 1000:
            break
    return found


def _refused(message: str, help_: str) -> CompileError:
    return CompileError(Diagnostic("G615", message, help=help_))
