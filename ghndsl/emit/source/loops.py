"""The body of a class goes in; it comes out with a loop where members that count do the same one after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from ghndsl.emit.source.members import is_attribute, is_own, kind_of
from ghndsl.emit.source.merging import slots
from ghndsl.emit.source.modules import Holder, Unit
from ghndsl.emit.source.parts import Body, Child
from ghndsl.emit.source.pieces import Slot, Text, quoted
from ghndsl.emit.source.sequences import folded
from ghndsl.emit.source.steps import Loop, Step, Steps
from ghndsl.language.refold.expressions import About, Literal
from ghndsl.language.refold.parts import mapped

_LONGEST = 90
"""Letters of what a loop goes over; it stands on one line."""
_LEAST = 3
"""Turns of a loop that is easier to read than what it stands for."""


def looped(module: Unit | Holder, body: Body) -> Body:
    """The body with loops over its own members, or over those of a list or dictionary."""
    if body.steps is None or not isinstance(module, Unit):
        return body
    steps = body.steps
    for name, member in module.members.items():
        if isinstance(member, Holder) and kind_of(member) in ("list", "dict"):
            over = f"self.{name}" if kind_of(member) == "list" else f"self.{name}.values()"
            steps = _folded(steps, [(name, inner) for inner in member.members], over) or steps
    run = _run(body.children)
    own = _folded(steps, [(child.name,) for child in body.children], "self.children()") if run is not None else None
    if run is None or own is None:
        children, steps = _asked(body.children, steps)
        return replace(body, children=children, steps=_renumbered(steps))
    return replace(body, children=(run,), steps=_renumbered(own))


def _asked(children: Sequence[Child], steps: Steps) -> tuple[tuple[Child, ...], Steps]:
    """The same with loops over members that count and are asked for by name, such as `up-1` to `up-4`."""
    kept: list[Child] = []
    for _, group in groupby(children, key=lambda child: _stem(child.name)):
        members = tuple(group)
        run = None if any(is_attribute(child.name) or is_own(child.name) for child in members) else _run(members)
        over = f"(self.get_submodule(f{quoted(run.name)}) for i in range({len(members)}))" if run else ""
        names = [(child.name,) for child in members]
        found = _folded(steps, names, over) if run is not None and len(over) < _LONGEST else None
        kept += members if found is None or run is None else [run]
        steps = found or steps
    return tuple(kept), steps


def _stem(name: str) -> str:
    return re.sub(r"\d+$", "", name)


def _renumbered(steps: Steps) -> Steps:
    """The steps with the values that they make numbered in order."""
    made = [value for step in steps.steps for value in step.results]
    number = {value: steps.inputs + place for place, value in enumerate(made)}
    number.update((value, value) for value in range(steps.inputs))
    return Steps(
        steps.inputs,
        tuple([_numbered(step, number) for step in steps.steps]),
        tuple([number[value] for value in steps.results]),
    )


def _numbered(step: Step, number: dict[int, int]) -> Step:
    text = mapped(step.text, lambda part: Slot(number[part.value]) if isinstance(part, Slot) else part)
    return replace(step, text=text, results=tuple([number[value] for value in step.results]))


def _run(children: Sequence[Child]) -> Child | None:
    """Members whose names count and that are made by rule, as one."""
    stem = _stem(children[0].name) if children else ""
    start = children[0].name[len(stem) :] if children else ""
    if len(children) < _LEAST or not start or str(int(start)) != start:
        return None
    if [child.name for child in children] != [f"{stem}{int(start) + place}" for place in range(len(children))]:
        return None
    made = folded([child.made for child in children])
    if made is None or any(child.kind != "module" or child.around != "self" for child in children):
        return None
    number = "{i}" if start == "0" else f"{{i + {start}}}"
    return Child(f"{stem}{number}", made, "module", count=Literal(len(children), About("depth")))


def _folded(steps: Steps, names: Sequence[tuple[str, ...]], over: str) -> Steps | None:
    """The steps with a loop that calls some members in turn; none when they are not called so."""
    calls = [place for place, step in enumerate(steps.steps) if step.called in set(names)]
    if len(names) < _LEAST or [steps.steps[place].called for place in calls] != list(names):
        return None
    gaps = {b - a for a, b in pairwise(calls)}
    if len(gaps) != 1:
        return None
    period = gaps.pop()
    for before in range(period):
        start = calls[0] - before
        end = start + period * len(names)
        if start >= 0 and end <= len(steps.steps):
            found = _loop(steps, start, period, names, over)
            if found is not None:
                return found
    return None


def _loop(steps: Steps, start: int, period: int, names: Sequence[tuple[str, ...]], over: str) -> Steps | None:
    """A loop for the steps from one on, if each turn does the same to what the one before gave."""
    count = len(names)
    turns = [steps.steps[at : at + period] for at in range(start, start + period * count, period)]
    if any(len(step.results) != 1 for turn in turns for step in turn):
        return None
    last = [turn[-1].results[0] for turn in turns]
    first = _carried(turns, last)
    if first is None:
        return None
    bodies = [_turn(turn, given, name) for turn, given, name in zip(turns, [first, *last[:-1]], names, strict=True)]
    if bodies[0] is None or any(body != bodies[0] for body in bodies):
        return None
    body, fixed = bodies[0]
    inside = {step.results[0] for turn in turns for step in turn} - {last[-1]}
    rest = [step for place, step in enumerate(steps.steps) if not start <= place < start + period * count]
    used = {value for step in rest for value in slots(step.text)} | set(steps.results)
    if not inside.isdisjoint(used):
        return None
    text = Text((Slot(first), *[Slot(value) for value in fixed]))
    loop = Loop(text, (last[-1],), (), None, "", "loop", over, body)
    whole = (*steps.steps[:start], loop, *steps.steps[start + period * count :])
    return Steps(steps.inputs, whole, steps.results)


def _carried(turns: Sequence[Sequence[Step]], last: Sequence[int]) -> int | None:
    """What the first turn is given in the place of what later ones are given by those before them."""
    before = list(slots(_all(turns[1])))
    own = list(slots(_all(turns[0])))
    places = [place for place, value in enumerate(before) if value == last[0]]
    given = {own[place] for place in places} if len(own) == len(before) else set[int]()
    return given.pop() if len(given) == 1 else None


def _all(turn: Sequence[Step]) -> Text:
    return Text(tuple([step.text for step in turn]))


def _turn(turn: Sequence[Step], carried: int, name: tuple[str, ...]) -> tuple[Steps, tuple[int, ...]] | None:
    """The steps of one turn as a body that is given what is carried and what is the same in all turns."""
    made = {step.results[0] for step in turn}
    fixed = list(dict.fromkeys(v for v in slots(_all(turn)) if v not in made and v != carried))
    number = {value: place for place, value in enumerate([carried, *fixed, *[step.results[0] for step in turn]])}
    steps = [_told(step, number, name) for step in turn]
    return Steps(1 + len(fixed), tuple(steps), (number[turn[-1].results[0]],)), tuple(fixed)


def _told(step: Step, number: dict[int, int], name: tuple[str, ...]) -> Step:
    """A step of a turn, the member whose turn it is called `layer`."""
    told = _numbered(step, number)
    head, *rest = told.text.pieces
    if step.called != name or not isinstance(head, str) or not head.endswith("("):
        return told
    return replace(told, text=Text(("layer(", *rest)), called=("layer",))
