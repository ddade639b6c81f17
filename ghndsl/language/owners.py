"""Nodes with weights go in as they are made; why the weights of one cannot be its own comes out, if they cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ghndsl.diagnostics import Span
from ghndsl.ir import Node, Scope
from ghndsl.language.values import Shared, join
from ghndsl.language.weight_paths import WeightPaths, parts
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
        self._whole: dict[str, Callable[[], Sequence[Node]]] = {}
        self._paths = WeightPaths()
        self._stage = self._use = self._depth = self._uses = 0

    def __contains__(self, path: str) -> bool:
        self._tell_apart(path)
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
        for weight in shapes if self._whole else ():
            self._tell_apart(join(path, weight.name))
        owner = self._owners.get(path)
        if owner is None:
            clash = self._paths.add(path, shapes)
            if clash and self._open(clash[1]):
                clash = self._paths.add(path, shapes)
            if clash:
                raise ClashError("G130", clash[0], self._owners[clash[1]])
            self._owners[path] = Owner(self._stage, self._use, shapes, op, scope, span)
            return
        if not (owner.stage == self._stage != 0 and owner.use != self._use):
            raise ClashError("G130", f"two different weights would be named `{path}`", owner)
        if owner.shapes != shapes or owner.op != op:
            raise ClashError("G133", f"the weights `{path}` are shared, and {difference(owner, op, shapes)}", owner)
        owner.use = self._use

    def is_free(self, path: str) -> bool:
        """Whether no weights lie at a path, above it or below it."""
        return self._paths.is_free(path) and not any(name in self._whole for name in parts(path))

    def add_whole(self, path: str, nodes: Callable[[], Sequence[Node]]) -> None:
        """Takes the weights of a block, all below a free path; `nodes` tells whose they are if others come near."""
        self._paths.claim(path)
        self._whole[path] = nodes

    def _tell_apart(self, path: str) -> None:
        """Takes one by one the weights of the blocks that were taken as a whole at a path or above it."""
        for name in parts(path) if self._whole else ():
            self._open(name)

    def _open(self, path: str) -> bool:
        """Takes the weights of a block's nodes one by one; false when it was not taken as a whole."""
        nodes = self._whole.pop(path, None)
        if nodes is None:
            return False
        self._paths.release(path)
        for node in nodes():
            if node.weights and node.span is not None:
                self._paths.add(node.path, node.weights)
                self._owners[node.path] = Owner(0, 0, node.weights, node.op, node.scope, node.span)
        return True


def difference(owner: Owner, op: Operator, shapes: Sequence[Weight]) -> str:
    """How a use of shared weights differs from the first."""
    if owner.op.name != op.name:
        return f"would belong to `{op.name}` here and to `{owner.op.name}` before"
    for here, before in zip(shapes, owner.shapes, strict=False):
        if here.shape != before.shape:
            return f"`{here.name}` would be {list(here.shape)} here and {list(before.shape)} before"
    return f"`{op.name}` would have other attributes here than before"
