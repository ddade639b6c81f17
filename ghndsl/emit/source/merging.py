"""The steps of a module go in; they come out with those that read well within others put there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ghndsl.emit.source.pieces import Names, Slot, Text, written
from ghndsl.emit.source.steps import Loop, Step, Steps
from ghndsl.language.refold.parts import mapped

_DEEPEST = 3
"""Calls that stand in each other."""
_LONGEST = 88
"""Letters of what still reads well on one line."""
_SIGNS = ("add", "sub", "mul", "div", "affine", "pow", "matmul", "slice")
_UNTYPED = ("max_pool", "adaptive_max_pool")
"""What torch does not say the type of."""


@dataclass
class Merged:
    """Steps that are statements, those that stand within others by the value they make, and values that are others.

    Of `untyped` values checkers of types do not know that they are tensors.
    """

    steps: list[Step] = field(default_factory=list[Step])
    inlined: dict[int, Step] = field(default_factory=dict[int, Step])
    same: dict[int, int] = field(default_factory=dict[int, int])
    untyped: set[int] = field(default_factory=set[int])

    def resolved(self, value: int) -> int:
        """The value that a value is."""
        return self.same.get(value, value)

    def reads(self, text: Text) -> Iterator[int]:
        """The values that a statement reads, those within it included."""
        for value in map(self.resolved, slots(text)):
            if value in self.inlined:
                yield from self.reads(self.inlined[value].text)
            else:
                yield value

    def is_any(self, step: Step) -> bool:
        """Whether checkers of types do not know that a step gives a tensor: what a module gives may be anything."""
        if step.called or step.word in _UNTYPED:
            return True
        starts_with_one = bool(step.text.pieces) and isinstance(step.text.pieces[0], Slot)
        return starts_with_one and any(self.resolved(value) in self.untyped for value in slots(step.text))


def merged(steps: Steps, *, may_return: bool) -> Merged:
    """The steps as statements; `may_return` says whether the last may stand in the `return`."""
    found = Merged()
    uses = Counter(value for step in steps.steps for value in slots(step.text))
    uses.update(steps.results)
    for step in steps.steps:
        if found.is_any(step):
            found.untyped.update(step.results)
        only = step.text.pieces[0] if len(step.text.pieces) == 1 else None
        if isinstance(only, Slot) and not isinstance(step, Loop) and len(step.results) == 1:
            value = found.same[step.results[0]] = found.resolved(only.value)
            uses[value] += uses[step.results[0]] - 1
            continue
        if step.word == "parameter":
            found.inlined[step.results[0]] = step
            continue
        _take_in(found, step, uses)
        found.steps.append(step)
    if found.steps and may_return and _can_return(found, found.steps[-1], steps):
        last = found.steps.pop()
        found.inlined[last.results[0]] = last
    return found


def _take_in(found: Merged, step: Step, uses: Counter[int]) -> None:
    """Puts the steps before into this one, as far as it stays easy to read."""
    wanted = [found.resolved(value) for value in slots(step.text)]
    while found.steps and not isinstance(step, Loop):
        before = found.steps[-1]
        if len(before.results) != 1 or before.unpacking or before.word in _ALONE:
            return
        value = before.results[0]
        if uses[value] != 1 or value not in wanted:
            return
        found.inlined[value] = before
        if _depth(found, step) > _DEEPEST or len(_draft(found, step.text)) > _LONGEST:
            del found.inlined[value]
            return
        found.steps.pop()


_ALONE = ("split", "lstm", "gru", "lstm_cell", "loop")


def _can_return(found: Merged, step: Step, steps: Steps) -> bool:
    if isinstance(step, Loop) or step.unpacking or step.word in _ALONE or found.is_any(step):
        return False
    return len(step.results) == 1 and step.results == steps.results


def _depth(found: Merged, step: Step) -> float:
    """How many calls stand in each other."""
    values = map(found.resolved, slots(step.text))
    inner = [_depth(found, found.inlined[value]) for value in values if value in found.inlined]
    if len(inner) > 1:
        inner.append(sum(inner) - 0.5)
    own = 0.5 if step.word in _SIGNS else 0 if step.word == "parameter" else 1
    return own + max(inner, default=0)


def _draft(found: Merged, text: Text) -> str:
    def value(number: int) -> str:
        inner = found.inlined.get(found.resolved(number))
        return "x" if inner is None else _draft(found, inner.text)

    return written(text, Names(value, lambda axis: axis.stem, lambda name: f"self.{name}", lambda turn: turn.stem))


def slots(text: Text) -> list[int]:
    """The tensors that a text reads, each as often as it does."""
    found: list[int] = []

    def look(part: object) -> object:
        if isinstance(part, Slot):
            found.append(part.value)
        return part

    mapped(text, look)
    return found
