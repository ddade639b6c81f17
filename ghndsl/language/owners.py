"""Nodes with weights go in as they are made; why the weights of one cannot be its own comes out, if they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ghndsl.diagnostics import Span
from ghndsl.ir import Scope
from ghndsl.language.values import Shared
from ghndsl.language.weight_paths import WeightPaths
from ghndsl.ops import Operator, Weight


@dataclass
class Owner:
    """Who made the weights under a path: a labelled stage and which of its uses, or nobody in particular."""

    stage: int
    use: int
    shapes: Sequence[Weight]
    op: Operator
    scope: Scope
    span: Span


class ClashError(Exception):
    """Weights that cannot be made, since others were: the code and message, and whose those are."""

    def __init__(self, code: str, message: str, owner: Owner) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.owner = owner


class Owners:
    """Who has the weights of a graph, by path."""

    def __init__(self) -> None:
        self._owners: dict[str, Owner] = {}
        self._paths = WeightPaths()
        self._stage = self._use = self._depth = self._uses = 0

    def __contains__(self, path: str) -> bool:
        return path in self._owners

    @property
    def is_sharing(self) -> bool:
        """Whether a labelled stage is at work."""
        return self._depth > 0

    def enter(self, stage: Shared) -> None:
        """A labelled stage begins to work; of several within each other the outermost counts."""
        if self._depth == 0:
            self._uses += 1
            self._stage, self._use = stage.key, self._uses
        self._depth += 1

    def leave(self) -> None:
        """It has done its work."""
        self._depth -= 1
        if self._depth == 0:
            self._stage = self._use = 0

    def add(self, path: str, op: Operator, shapes: Sequence[Weight], scope: Scope, span: Span) -> None:
        """Takes a node's weights; raises `ClashError` when another has them already, or some above or below them."""
        owner = self._owners.get(path)
        if owner is None:
            clash = self._paths.clash(path, shapes)
            if clash:
                raise ClashError("G130", clash[0], self._owners[clash[1]])
            self._paths.add(path, shapes)
            self._owners[path] = Owner(self._stage, self._use, shapes, op, scope, span)
            return
        if not (owner.stage == self._stage != 0 and owner.use != self._use):
            raise ClashError("G130", f"two different weights would be named `{path}`", owner)
        if owner.shapes != shapes or owner.op != op:
            raise ClashError("G133", f"the weights `{path}` are shared, and {_other(owner, op, shapes)}", owner)
        owner.use = self._use


def _other(owner: Owner, op: Operator, shapes: Sequence[Weight]) -> str:
    """How a use of shared weights differs from the first."""
    if owner.op.name != op.name:
        return f"would belong to `{op.name}` here and to `{owner.op.name}` before"
    for here, before in zip(shapes, owner.shapes, strict=False):
        if here.shape != before.shape:
            return f"`{here.name}` would be {list(here.shape)} here and {list(before.shape)} before"
    return f"`{op.name}` would have other attributes here than before"
