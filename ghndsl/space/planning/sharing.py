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
from ghndsl.language.values import Shared
from ghndsl.records import record
from ghndsl.space.planning.exploration import Exploration
from ghndsl.space.planning.states import Kept, exact

Followed: TypeAlias = "frozenset[tuple[int, str]]"
"""Weights that are followed: the identity of the definition that labelled them, and their path in it."""

Made: TypeAlias = "frozenset[tuple[str, int | Made]]"
"""Weights that a body makes on some way: their path in it, and the number of their shapes, or what a block makes."""


@record
class Doubt:
    """Weights of a labelled stage that may get two shapes in one candidate, unseen by the plan."""

    path: str
    span: Span


@dataclass
class Shapes:
    """Which shapes the weights of labelled stages get over all ways."""

    _seen: dict[tuple[int, int, str, object], set[object]] = field(
        default_factory=dict["tuple[int, int, str, object]", "set[object]"]
    )
    _places: dict[tuple[int, str], Span] = field(default_factory=dict["tuple[int, str]", Span])
    _foreign: set[tuple[int, str]] = field(default_factory=set["tuple[int, str]"])
    _unlike: set[tuple[int, str]] = field(default_factory=set["tuple[int, str]"])

    def see(self, home: int, token: int, path: str, used: Kept) -> None:
        """Notes what weights a use needs, of a stage that was labelled when the body of a token was planned."""
        self._seen.setdefault((home, token, path, used.maker), set()).add(used.shapes)
        self._places.setdefault((home, path), used.span)

    def leave(self, home: int, path: str) -> None:
        """Notes a use in another body than that of the label, which is not followed."""
        self._foreign.add((home, path))

    def differ(self, home: int, path: str) -> None:
        """Notes that two uses of a block on one way may make other weights."""
        self._unlike.add((home, path))

    @property
    def several(self) -> Followed:
        """The weights that get several shapes."""
        return frozenset((home, path) for (home, _, path, _), shapes in self._seen.items() if len(shapes) > 1)

    def doubts(self, followed: Followed) -> tuple[Doubt, ...]:
        """The weights that may get several shapes on one way, given those that were followed."""
        several = self.several
        doubtful = (several & self._foreign) | (several - followed) | self._unlike
        return tuple(Doubt(place[1], span) for place, span in self._places.items() if place in doubtful)


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
        self.made: set[tuple[str, int | Made]] = set()

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
        shapes, number = self.weights_of[op, tuple([tensor.type for tensor in tensors])]
        if shapes:
            self.made.add((path, number))
            if self.shared:
                self._share(path, Owner(0, 0, shapes, op, self.frame.scope, span))
        return results

    def share_block(self, definition: tree.Definition, path: str, made: Made, span: Span) -> None:
        """Notes the use of a block, with all that it makes on some way; a labelled one has its weights once."""
        if made:
            self.made.add((path, made))
        if made and self.shared:
            used = Kept((exact(self.shared[0].stage), id(definition)), made, span)
            first = self._first_use(path, used)
            if first is not None and first.maker == used.maker and first.shapes != made:
                self.shapes.differ(self.homes[self.shared[0].key], path)

    def _share(self, path: str, used: Owner) -> None:
        first = self._first_use(path, Kept((exact(self.shared[0].stage), used.op), used.shapes, used.span, used))
        if first is not None and first.owner and first.owner.op == used.op and first.shapes != used.shapes:
            message = f"the weights `{path}` are shared, and {difference(first.owner, used.op, used.shapes)}"
            fault = self.refuse("G133", message, used.span).diagnostic
            raise RefusalError(replace(fault, marks=(Mark(first.span, "first here"),)))

    def _first_use(self, path: str, used: Kept) -> Kept | None:
        """The first use of some weights on this way, where they are followed."""
        stage = self.shared[0]
        home = self.homes[stage.key]
        self.shapes.see(home, stage.key, path, used)
        if stage.key != self.token:
            self.shapes.leave(home, path)
            return None
        return self.weights.setdefault(path, used) if (home, path) in self.followed else None
