"""Uses of labelled stages go in; a refusal comes out where one set of weights would get two shapes on some way.

Only stages that get several shapes over all ways are followed way by way: a plan notes which do, and is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ghndsl import ops
from ghndsl.diagnostics import Mark, Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.context import Frame, RefusalError
from ghndsl.language.limits import Limits
from ghndsl.language.owners import Owner, difference
from ghndsl.language.values import Shared, join
from ghndsl.ops import Weight
from ghndsl.space.exploration import Exploration

Followed: TypeAlias = "frozenset[tuple[int, str]]"
"""Weights that are followed: the identity of the definition that labelled them, and their path in it."""

Made: TypeAlias = "frozenset[tuple[str, ops.Operator, tuple[Weight, ...]]]"
"""Weights that a body makes on some way: their path in it, and what has them."""


@dataclass
class Shapes:
    """Which shapes the weights of labelled stages get over all ways, and where they are used out of sight.

    That is where a stage is used in another body than its own, or is a block, whose weights are made in its own body.
    """

    _seen: dict[tuple[int, str, object], set[object]] = field(default_factory=dict["tuple[int, str, object]", "set[object]"])
    _hidden: dict[tuple[int, str], Span] = field(default_factory=dict["tuple[int, str]", Span])

    def see(self, home: int, path: str, maker: object, shapes: object) -> None:
        """Notes what weights a use needs; `maker` is what makes them."""
        self._seen.setdefault((home, path, maker), set()).add(shapes)

    def hide(self, home: int, path: str, span: Span) -> None:
        """Notes a use that cannot be followed."""
        self._hidden.setdefault((home, path), span)

    @property
    def several(self) -> Followed:
        """The weights that get several shapes."""
        return frozenset((home, path) for (home, path, _), shapes in self._seen.items() if len(shapes) > 1)

    @property
    def doubtful(self) -> tuple[tuple[str, Span], ...]:
        """The weights that may get several shapes on one way, unseen, and where they are used."""
        several = self.several
        return tuple((path, span) for (home, path), span in self._hidden.items() if (home, path) in several)


class Sharing(Exploration):
    """Runs statements; knows the labelled stage at work, and the weights that stages have made on the way at hand."""

    def __init__(self, limits: Limits, frame: Frame, definition: tree.Definition, *, feasible: bool) -> None:
        super().__init__(limits, frame, feasible=feasible)
        self.body = definition
        self.token = 0
        self.homes = {0: id(definition)}
        self.shared: list[Shared] = []
        self.shapes = Shapes()
        self.followed: Followed = frozenset()
        self.made: set[tuple[str, ops.Operator, tuple[Weight, ...]]] = set()

    def new_key(self) -> int:
        # One number a body: states must not differ by which run of a statement labelled a stage.
        return self.token

    def enter_shared(self, stage: Shared) -> None:
        if not self.shared:
            self.current.parts = 0
        self.shared.append(stage)

    def leave_shared(self) -> None:
        self.shared.pop()

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        results = super().add_node(op, tensors, path, span)
        shapes = self.weights_of[op, tuple([tensor.type for tensor in tensors])]
        if shapes:
            self.made.add((path, op, shapes))
            if self.shared:
                self._share(path, Owner(0, 0, shapes, op, self.frame.scope, span))
        return results

    def share_block(self, definition: tree.Definition, path: str, made: Made, span: Span) -> None:
        """Notes the use of a block, with all that it makes; a labelled one has its weights once."""
        self.made.update((join(path, below), op, shapes) for below, op, shapes in made)
        if self.shared and made:
            home = self.homes[self.shared[0].key]
            self.shapes.see(home, path, id(definition), made)
            self.shapes.hide(home, path, span)

    def _share(self, path: str, used: Owner) -> None:
        stage = self.shared[0]
        home = self.homes[stage.key]
        self.shapes.see(home, path, used.op, used.shapes)
        if stage.key != self.token:
            self.shapes.hide(home, path, used.span)
            return
        if (home, path) not in self.followed:
            return
        first = self.weights.setdefault(path, used)
        if first.op == used.op and first.shapes != used.shapes:
            message = f"the weights `{path}` are shared, and {difference(first, used.op, used.shapes)}"
            fault = self.refuse("G133", message, used.span).diagnostic
            raise RefusalError(replace(fault, marks=(Mark(first.span, "first here"),)))
