"""An operator's sign and two values go in; their number, size, list or truth value comes out, within bounds."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from ghndsl.language.bounds import MOST_BITS, ArithmeticFault, bounded, numbers
from ghndsl.language.values import Result, describe, is_number, static
from ghndsl.types import Dim, SymbolicSize

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
        return bounded(_power(left, right), most_items)
    if sign == "+" and isinstance(left, tuple) and isinstance(right, tuple):
        return bounded((*left, *right), most_items)
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return bounded(left + right, most_items)
    return bounded(_number(sign, left, right), most_items)


def interval(first: Result, last: Result, most_items: int) -> tuple[Result, ...]:
    """The whole numbers from the first to the last, both included."""
    if type(first) is not int or type(last) is not int:
        raise ArithmeticFault(f"`..` joins two whole numbers, not {describe(first)} and {describe(last)}")
    return numbers(range(first, last + 1), most_items)


def _number(sign: str, left: Result, right: Result) -> Result:
    sizes = (int, SymbolicSize)
    symbolic = isinstance(left, SymbolicSize) or isinstance(right, SymbolicSize)
    if symbolic and _plain(left, sizes) and _plain(right, sizes) and sign != "/":
        return _divided(lambda: _SIGNS[sign](left, right))  # type: ignore[arg-type]
    if not is_number(left) or not is_number(right):
        repeats = sign == "*" and isinstance(left, tuple) and isinstance(right, int)
        hint = f"a list is repeated by `[... for _i in range({right})]`" if repeats else None
        raise ArithmeticFault(f"`{sign}` cannot join {describe(left)} and {describe(right)}", help=hint)
    return _divided(lambda: _SIGNS[sign](left, right))


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
        return _symbolic_power(base, exponent)
    if not is_number(base) or not is_number(exponent):
        raise ArithmeticFault(f"`**` cannot join {describe(base)} and {describe(exponent)}")
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and abs(base) > 1 and math.log2(abs(base)) * abs(exponent) > 2 * MOST_BITS:
        raise ArithmeticFault("this number is too large", "G126")
    if base < 0 and not isinstance(exponent, int):
        raise ArithmeticFault("a negative number has no real power with a fraction")
    return _divided(lambda: base**exponent)


def _symbolic_power(base: SymbolicSize, exponent: int) -> Result:
    result: Dim = 1
    for _ in range(exponent):
        result = base * result
        bounded(result, 0)
    return result


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
            message = f"{_symbolic(left, right)} is not known here, so it cannot be compared"
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
