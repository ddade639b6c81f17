"""Stages and the tensors given to them go in; what they lack, and the stages with more given, come out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl.ir import Value
from ghndsl.language.values import (
    BlockName,
    ChosenGraph,
    Composite,
    Named,
    OperatorName,
    Pending,
    Result,
    Shared,
    Stage,
    is_tensor,
)


def is_weightless(value: Result) -> bool:
    """Whether a value is settled, or a recipe: it holds no tensor, and no stage that has its weights."""
    if isinstance(value, tuple):
        return all(map(is_weightless, value))
    if isinstance(value, Composite | ChosenGraph):
        return all(map(is_weightless, value.stages))
    if isinstance(value, Pending):
        return all(map(is_weightless, (*value.tensors, *value.positional, *[item for _, item in value.named])))
    return is_weightless(value.stage) if isinstance(value, Named) else not isinstance(value, Value | Shared)


def leading_tensors(callee: OperatorName | BlockName, given: Sequence[Result]) -> tuple[list[Result], list[Result]]:
    """The tensors that a call begins with, and the arguments after them."""
    wanted = callee.tensors
    if wanted is None and given and isinstance(given[0], tuple) and is_tensor(given[0]) and given[0]:
        return [given[0]], list(given[1:])
    count = 0
    limit = len(given) if wanted is None else min(wanted + callee.optional, len(given))
    while count < limit and is_tensor(given[count]) and (isinstance(callee, BlockName) or given[count] != ()):
        count += 1
    return list(given[:count]), list(given[count:])


def is_complete(pending: Pending, given: Sequence[Result]) -> bool:
    """Whether a call with these arguments lacks no tensor."""
    if pending.callee.tensors is None:
        listed = bool(given) and isinstance(given[0], tuple) and bool(pending.tensors)
        return listed or len(pending.tensors) > 1
    return pending.lacking <= 0


def lacking(stage: Stage) -> int:
    """How many tensors a stage lacks."""
    if isinstance(stage, Composite):
        return lacking(stage.stages[0])
    if isinstance(stage, Named | Shared):
        return lacking(stage.stage)
    return stage.lacking if isinstance(stage, Pending) else Pending(stage).lacking


def spare(stage: Stage) -> int:
    """How many tensors a stage may be given beyond those it lacks."""
    if isinstance(stage, Composite):
        return spare(stage.stages[0])
    if isinstance(stage, Named | Shared):
        return spare(stage.stage)
    return stage.callee.optional if isinstance(stage, Pending) else stage.optional


def with_tensors(stage: Stage, tensors: tuple[Result, ...]) -> Stage:
    """The stage with its last tensors given."""
    if isinstance(stage, Pending):
        given = (*tensors, *stage.tensors)
        return Pending(stage.callee, given, stage.positional, stage.named, stage.span, stage.places)
    if isinstance(stage, Composite):
        return Composite((with_tensors(stage.stages[0], tensors), *stage.stages[1:]))
    if isinstance(stage, Named):
        return Named(with_tensors(stage.stage, tensors), stage.label)
    if isinstance(stage, Shared):
        return Shared(with_tensors(stage.stage, tensors), stage.at, stage.key, stage.home, stage.label)
    return Pending(stage, tensors)
