"""A space and a data set go in; the space at its full scale, and at a cheaper one to train and score at, come out."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from ghndsl.data import Dataset, check_fit, fitted, sources
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ir import Graph
from ghndsl.ir.measure import graph_macs
from ghndsl.ir.sizes import bind_sizes
from ghndsl.language import tree
from ghndsl.language.values import Result, text
from ghndsl.space import Candidate, Space

CHEAP = 1_500_000
"""Multiply-accumulates of a candidate, on average over a few, above which a scale is not called cheap."""
DEEP = 8_000_000
"""The same for the scale that keeps every node."""
_LOOKED_AT = 8
STEPS, REDUCED_STEPS = 400, 4_000


@dataclass(frozen=True)
class Scaled:
    """A space three times, with one numbering of candidates, and the data with its images in the size that each takes.

    `full` is reported. `cheap` is trained and scored. `deep` has all nodes of the full one, but narrow and on small
    images: what is measured before training depends on depth.
    """

    full: Space
    full_data: Dataset
    cheap: Space
    data: Dataset
    deep: Space
    deep_data: Dataset

    def check_fit(self) -> None:
        """Refuses data that the space's candidates cannot take. Errors: G407."""
        check_fit(self.full_data, _example(self.full))

    @property
    def is_reduced(self) -> bool:
        """Whether the cheap scale differs from the full one."""
        return self.full.settings != self.cheap.settings

    @property
    def steps(self) -> int:
        """Steps that a hypernetwork is to be trained for before its ranking is worth having, of four candidates each.

        Too few are worse than very few: what it cannot make weights for yet looks bad. See `docs/ranking.md`.
        """
        return REDUCED_STEPS if self.is_reduced else STEPS

    @property
    def description(self) -> str:
        """The settings of the cheap scale as `--set` takes them, and those that the deep one has otherwise."""
        cheap, deep = (
            {name: text(value) for name, value in space.settings.items()} for space in (self.cheap, self.deep)
        )
        words = " ".join(f"{name}={value}" for name, value in cheap.items())
        others = [name for name in cheap if deep.get(name) != cheap[name]]
        return words + (f" (before training: {' '.join(map(self._deep_value, others))})" if others else "")

    def _deep_value(self, name: str) -> str:
        return f"{name}={_value(self.deep, name)}"


def scaled(space: Space, data: Dataset, *, reduce: bool = True) -> Scaled:
    """The space with the data's count of classes, and a scale that two cores can search.

    Parameters that were set by hand stay. First those are halved that leave every node where it is (widths and sizes
    of images), the most effective first, until candidates cost little enough for the deep scale; then those that
    take nodes away (repeated cells); then the first again. No candidate's number or line changes.
    """
    full = _with(space, _classes(space, data))
    if not full.size:
        raise CompileError(Diagnostic("G303", f"`{space.name}` holds no candidate", space.definition.name_span))
    deep = cheap = full
    # Drawn once: at other scales they are the same lines, and need no plan of the space to be built.
    rng = random.Random(0)
    seen = [full.draw(rng) for _ in range(_LOOKED_AT)]
    if reduce:
        sizes, counts = _defaults(full, seen[0], data.few(1), frozenset(space.settings))
        few = data.few(1)
        deep = _cheaper(full, seen, sizes, DEEP, few)
        cheap = _cheaper(_cheaper(deep, seen, counts, CHEAP, few), seen, sizes, CHEAP, few)
    full_data, cheap_data, deep_data = (fitted(data, one.build(seen[0])) for one in (full, cheap, deep))
    # One copy of images of one size.
    deep_data = cheap_data if deep_data.shapes == cheap_data.shapes else deep_data
    return Scaled(full, full_data, cheap, cheap_data, deep, deep_data)


def _with(space: Space, settings: Mapping[str, Result]) -> Space:
    """The space with some other settings; where they are what they were, it keeps its plan."""
    whole = {**space.settings, **settings}
    return space if whole == space.settings else replace(space, settings=whole)


def _classes(space: Space, data: Dataset) -> dict[str, Result]:
    names = [parameter.name for parameter in space.definition.parameters]
    known = "classes" in names and "classes" not in space.settings
    return {"classes": data.classes} if known else {}


def _defaults(space: Space, seen: Candidate, data: Dataset, fixed: frozenset[str]) -> tuple[list[str], list[str]]:
    """The whole numbers that may be made smaller: those that leave every node, and those that take some away. What the
    data asks for stays."""
    sizes: list[str] = []
    counts: list[str] = []
    whole = space.build(seen)
    is_fit = _is_fit(whole, data)
    for parameter in space.definition.parameters:
        value = parameter.default.value if isinstance(parameter.default, tree.Constant) else None
        if type(value) is not int or value < 2 or parameter.name in (*fixed, "classes"):
            continue
        try:
            halved = _with(space, {parameter.name: value // 2}).build(seen)
        except CompileError:
            continue
        if is_fit and not _is_fit(halved, data):
            continue
        (sizes if len(halved.nodes) == len(whole.nodes) else counts).append(parameter.name)
    return sizes, counts


def _is_fit(graph: Graph, data: Dataset) -> bool:
    """Whether a network takes the data, but for the size of images."""
    try:
        check_fit(fitted(data, graph), graph)
    except CompileError:
        return False
    return True


def _example(space: Space) -> Graph:
    return space.build(space.draw(random.Random(0)))


def _value(space: Space, name: str) -> int:
    value = space.settings.get(name)
    if value is None:
        default = next(one.default for one in space.definition.parameters if one.name == name)
        value = default.value if isinstance(default, tree.Constant) else None
    return value if isinstance(value, int) else 0


def _cheaper(space: Space, seen: Sequence[Candidate], names: list[str], bound: int, data: Dataset) -> Space:
    """The space with some of its numbers halved, each as often as the others, until candidates cost the bound."""
    cost = _cost(space, seen, data)
    left = dict.fromkeys(names, 0)
    while cost is not None and cost > bound and left:
        turn = min(left.values())
        tried: list[tuple[float, str, Space]] = []
        for name in [name for name, halvings in left.items() if halvings == turn]:
            other, fewer = _halved(space, seen, name, data)
            if fewer is not None and fewer < cost:
                tried.append((fewer, name, other))
            else:
                del left[name]
        if tried:
            cost, name, space = min(tried, key=lambda item: item[:2])
            left[name] += 1
    return space


def _halved(space: Space, seen: Sequence[Candidate], name: str, data: Dataset) -> tuple[Space, float | None]:
    value = _value(space, name)
    other = _with(space, {name: value // 2})
    if value < 2:
        return other, None
    try:
        return other, _cost(other, seen, data)
    except CompileError:
        return other, None


def _cost(space: Space, seen: Sequence[Candidate], data: Dataset) -> float | None:
    """The mean multiply-accumulates of candidates, or None while they are not known for the data."""
    costs = [_macs(space.build(candidate), data) for candidate in seen]
    known = [cost for cost in costs if cost is not None]
    return fmean(known) if len(known) == len(costs) else None


def _macs(graph: Graph, data: Dataset) -> int | None:
    """Multiply-accumulates for one sample, where sizes are symbolic for one of the data."""
    if graph.macs is not None:
        return graph.macs
    try:
        names = sources(graph, data.shapes)
        shapes = {port: (1, *data.shapes[name]) for port, name in names.items()}
        return graph_macs(graph, bind_sizes(graph.inputs, shapes))
    except (CompileError, ValueError):
        # What does not fit is refused elsewhere, in words.
        return None
