"""An operator's sign and two values go in; their number, size, list or truth value comes out, within bounds."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from ghndsl.language.values import Result, describe, is_number, static
from ghndsl.types import SymbolicSize


class ArithmeticFault(Exception):  # noqa: N818
    """The values cannot be joined so; the message says why."""

    def __init__(self, message: str, code: str = "G122") -> None:
        super().__init__(message)
        self.code = code


_SIGNS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MOST_BITS = 128
"""Numbers beyond this many bits are refused: no size or count of a network comes near."""


def binary(sign: str, left: Result, right: Result, most_items: int) -> Result:
    """The value of `left sign right` for settled values; raises `ArithmeticFault`.

    >>> binary("**", 2, 5, 100), binary("..", 2, 4, 100), binary("+", (1,), (2,), 100)
    (32, (2, 3, 4), (1, 2))
    """
    if sign in ("==", "!="):
        return _equal(left, right) is (sign == "==")
    if sign in ("in", "not in"):
        return _contains(left, right) is (sign == "in")
    if sign in _ORDER:
        return _compare(sign, left, right)
    if sign == "..":
        return interval(left, right, most_items)
    if sign == "**":
        return _power(left, right)
    if sign == "+" and isinstance(left, tuple) and isinstance(right, tuple):
        return _bounded((*left, *right), most_items)
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    return _number(sign, left, right)


def interval(first: Result, last: Result, most_items: int) -> tuple[Result, ...]:
    """The whole numbers from the first to the last, both included."""
    if type(first) is not int or type(last) is not int:
        raise ArithmeticFault(f"`..` joins two whole numbers, not {describe(first)} and {describe(last)}")
    return numbers(range(first, last + 1), most_items)


def numbers(values: range, most_items: int) -> tuple[Result, ...]:
    """The numbers of a range as a list, when they are not too many."""
    if len(values) > most_items:
        raise ArithmeticFault(
            f"a list of {len(values):,} items is too long; at most {most_items:,} are allowed", "G126"
        )
    return tuple(values)


def _bounded(items: tuple[Result, ...], most_items: int) -> tuple[Result, ...]:
    if len(items) > most_items:
        raise ArithmeticFault(f"a list of {len(items):,} items is too long; at most {most_items:,} are allowed", "G126")
    return items


def _number(sign: str, left: Result, right: Result) -> Result:
    sizes = (int, SymbolicSize)
    symbolic = isinstance(left, SymbolicSize) or isinstance(right, SymbolicSize)
    if symbolic and _plain(left, sizes) and _plain(right, sizes) and sign != "/":
        return _divided(lambda: _SIGNS[sign](left, right))  # type: ignore[arg-type]
    if not is_number(left) or not is_number(right):
        raise ArithmeticFault(f"`{sign}` cannot join {describe(left)} and {describe(right)}")
    return _checked(_divided(lambda: _SIGNS[sign](left, right)))


def _plain(value: Result, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _divided(compute: Callable[[], float]) -> float:
    try:
        return compute()
    except ZeroDivisionError:
        raise ArithmeticFault("this divides by zero") from None
    except OverflowError:
        raise ArithmeticFault("this number is too large", "G126") from None


def _power(base: Result, exponent: Result) -> Result:
    if isinstance(base, SymbolicSize) and type(exponent) is int and 0 <= exponent <= 8:
        result: Result = 1
        for _ in range(exponent):
            result = base * result  # type: ignore[operator]
        return result
    if not is_number(base) or not is_number(exponent):
        raise ArithmeticFault(f"`**` cannot join {describe(base)} and {describe(exponent)}")
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > 2 * MOST_BITS:
        raise ArithmeticFault("this number is too large", "G126")
    if base < 0 and not isinstance(exponent, int):
        raise ArithmeticFault("a negative number has no real power with a fraction")
    return _checked(_divided(lambda: base**exponent))


def _checked(value: float) -> float:
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise ArithmeticFault("this number is too large", "G126")
    if isinstance(value, float) and not math.isfinite(value):
        raise ArithmeticFault("this number is too large", "G126")
    return value


def _compare(sign: str, left: Result, right: Result) -> bool:
    if isinstance(left, SymbolicSize) or isinstance(right, SymbolicSize):
        if left == right:
            return sign in ("<=", ">=")
        raise ArithmeticFault(f"{_symbolic(left, right)} is not known here, so `{sign}` cannot be decided", "G124")
    if not is_number(left) or not is_number(right):
        raise ArithmeticFault(f"`{sign}` cannot compare {describe(left)} and {describe(right)}")
    return _ORDER[sign](left, right)


def _equal(left: Result, right: Result) -> bool:
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, SymbolicSize) or isinstance(right, SymbolicSize):
        if left == right:
            return True
        if _plain(left, (int, SymbolicSize)) and _plain(right, (int, SymbolicSize)):
            message = f"{_symbolic(left, right)} is not known here, so whether they are equal cannot be decided"
            raise ArithmeticFault(message, "G124")
        return False
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if not static(left) and not static(right) and type(left) is not type(right):
        return False
    return left == right


def _symbolic(left: Result, right: Result) -> str:
    return f"the size {left if isinstance(left, SymbolicSize) else right}"


def _contains(item: Result, items: Result) -> bool:
    if not isinstance(items, tuple):
        raise ArithmeticFault(f"`in` looks into a list, not into {describe(items)}")
    return any(_equal(item, other) for other in items)
