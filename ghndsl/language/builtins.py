"""The name of a function of the language and its settled arguments go in; its value comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ghndsl.ir import Value
from ghndsl.language.arithmetic import binary
from ghndsl.language.bounds import ArithmeticFault, bounded, numbers
from ghndsl.language.values import ChosenGraph, Composite, Result, describe, is_number, is_stage, is_tensor
from ghndsl.ops import TABLE
from ghndsl.types import SymbolicSize

Function = Callable[[tuple[Result, ...], int], Result]


def _range(given: tuple[Result, ...], most: int) -> Result:
    bounds = [value for value in given if type(value) is int]
    if not 1 <= len(given) <= 3 or len(bounds) != len(given):
        wrong = next((f", not {describe(value)}" for value in given if type(value) is not int), "")
        raise ArithmeticFault(f"`range` takes one to three whole numbers{wrong}")
    if len(bounds) == 3 and bounds[2] == 0:
        raise ArithmeticFault("the step of `range` must not be 0")
    return numbers(range(*bounds), most)


def _len(given: tuple[Result, ...], most: int) -> Result:
    (items,) = _exactly("len", given, 1)
    return len(items.dag if isinstance(items, ChosenGraph) else _list("len", items))


def _extreme(name: str, better: str) -> Function:
    def function(given: tuple[Result, ...], most: int) -> Result:
        items = _list(name, given[0]) if len(given) == 1 else given
        if not items:
            raise ArithmeticFault(f"`{name}` of an empty list")
        for item in items:
            if not is_number(item) and not isinstance(item, SymbolicSize):
                message = f"`{name}` takes numbers, or a list of them, not {describe(item)}"
                raise ArithmeticFault(message, help=_of_tensors(name, given) if is_tensor(item) else None)
        best = items[0]
        for item in items[1:]:
            best = item if binary(better, item, best, most) else best
        return best

    return function


def _of_tensors(name: str, given: tuple[Result, ...]) -> str:
    """What is said of tensors among numbers, or in a list."""
    if len(given) == 1:
        return f"tensors of one shape are compared one on the other: `stack(a, b) -> {name}(dim=0)`"
    number = next((item for item in given if is_number(item)), 0)
    bound = "min" if name == "max" else "max"
    return f"a tensor and a number are compared by `clamp`: `x -> clamp({bound}={number:g})`"


def _sum(given: tuple[Result, ...], most: int) -> Result:
    (items,) = _exactly("sum", given, 1)
    total: Result = 0
    for item in _list("sum", items):
        if is_tensor(item):
            raise ArithmeticFault("`sum` adds numbers, not tensors", help="`add` adds tensors")
        total = binary("+", total, item, most)
    return total


def _index(given: tuple[Result, ...], most: int) -> Result:
    items, wanted = _exactly("index", given, 2)
    for position, item in enumerate(_list("index", items)):
        if binary("==", item, wanted, most):
            return position
    raise ArithmeticFault(f"`index` finds {describe(wanted)} nowhere in {describe(items)}")


def _abs(given: tuple[Result, ...], most: int) -> Result:
    (value,) = _exactly("abs", given, 1)
    if not is_number(value):
        raise ArithmeticFault(f"`abs` takes a number, not {describe(value)}")
    return abs(value)


def _round(name: str, how: Callable[[float], int]) -> Function:
    def function(given: tuple[Result, ...], most: int) -> Result:
        (value,) = _exactly(name, given, 1)
        if not is_number(value):
            raise ArithmeticFault(f"`{name}` takes a number, not {describe(value)}")
        return bounded(how(value), most)

    return function


def _log(given: tuple[Result, ...], most: int) -> Result:
    (value,) = _exactly("log", given, 1)
    if not is_number(value) or value <= 0:
        raise ArithmeticFault(f"`log` takes a number above 0, not {describe(value)}")
    return math.log(value)


def _repeat(given: tuple[Result, ...], most: int) -> Result:
    count, stage = _exactly("repeat", given, 2)
    if type(count) is not int or not is_stage(stage):
        raise ArithmeticFault(f"`repeat` takes a count and a stage, not {describe(count)} and {describe(stage)}")
    if not 1 <= count <= most:
        raise ArithmeticFault(
            f"`repeat` takes a count from 1 to {most:,}, not {count}", "G126" if count > 1 else "G122"
        )
    stages = stage.stages if isinstance(stage, Composite) else (stage,)
    if len(stages) * count > most:
        raise ArithmeticFault(f"`repeat` would make more than {most:,} stages", "G126")
    return Composite(stages * count)


def _exactly(name: str, given: tuple[Result, ...], count: int) -> tuple[Result, ...]:
    if len(given) != count:
        raise ArithmeticFault(f"`{name}` takes {count} argument{'s' * (count > 1)}, {len(given)} were given", "G120")
    return given


def _list(name: str, value: Result) -> tuple[Result, ...]:
    if not isinstance(value, tuple):
        both = f"of a tensor it is an operator: `x -> {name}(1)`, and alone `{name}(dim=1)`"
        hint = both if name in _OPERATORS_TOO and type(value) is int else None
        raise ArithmeticFault(f"`{name}` takes a list, not {describe(value)}", help=hint)
    return value


_OPERATORS_TOO = ("max", "min", "sum")
"""Functions of lists that are operators too, which the dimension of a tensor may be meant for."""

FUNCTIONS: Mapping[str, Function] = {
    "range": _range,
    "len": _len,
    "max": _extreme("max", ">"),
    "min": _extreme("min", "<"),
    "sum": _sum,
    "index": _index,
    "abs": _abs,
    "int": _round("int", int),
    "round": _round("round", round),
    "floor": _round("floor", math.floor),
    "ceil": _round("ceil", math.ceil),
    "log": _log,
    "repeat": _repeat,
}
"""Functions by name; where an operator has the same name, the function is meant for settled arguments."""


def is_function_call(name: str, given: tuple[Result, ...], *, must_be_stage: bool) -> bool:
    """Whether a call means the function, where an operator may have the same name.

    The operator is meant where the first argument is a tensor, and where the call must be a stage: as a link of a
    chain, where it names an attribute, as no function has any, or gives nothing.
    """
    if name not in FUNCTIONS or name not in TABLE:
        return name in FUNCTIONS
    first = given[0] if given else None
    if isinstance(first, tuple) and first and is_tensor(first):
        # The function tells what joins several tensors.
        return True
    return bool(given) and not must_be_stage and not isinstance(first, Value)
