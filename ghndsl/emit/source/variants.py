"""Bodies of one block go in; those that lack a member of others come out with one that does nothing in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ghndsl.emit.source.parts import Body, Child
from ghndsl.emit.source.pieces import Slot, Text
from ghndsl.emit.source.steps import Step, Steps
from ghndsl.language.refold.expressions import filled
from ghndsl.language.refold.parts import mapped

NOTHING = Text(("nn.Identity()",))
"""What does nothing and has no weights."""


def completed(bodies: Sequence[Body]) -> list[Body]:
    """The bodies, each with a member more where that makes it like another: a shortcut that others go by a layer."""
    found = list(bodies)
    for whole in {body.key: body for body in bodies}.values():
        for child in whole.children:
            short = _without(whole, child)
            if short is None:
                continue
            for place, body in enumerate(found):
                if body.key == short.key:
                    found[place] = _with(body, whole, child)
    return found


def _without(whole: Body, child: Child) -> Body | None:
    """A body without one of its members, what that is given in the place of what it makes."""
    steps = whole.steps
    calls = [] if steps is None else [step for step in steps.steps if step.called[:1] == (child.name,)]
    if (
        steps is None
        or len(calls) != 1
        or child.kind != "module"
        or child.around != "self"
        or not _is_plain(calls[0], child.name)
    ):
        return None
    given = next(piece.value for piece in calls[0].text.pieces if isinstance(piece, Slot))
    (made,) = calls[0].results
    move = _renumbering(made, given)
    rest = tuple([_moved(step, move) for step in steps.steps if step is not calls[0]])
    left = Steps(steps.inputs, rest, tuple([move(value) for value in steps.results]))
    return replace(whole, children=tuple([one for one in whole.children if one is not child]), steps=left)


def _with(body: Body, whole: Body, child: Child) -> Body:
    """A body with the steps of a longer one, and nothing for the member that it lacks."""
    assert body.steps is not None
    assert whole.steps is not None
    own = {(one.around, one.name): one for one in body.children}
    children = [own.get((one.around, one.name), replace(child, made=NOTHING)) for one in whole.children]
    return replace(body, children=tuple(children), steps=filled(whole.steps, body.steps.literals))


def _is_plain(step: Step, name: str) -> bool:
    """Whether a step is the call of a member with one tensor and nothing else."""
    pieces = step.text.pieces
    is_call = len(pieces) == 3 and pieces[0] == f"self.{name}(" and isinstance(pieces[1], Slot) and pieces[2] == ")"
    return is_call and step.called == (name,) and len(step.results) == 1


def _renumbering(gone: int, instead: int) -> Callable[[int], int]:
    return lambda value: instead if value == gone else value - (value > gone)


def _moved(step: Step, move: Callable[[int], int]) -> Step:
    text = mapped(step.text, lambda part: Slot(move(part.value)) if isinstance(part, Slot) else part)
    return replace(step, text=text, results=tuple([move(value) for value in step.results]))
