"""What a plan and candidates that were built have shown goes in; what that says of all candidates comes out in words.

A plan proves that candidates are well-shaped: in each of them every operator and every block fits what it is given,
stated types hold, all names mean something, inputs and outputs are there and are named once. That no two weights have
one path, and that sizes which are not known are told by an input, is seen from the candidates that are built alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from ghndsl.dags import in_words
from ghndsl.diagnostics import Diagnostic, Span
from ghndsl.records import record
from ghndsl.space.planning.sharing import Doubt


@record
class Tried:
    """A choice of which some ways were planned: how many, of how many, and where it stands."""

    path: str
    count: int
    size: int
    span: Span | None


@record
class Proof:
    """What was shown of a space without faults.

    `candidates` meet every `where` over choices, and are all that there are unless `is_filtered`; `tried` are the
    choices that were planned in part, `doubts` the weights that may have two shapes in one candidate, unseen; `built`
    says how many candidates were built beside the plan, of so many `asked` for.

    >>> print(Proof("s", 15_625, is_filtered=False).in_words)
    proved: all 15,625 candidates are well-shaped
    """

    name: str
    candidates: int
    is_filtered: bool
    tried: tuple[Tried, ...] = ()
    built: int = 0
    asked: int = 0
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether all candidates are known to be well-shaped."""
        return not self.tried and not self.doubts

    @property
    def in_words(self) -> str:
        """What a person is told."""
        if self.is_proved:
            verb, count = ("meets", "the one candidate") if self.candidates == 1 else ("meet", _all(self.candidates))
            which = f" that {verb} every `where` over choices" if self.is_filtered else ""
            proved = f"proved: {count}{which} {'is' if self.candidates == 1 else 'are'} well-shaped"
            return f"{proved}{self._drawn}"
        shares = [f"{one.count:,} of {in_words(one.size)} graphs of `{one.path}`" for one in self.tried]
        tried = "; ".join([f"{', '.join(shares)} were tried"] * bool(shares) + [*map(_unfollowed, self.doubts)])
        return f"not proved: {tried}{self._drawn}"

    @property
    def _drawn(self) -> str:
        if not self.asked:
            return ""
        if self.built < self.asked:
            found = f"{self.built:,} of {self.asked:,}" if self.built else f"none of {self.asked:,}"
            return f"; {found} candidates built, for no more were found that meet every `where`"
        return f"; {self.built:,} candidate{'s' * (self.built != 1)} built, none ill-shaped"

    def remarks(self) -> list[Diagnostic]:
        """A note on each choice that was planned in part, and on weights that were not followed."""
        return [*map(_remark, self.tried), *map(_doubted, self.doubts)]

    def to_json(self) -> Mapping[str, object]:
        """The keys of the command's object."""
        tried = {one.path: {"tried": one.count, "of": one.size} for one in self.tried}
        known = {"space": self.name, "proved": self.is_proved, "candidates": self.candidates}
        return {**known, "tried": tried, "sampled": self.built}


def _all(candidates: int) -> str:
    return f"all {in_words(candidates)} candidates"


def _remark(one: Tried) -> Diagnostic:
    tried = f"{one.count:,} of its {in_words(one.size)} graphs were tried"
    message = f"that all candidates are well-shaped is not proved: of `{one.path}`, {tried}"
    return Diagnostic("G308", message, one.span, severity="note")


def _unfollowed(one: Doubt) -> str:
    return f"the shared weights `{one.path}` may get two shapes"


def _doubted(one: Doubt) -> Diagnostic:
    message = f"that all candidates are well-shaped is not proved: {_unfollowed(one)} in one of them"
    return Diagnostic("G308", message, one.span, severity="note")
