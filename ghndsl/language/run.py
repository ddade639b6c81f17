"""The frame at hand and a count of the work go in; refusals that know their place and calls come out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl import ops
from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.bounds import ArithmeticFault, bounded, extent
from ghndsl.language.context import Frame, RefusalError, refusal
from ghndsl.language.limits import Limits
from ghndsl.language.values import At, BlockName, Result, Shared

Marks = Sequence[tuple[Span, Result]]
"""Places in the text and the values that stand there."""


class OutOfBoundsError(Exception):
    """A limit was reached; elaboration stops."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


class Run:
    """One elaboration under way. What a node or a body becomes is for subclasses to say."""

    def __init__(self, limits: Limits, frame: Frame) -> None:
        self.limits = limits
        self.frame = frame
        self.steps = 0
        self.depth = 0
        self.keys = 0
        self.uses: dict[str, int] = {}
        self.reported: set[tuple[str, Span | None]] = set()

    # For subclasses

    def value(self, node: tree.Expression) -> Result:
        """What an expression stands for."""
        raise NotImplementedError

    def lookup(self, name: str) -> tuple[Result] | None:
        """What a name means, if anything."""
        raise NotImplementedError

    def add_node(self, op: ops.Operator, tensors: Sequence[Value], path: str, span: Span) -> tuple[Value, ...]:
        """The results of an operator; raises `ShapeError`."""
        raise NotImplementedError

    def made_by(self, value: Value) -> ops.Operator | None:
        """The operator that made a tensor, where that is known."""
        return None

    def nodes_made(self) -> int:
        """How many nodes there are so far."""
        raise NotImplementedError

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        """What the body of a block returns, run in its frame."""
        raise NotImplementedError

    def enter_shared(self, stage: Shared) -> None:
        """Called before a labelled stage is used."""

    def leave_shared(self) -> None:
        """Called after a labelled stage was used."""

    # The state

    def refuse(
        self,
        code: str,
        message: str,
        span: Span | None,
        marks: Marks = (),
        help: str | None = None,  # noqa: A002
    ) -> RefusalError:
        """A refusal in the frame at hand; of one that was told before, in a loop of many turns, nobody reads notes."""
        if (code, span) in self.reported:
            return refusal(None, code, message, span, marks, help)
        self.steps += len(self.frame.turns)
        return refusal(self.frame, code, message, span, marks, help)

    def exhausted(self, code: str, message: str, span: Span, help: str | None = None) -> Exception:  # noqa: A002
        """A refusal after which nothing more is tried."""
        return OutOfBoundsError(self.refuse(code, message, span, (), help).diagnostic)

    def step(self, span: Span) -> None:
        """Counts work, so that no text takes for ever."""
        self.steps += 1
        if self.steps > self.limits.steps:
            raise self.exhausted("G126", f"this takes more than {self.limits.steps:,} steps to elaborate", span)

    def charge(self, *values: Result) -> None:
        """Counts work that takes as long as lists are."""
        for value in values:
            if isinstance(value, tuple):
                self.steps += extent(value)

    def sane(self, value: Result, span: Span) -> Result:
        """A new list or stage, when it is not too large."""
        try:
            self.charge(value)
            return bounded(value, self.limits.items)
        except ArithmeticFault as fault:
            raise self.refuse(fault.code, str(fault), span) from None

    def place(self) -> At:
        """Where a label counts from."""
        return At(self.frame.at.path, self.frame.at.choices)

    def new_key(self) -> int:
        """A number that no other labelled stage has."""
        self.keys += 1
        return self.keys
