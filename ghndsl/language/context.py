"""The call that elaboration stands in goes in; the paths of its parts, and refusals with the calls to it, come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from ghndsl.diagnostics import Diagnostic, Mark, Span
from ghndsl.ir import Scope, Value
from ghndsl.language.modules import Module
from ghndsl.language.values import At, Result, join, short
from ghndsl.types import DType


class RefusalError(Exception):
    """A statement cannot be elaborated; the diagnostic is complete."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


class PoisonedError(Exception):
    """A value was refused before; whatever needs it is passed over in silence."""


@dataclass
class Turn:
    """One turn of a loop: its number from zero, and its variables."""

    number: int
    names: tuple[str, ...]
    values: tuple[Result, ...]

    @cached_property
    def variables(self) -> tuple[tuple[str, str], ...]:
        """The variables as text."""
        return tuple([(name, short(value)) for name, value in zip(self.names, self.values, strict=True)])


@dataclass
class Frame:
    """One call of a definition: its names, and the numbers that its unlabelled parts take."""

    module: Module
    scope: Scope
    at: At
    names: dict[str, Result] = field(default_factory=dict[str, Result])
    turns: list[Turn] = field(default_factory=list[Turn])
    numbered: int = 0
    calls: dict[str, int] = field(default_factory=dict[str, int])
    result: Result = None

    @property
    def loops(self) -> tuple[tuple[str, str], ...]:
        """The loop variables here, outermost first."""
        return tuple(variable for turn in self.turns for variable in turn.variables)

    @property
    def choices(self) -> str:
        """The path of choices made here: labels, then the numbers of the loop turns."""
        return join(self.at.choices, *(str(turn.number) for turn in self.turns))

    def next_operator(self) -> str:
        """The path of the next unlabelled operator."""
        self.numbered += 1
        return join(self.at.path, str(self.numbered - 1))

    def next_block(self, name: str) -> At:
        """The place of the next unlabelled block: numbered for weights, named for choices."""
        base = join(self.choices, name)
        again = self.calls.get(base, 0)
        self.calls[base] = again + 1
        return At(self.next_operator(), f"{base}_{again}" if again else base)


def refusal(
    frame: Frame | None,
    code: str,
    message: str,
    span: Span | None,
    marks: Sequence[tuple[Span, Result]] = (),
    help: str | None = None,  # noqa: A002
) -> RefusalError:
    """A refusal at a place, with the shapes of the tensors it is about and the chain of calls that led there."""
    types = {str(kind) for _, value in marks for kind in _element_types(value)}
    usual = "f32" if types == {"f32"} else ""
    shown = tuple([Mark(place, _shape(value, usual)) for place, value in marks if _shape(value, usual)])
    notes = tuple(calls_to(frame.scope, frame.loops)) if frame else ()
    return RefusalError(Diagnostic(code, message, span, shown, notes, help))


def _element_types(value: Result) -> Iterator[DType]:
    if isinstance(value, Value):
        yield value.type.dtype
    for item in value if isinstance(value, tuple) else ():
        yield from _element_types(item)


def _shape(value: Result, usual: str) -> str:
    """The shapes of the tensors in a value; the element type is left out where all have the usual one."""
    if isinstance(value, Value):
        return str(value.type).removeprefix(usual)
    if isinstance(value, tuple) and value and len(value) <= _MOST_SHAPES:
        return ", ".join(filter(None, [_shape(item, usual) for item in value]))
    return ""


_MOST_SHAPES = 4


def calls_to(scope: Scope, loops: Sequence[tuple[str, str]]) -> list[str]:
    """The calls that led to a place in a scope, the last first, and the loop variables there and at each call."""
    notes: list[str] = []
    if loops:
        notes.append(f"with {_variables(loops)}")
    for outer in scope.chain():
        if outer.span is not None:
            where = f" ({_variables(outer.loops)})" if outer.loops else ""
            notes.append(f"in {outer.name}, called at {outer.span}{where}")
    notes = _repeated(notes)
    if len(notes) > _MOST_CALLS:
        hidden = len(notes) - _MOST_CALLS
        notes = [*notes[: _MOST_CALLS - 2], f"({hidden} more calls)", *notes[-2:]]
    return notes


def _repeated(notes: Sequence[str]) -> list[str]:
    """Notes that are equal and follow each other as one.

    >>> _repeated(["in B", "in B", "in A"])
    ['in B (2 times)', 'in A']
    """
    counted = [(note, len(list(alike))) for note, alike in groupby(notes)]
    return [note if count == 1 else f"{note} ({count} times)" for note, count in counted]


_MOST_CALLS = 8


def _variables(loops: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in loops)
