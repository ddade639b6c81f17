"""What an algorithm lets be chosen goes in, with what is given; a value for each option comes out, or a refusal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.records import record

Given: TypeAlias = "bool | float | str"
"""A value, or the text of one: numbers are numbers, `true` and `false` truth values."""

CODE = "G610"


@record
class Option:
    """What may be chosen, and what is when nothing is: a whole number, a number or a truth value, as the default is."""

    default: bool | int | float
    least: float = 0
    most: float = math.inf

    @property
    def kind(self) -> str:
        """What it takes, in words.

        >>> Option(25, 1).kind, Option(0.9, 0, 1).kind, Option(default=False).kind
        ('a whole number from 1', 'a number from 0 to 1', 'true or false')
        """
        if isinstance(self.default, bool):
            return "true or false"
        what = "a whole number" if isinstance(self.default, int) else "a number"
        return f"{what} from {self.least:g}{'' if self.most == math.inf else f' to {self.most:g}'}"

    def read(self, given: Given) -> float | None:
        """What is given as a number, truth values as 0 and 1; None when the option does not take it.

        >>> Option(25, 1).read("30"), Option(25, 1).read(2.5), Option(default=False).read("true")
        (30, None, 1)
        """
        value = plain(given) if isinstance(given, str) else given
        if isinstance(value, str) or isinstance(value, bool) != isinstance(self.default, bool):
            return None
        if isinstance(self.default, int) and not isinstance(value, int):
            return None
        number = value if isinstance(value, float) else int(value)
        return number if self.least <= number <= self.most and number < math.inf else None


def plain(text: str) -> Given:
    """The value that a text is.

    >>> plain("3"), plain("0.5"), plain("true"), plain("sobol")
    (3, 0.5, True, 'sobol')
    """
    word = text.strip()
    if word in ("true", "false"):
        return word == "true"
    for read in (int, float):
        try:
            return read(word)
        except ValueError:
            continue
    return word


def chosen(name: str, options: Mapping[str, Option], given: Mapping[str, Given]) -> dict[str, float]:
    """A value for each option of the algorithm of a name. Errors: G610."""
    check_names(name, options, given)
    found = {option: float(one.default) for option, one in options.items()}
    for option, value in given.items():
        number = options[option].read(value)
        if number is None:
            raise CompileError(Diagnostic(CODE, f"`{option}` of `{name}` is {options[option].kind}, not `{value}`"))
        found[option] = number
    return found


def check_names(name: str, options: Mapping[str, object], given: Mapping[str, Given]) -> None:
    """Refuses the first of what is given that the algorithm of a name has no option for."""
    for option in given:
        if option not in options:
            known = f"its options are {', '.join(options)}" if options else "it has no options"
            message = f"`{name}` has no option `{option}`"
            raise CompileError(Diagnostic(CODE, message, help=did_you_mean(option, options) or known))
