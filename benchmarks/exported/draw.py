"""A kind of operator and types go in; an operator whose attributes, drawn at random, may fit them comes out."""

from __future__ import annotations

import math
import types as kinds
import typing
from collections.abc import Callable
from random import Random
from typing import TypeAlias

from ghndsl.ops import Operator
from ghndsl.ops.signature import Attribute, attributes
from ghndsl.types import Dim, TensorType

Types: TypeAlias = tuple[TensorType, ...]

_WHOLE = (1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 0)
_BROKEN = (0.5, 1.0, 0.1, 2.0, -0.5, 1.5, 0.01, 1.7, 0.25)
_AXES = ("dim", "dim0", "dim1", "dims", "start_dim", "end_dim")


def drawn(chance: Random, kind: type[Operator], given: Types) -> Operator:
    """An operator of a kind; raises ValueError, TypeError or `ShapeError` where the attributes do not fit."""
    special = _SPECIAL.get(kind.name)
    values = special(chance, given) if special else {}
    for attribute in attributes(kind):
        if attribute.name not in values and (attribute.required or chance.random() < 0.5):
            values[attribute.name] = _value(chance, attribute, given)
    made: Callable[..., Operator] = kind
    return made(**values)


def _value(chance: Random, attribute: Attribute, given: Types) -> object:
    name, rank = attribute.name, given[0].rank if given else 2
    hint = chance.choice(_alternatives(attribute.hint))
    if name == "dtype":
        return "f32"
    if name.startswith("eps"):
        return chance.choice((1e-5, 1e-3, 0.1))
    if typing.get_origin(hint) is tuple:
        return _several(chance, name, rank)
    if typing.get_origin(hint) is typing.Literal:
        return chance.choice(typing.get_args(hint))
    if hint is int and name in _AXES:
        return chance.randint(1, max(1, rank)) if attribute.default == 1 else chance.randint(-rank, max(0, rank - 1))
    one: dict[object, Callable[[], object]] = {
        bool: lambda: chance.random() < 0.5,
        int: lambda: chance.choice(_WHOLE),
        float: lambda: chance.choice(_BROKEN),
    }
    return one[hint]() if hint in one else None if hint is type(None) else attribute.default


def _several(chance: Random, name: str, rank: int) -> tuple[int, ...]:
    if name in _AXES:
        axes = chance.sample(range(rank), chance.randint(min(1, rank), rank))
        return tuple(axis - rank if chance.random() < 0.3 else axis for axis in axes)
    count = max(1, rank - 2) if chance.random() < 0.8 else chance.randint(1, rank)
    return tuple(chance.choice(_WHOLE) for _ in range(count))


def _alternatives(hint: object) -> tuple[object, ...]:
    is_union = isinstance(hint, kinds.UnionType) or typing.get_origin(hint) is typing.Union
    return typing.get_args(hint) if is_union else (hint,)


def _reshape(chance: Random, given: Types) -> dict[str, object]:
    """Neighbours become one dimension, or one that is known becomes two, or what is left is not said."""
    sizes: list[Dim] = list(given[0].shape)
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(sizes))
        size = sizes[at]
        if at + 1 < len(sizes) and chance.random() < 0.5:
            sizes[at : at + 2] = [size * sizes[at + 1]]
        elif isinstance(size, int):
            factor = chance.choice([n for n in range(1, size + 1) if size % n == 0])
            sizes[at : at + 1] = [factor, size // factor]
    if chance.random() < 0.3:
        sizes[chance.randrange(len(sizes))] = -1
    return {"shape": tuple(sizes)}


def _expand(chance: Random, given: Types) -> dict[str, object]:
    sizes = [chance.randint(1, 3) if size == 1 else chance.choice((-1, size)) for size in given[0].shape]
    return {"size": (*[chance.randint(1, 3)] * (chance.random() < 0.3), *sizes)}


def _slice(chance: Random, given: Types) -> dict[str, object]:
    return {"index": tuple(_index(chance, size) for size in given[0].shape[: chance.randint(1, given[0].rank)])}


def _index(chance: Random, size: Dim) -> object:
    if not isinstance(size, int) or chance.random() < 0.3:
        return (None, None, None)
    if chance.random() < 0.3:
        return chance.randrange(-size, size)
    start, stop = sorted((chance.randint(0, size), chance.randint(0, size)))
    bounds = (chance.choice((None, start, start - size)), chance.choice((None, stop, size + 3)))
    return (*bounds, chance.choice((None, 1, 2, 3)))


def _split(chance: Random, given: Types) -> dict[str, object]:
    axis = chance.randrange(given[0].rank)
    size = given[0].shape[axis]
    if not isinstance(size, int) or size < 2 or chance.random() < 0.5:
        return {"dim": axis, "split_size_or_sections": chance.randint(1, 5)}
    first = chance.randint(1, size - 1)
    return {"dim": axis, "split_size_or_sections": (first, size - first)}


def _numbers(chance: Random, given: Types) -> dict[str, object]:
    return {"values": tuple(chance.choice(_BROKEN) for _ in range(chance.choice((1, 3, 4, 6, 8))))}


def _made(chance: Random, given: Types) -> dict[str, object]:
    return {"size": tuple(chance.choice(_WHOLE[:-1]) for _ in range(chance.randint(1, 3)))}


def _pads(chance: Random, given: Types) -> dict[str, object]:
    return {"pad": tuple(chance.choice((-1, 0, 1, 1, 2, 3)) for _ in range(2 * chance.randint(1, given[0].rank)))}


def _rolled(chance: Random, given: Types) -> dict[str, object]:
    axes = chance.sample(range(given[0].rank), chance.randint(1, given[0].rank))
    return {"dims": tuple(axes), "shifts": tuple(chance.randint(-5, 5) for _ in axes)}


def _permuted(chance: Random, given: Types) -> dict[str, object]:
    return {"dims": tuple(chance.sample(range(given[0].rank), given[0].rank))}


def _heads(chance: Random, given: Types) -> dict[str, object]:
    width = given[0].shape[-1]
    return {"num_heads": math.gcd(chance.choice((1, 2, 3, 4)), width) if isinstance(width, int) else 1}


_SPECIAL: dict[str, Callable[[Random, Types], dict[str, object]]] = {
    "reshape": _reshape,
    "expand": _expand,
    "slice": _slice,
    "split": _split,
    "constant": _numbers,
    **dict.fromkeys(("parameter", "ones", "zeros", "full"), _made),
    "arange": lambda chance, given: {"bounds": (chance.randint(1, 9),), "dtype": "f32"},
    "pad": _pads,
    "roll": _rolled,
    "permute": _permuted,
    "embedding": lambda chance, given: {"num_embeddings": chance.randint(4, 20)},
    **dict.fromkeys(("attention", "window_attention"), _heads),
}
"""Attributes that would hardly ever fit if each were drawn by its type alone."""
