"""An operator's class and the arguments of a call go in; the operator with its attributes checked comes out."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields

from ghndsl.diagnostics import did_you_mean
from ghndsl.ops.base import Operator, ShapeError
from ghndsl.ops.checks import not_written
from ghndsl.records import record
from ghndsl.types import MOST, SymbolicSize, fits_64_bits

Static: typing.TypeAlias = "int | float | bool | str | SymbolicSize | tuple[Static, ...] | None"


class SignatureError(Exception):
    """An argument does not fit; `argument` is its position or name, None when one is missing.

    `by_place` is the position of another that is given for the same attribute.
    """

    def __init__(
        self,
        message: str,
        argument: int | str | None = None,
        help: str | None = None,  # noqa: A002
        by_place: int | str | None = None,
    ) -> None:
        super().__init__(message)
        self.argument = argument
        self.help = help
        self.by_place = by_place


@record
class Attribute:
    """One attribute of an operator as the language sees it."""

    name: str
    kind: str
    default: object
    hint: object
    positional: bool = True

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is MISSING


# Reading type hints is slow, and every call in a text asks for them.
_ATTRIBUTES: dict[type[Operator], tuple[Attribute, ...]] = {}


def attributes(cls: type[Operator]) -> tuple[Attribute, ...]:
    """The attributes of an operator in the order of positional arguments.

    >>> from ghndsl import ops
    >>> [a.name for a in attributes(ops.Linear)]
    ['out_features', 'bias']
    """
    if cls not in _ATTRIBUTES:
        hints = typing.get_type_hints(cls)
        _ATTRIBUTES[cls] = tuple(
            Attribute(f.name, _describe(hints[f.name]), _default(f), hints[f.name], not f.kw_only) for f in fields(cls)
        )
    return _ATTRIBUTES[cls]


def bind(cls: type[Operator], positional: Sequence[Static], named: Mapping[str, Static]) -> Operator:
    """The operator that a call describes; raises `SignatureError`, and `ShapeError` for values out of range.

    >>> from ghndsl import ops
    >>> bind(ops.Linear, [10], {"bias": False})
    Linear(out_features=10, bias=False)
    >>> bind(ops.Linear, [10], {"bais": False})
    Traceback (most recent call last):
    ghndsl.ops.signature.SignatureError: `linear` has no attribute `bais`
    """
    known = attributes(cls)
    values: dict[str, Static] = {}
    given: dict[str, int | str] = {}
    for index, (name, value) in enumerate(_pair(cls, known, positional)):
        values[name], given[name] = value, index
    for name, value in named.items():
        if name not in {attribute.name for attribute in known}:
            raise SignatureError(f"`{cls.name}` has no attribute `{name}`", name, _likely(cls, known, name))
        if name in values:
            hint = _shifted(cls, given[name], values[name])
            raise SignatureError(f"`{name}` is given twice", name, hint, by_place=given[name])
        values[name] = given[name] = name
        values[name] = value
    for attribute in known:
        if attribute.name in values:
            value = _convert(values[attribute.name], attribute.hint)
            if not fits_64_bits(value):
                message = f"`{attribute.name}` of `{cls.name}` is beyond 64 bits: {MOST:,} is the largest there is"
                raise SignatureError(message, given[attribute.name])
            if not _fits(value, attribute.hint):
                message = f"`{attribute.name}` of `{cls.name}` must be {attribute.kind}, not {show(value)}"
                place = given[attribute.name]
                hint = (
                    _option_help(value, attribute.hint) or _shifted(cls, place, value) or _whole(value, attribute.hint)
                )
                raise SignatureError(message, place, hint)
            values[attribute.name] = value
        elif attribute.required:
            raise SignatureError(f"`{cls.name}` needs `{attribute.name}` ({attribute.kind})")
    try:
        return cls(**values)
    except ValueError as error:
        refused = (name for name in given if str(error).startswith(f"`{name}`"))
        hints = (_shifted(cls, given[name], values[name]) for name in refused)
        raise ShapeError(str(error), help=next(hints, None)) from error


def _shifted(cls: type[Operator], place: int | str, value: Static) -> str | None:
    """What is told who gives by position more than an operator needs, and so likely the size of its input first."""
    is_more = isinstance(place, int) and place >= sum(one.required for one in attributes(cls))
    is_size = not isinstance(value, int | float) or value >= 1
    return not_written(cls) if is_more and is_size else None


def _likely(cls: type[Operator], known: Sequence[Attribute], name: str) -> str | None:
    """What who gives an attribute that an operator does not have is told."""
    if name == cls.from_input:
        return not_written(cls)
    if name == "inplace":
        return "torch's `inplace` changes no result and is left out"
    names = [attribute.name for attribute in known]
    there = f"there {'is' if len(names) == 1 else 'are'} {', '.join(f'`{one}`' for one in names) or 'none'}"
    return did_you_mean(name, names) or there


def show(value: object) -> str:
    """A static value as the language writes it.

    >>> show((True, None, "same", 1))
    '(true, none, "same", 1)'
    """
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value == ():
        return "[]"
    if isinstance(value, tuple):
        items = typing.cast("tuple[object, ...]", value)
        return f"({', '.join(map(show, items))}{',' if len(items) == 1 else ''})"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} cannot be written")
    return str(value)


def written(op: Operator) -> str:
    """An operator as a call in the language, attributes at their defaults left out.

    >>> from ghndsl import ops
    >>> written(ops.Conv(8, 3, padding=1, bias=False)), written(ops.Relu())
    ('conv(8, 3, padding=1, bias=false)', 'relu')
    """
    parts: list[str] = []
    positional = True
    for attribute in attributes(type(op)):
        value = getattr(op, attribute.name)
        if attribute.name == op.rest:
            # A sole tuple, or nothing, would be read as the whole list: it is written as one.
            parts += [show(item) for item in value] if value and not _is_sole_tuple(value) else [show(value)]
        elif attribute.required and positional:
            parts.append(show(value))
        elif attribute.required or value != attribute.default or type(value) is not type(attribute.default):
            positional = False
            parts.append(f"{attribute.name}={show(value)}")
        else:
            positional = False
    return f"{op.name}({', '.join(parts)})" if parts else op.name


def _is_sole_tuple(value: tuple[object, ...]) -> bool:
    return len(value) == 1 and isinstance(value[0], tuple)


def _default(declared: Field[object]) -> object:
    return declared.default if declared.default_factory is MISSING else declared.default_factory()


def _pair(cls: type[Operator], known: Sequence[Attribute], positional: Sequence[Static]) -> list[tuple[str, Static]]:
    """Positional arguments beside the names they fill; the field named by `rest` takes all that remain."""
    pairs: list[tuple[str, Static]] = []
    places = [attribute.name for attribute in known if attribute.positional]
    for index, value in enumerate(positional):
        if index >= len(places):
            count = f"{len(places) or 'no'} attribute{'s' * (len(places) != 1)}"
            message = f"`{cls.name}` takes {count}, {len(positional)} {'was' if len(positional) == 1 else 'were'} given"
            raise SignatureError(message, index, not_written(cls))
        if places[index] == cls.rest:
            rest = tuple(positional[index:])
            whole = rest[0] if len(rest) == 1 and isinstance(rest[0], tuple) else rest
            return [*pairs, (places[index], whole)]
        pairs.append((places[index], value))
    return pairs


def _alternatives(hint: object) -> tuple[object, ...]:
    return typing.get_args(hint) if isinstance(hint, types.UnionType) or _is_union(hint) else (hint,)


def _is_union(hint: object) -> bool:
    return typing.get_origin(hint) is typing.Union


def _convert(value: Static, hint: object) -> Static:
    """Whole numbers become floats where only a float fits."""
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _TOO_LARGE
    if whole and float in _alternatives(hint) and int not in _alternatives(hint):
        return float(typing.cast("int", value))
    return value


_TOO_LARGE = 2**1023
"""No float is that far from zero, or few are."""


def _fits(value: Static, hint: object) -> bool:
    return any(_fits_one(value, one) for one in _alternatives(hint))


def _fits_one(value: object, hint: object) -> bool:
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return isinstance(value, str) and value in typing.get_args(hint)
    if origin is tuple:
        item = typing.get_args(hint)[0]
        items = typing.cast("tuple[object, ...]", value)
        return isinstance(value, tuple) and all(any(_fits_one(v, h) for h in _alternatives(item)) for v in items)
    if hint is None or hint is type(None):
        return value is None
    if isinstance(value, bool):
        return hint is bool
    return isinstance(hint, type) and isinstance(value, hint)


def _describe(hint: object) -> str:
    words: list[str] = []
    kinds = _alternatives(hint)
    for one in kinds:
        if typing.get_origin(one) is typing.Literal:
            words += [f'"{option}"' for option in typing.get_args(one)]
        elif typing.get_origin(one) is tuple:
            words.append(f"a list of {_several(typing.get_args(one)[0])}")
        elif one is not int or float not in kinds:
            words.append(_WORDS.get(one, str(one)))
    words = list(dict.fromkeys(words))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _several(hint: object) -> str:
    """What a list holds, in the plural; a list in it may hold what it does, of which nothing is said again."""
    kinds = _alternatives(hint)
    lists = [one for one in kinds if typing.get_origin(one) is tuple]
    words = [_PLURALS.get(one) or f"{_describe(one).removeprefix('a ')}s" for one in kinds if one not in lists]
    words += [f"lists of {_several(typing.get_args(one)[0])}" for one in lists]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


_PLURALS: dict[object, str] = {bool: "truths", type(None): "none"}
_WORDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a string",
    type(None): "none",
    SymbolicSize: "a size",
    object: "a number or a list of numbers",
}


def _whole(value: Static, hint: object) -> str | None:
    """What who gives a fraction where a whole number is wanted is told."""
    return _WHOLE if isinstance(value, float) and _fits(int(value) if math.isfinite(value) else 0, hint) else None


_WHOLE = "a whole number has no point; `a // b` is one, `a / b` is not"


def _option_help(value: Static, hint: object) -> str | None:
    options = [
        o for one in _alternatives(hint) if typing.get_origin(one) is typing.Literal for o in typing.get_args(one)
    ]
    return did_you_mean(value, options) if isinstance(value, str) else None
