"""A space and a data set go in; the space at its full scale, and at a cheaper one to train and score at, come out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

from ghndsl.data import Dataset, image_input
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.language import tree
from ghndsl.language.values import Result, text
from ghndsl.space import Space

CHEAP = 3_000_000
"""Multiply-accumulates of a candidate, on average over a few, above which a scale is not called cheap."""
_LOOKED_AT = 8


@dataclass(frozen=True)
class Scaled:
    """A space twice, with one numbering of candidates: `full` is reported, `cheap` is trained and scored; the data
    is in the size of the images that each takes."""

    full: Space
    full_data: Dataset
    cheap: Space
    data: Dataset

    @property
    def is_reduced(self) -> bool:
        """Whether the cheap scale differs from the full one."""
        return self.full.settings != self.cheap.settings

    @property
    def description(self) -> str:
        """The settings of the cheap scale as `--set` takes them."""
        return " ".join(f"{name}={text(value)}" for name, value in self.cheap.settings.items())


def scaled(space: Space, data: Dataset, *, reduce: bool = True) -> Scaled:
    """The space with the data's count of classes, and a scale that two cores can search.

    Parameters that were set by hand stay. The others are halved in turn, the most effective first, until candidates
    cost little; no candidate's number or line changes.
    """
    full = _with(space, _classes(space, data))
    if not full.size:
        raise CompileError(Diagnostic("G303", f"`{space.name}` holds no candidate", space.definition.name_span))
    cheap = _cheaper(full, frozenset(space.settings)) if reduce else full
    return Scaled(full, fitting(full, data), cheap, fitting(cheap, data))


def fitting(space: Space, data: Dataset) -> Dataset:
    """The data with its images in the size that the space's candidates take."""
    return fitting_graph(space.build(space.draw(random.Random(0))), data)


def fitting_graph(graph: Graph, data: Dataset) -> Dataset:
    """The data with its images in the size that a network takes."""
    height, width = image_input(graph).value.type.shape[-2:]
    if not isinstance(height, int) or not isinstance(width, int):
        return data
    return data if data.shape[1:] == (height, width) else data.resized(height, width)


def _with(space: Space, settings: Mapping[str, Result]) -> Space:
    return replace(space, settings={**space.settings, **settings})


def _classes(space: Space, data: Dataset) -> dict[str, Result]:
    names = [parameter.name for parameter in space.definition.parameters]
    known = "classes" in names and "classes" not in space.settings
    return {"classes": data.classes} if known else {}


def _defaults(space: Space, fixed: frozenset[str]) -> dict[str, int]:
    """The whole numbers that may be made smaller."""
    found: dict[str, int] = {}
    for parameter in space.definition.parameters:
        value = parameter.default.value if isinstance(parameter.default, tree.Constant) else None
        if type(value) is int and value > 1 and parameter.name not in (*fixed, "classes"):
            found[parameter.name] = value
    return found


def _cheaper(full: Space, fixed: frozenset[str]) -> Space:
    values = _defaults(full, fixed)
    space, cost = full, _cost(full)
    halvings = dict.fromkeys(values, 0)
    while cost is not None and cost > CHEAP:
        smaller = [_halved(space, name, values[name]) for name in values if halvings[name] <= min(halvings.values())]
        tried = [(fewer, name, other) for name, other, fewer in smaller if fewer is not None and fewer < cost]
        if not tried:
            stuck = [name for name in halvings if halvings[name] == min(halvings.values())]
            values = {name: value for name, value in values.items() if name not in stuck}
            halvings = {name: halvings[name] for name in values}
            if not values:
                break
            continue
        cost, name, space = min(tried, key=lambda item: item[:2])
        values[name] //= 2
        halvings[name] += 1
    return space


def _halved(space: Space, name: str, value: int) -> tuple[str, Space, float | None]:
    other = _with(space, {name: value // 2})
    if value < 2:
        return name, other, None
    try:
        return name, other, _cost(other)
    except CompileError:
        return name, other, None


def _cost(space: Space) -> float | None:
    """The mean multiply-accumulates of a few candidates, or None while sizes are symbolic."""
    rng = random.Random(0)
    costs = [space.build(space.draw(rng)).macs for _ in range(_LOOKED_AT)]
    known = [cost for cost in costs if cost is not None]
    return fmean(known) if len(known) == len(costs) else None
