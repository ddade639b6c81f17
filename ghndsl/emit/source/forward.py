"""The steps of a module go in; the statements of its `forward` come out, each on one line."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ghndsl.emit.source.axes import named_axes, shape_lines
from ghndsl.emit.source.helping import defined
from ghndsl.emit.source.members import is_attribute
from ghndsl.emit.source.merging import Merged, merged
from ghndsl.emit.source.naming import RESERVED
from ghndsl.emit.source.pieces import Axis, Names, Text, quoted, written
from ghndsl.emit.source.steps import Loop, Step, Steps

POOL = ("x", "y", "z", "u", "v", "w")
_RESULTS = {"lstm": ("y", "h", "c"), "gru": ("y", "h"), "lstm_cell": ("h", "c")}


@dataclass(frozen=True)
class Forward:
    """What a `forward` is told: the names of its inputs and of its outputs, where these are a dictionary.

    `taken` are names that mean something around it; all inputs but the first are to stay as they are if it `repeats`.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...] | None = None
    taken: frozenset[str] = frozenset()
    repeats: bool = False


@dataclass
class _Variables:
    """The names that values have, and what is known of the names."""

    names: dict[int, str]
    live: set[int]
    typed: dict[str, int | None] = field(default_factory=dict[str, "int | None"])
    """The line in which a name is first given, None where its type is told there."""
    untyped: set[str] = field(default_factory=set[str])
    """Names first given among others, where no type can be told."""


class Writer:
    """Writes one `forward`."""

    def __init__(self, steps: Steps, told: Forward) -> None:
        self.steps = steps
        self.told = told
        self.merged: Merged = merged(steps, may_return=told.outputs is None)
        self.known = _Variables(dict(enumerate(told.inputs)), set(range(len(told.inputs))))
        self.known.typed.update(dict.fromkeys(told.inputs))
        self.axes: dict[Axis, str] = {}
        self.found: list[tuple[int, str]] = []

    def lines(self) -> list[tuple[int, str]]:
        """The statements, each with how many loops it is in."""
        results = [self.merged.resolved(value) for value in self.steps.results]
        last = self._last_reads(results)
        self.axes = named_axes(self._texts(), {*RESERVED, *defined(), *self.told.inputs, *self.told.taken})
        self.found += [(0, line) for line in shape_lines(self.axes, self.known.names)]
        for at, step in enumerate(self.merged.steps):
            self._write(step, at, last)
        self._write_return(results)
        return self.found

    def _last_reads(self, results: Sequence[int]) -> dict[int, int]:
        """For each value the number of the last statement that reads it."""
        last: dict[int, int] = {}
        for at, step in enumerate(self.merged.steps):
            last.update(dict.fromkeys(self.merged.reads(step.text), at))
        end = len(self.merged.steps)
        for value in results:
            inner = self.merged.inlined.get(value)
            last.update(dict.fromkeys([value] if inner is None else self.merged.reads(inner.text), end))
        if self.told.repeats:
            last.update(dict.fromkeys(range(1, self.steps.inputs), end))
        return last

    def _texts(self) -> list[Text]:
        return [step.text for step in (*self.merged.steps, *self.merged.inlined.values())]

    # Statements

    def _write(self, step: Step, at: int, last: dict[int, int]) -> None:
        reads = list(self.merged.reads(step.text))
        text = "" if isinstance(step, Loop) else self._text(step.text)
        given = [self._value(value) for value in reads] if isinstance(step, Loop) else []
        over = [value for value in reads if last[value] == at]
        free = [self.known.names[value] for value in over if self.known.names[value] in POOL]
        self.known.live.difference_update(over)
        if isinstance(step, Loop):
            self._write_loop(step, given, free, last)
            return
        names = self._result_names(step, free, last, at)
        if len(names) == 1 and not is_several(step):
            self._assign(names[0], text, is_any=self.merged.is_any(step))
            return
        if len(self.steps.results) == 1 and (name := self._result_name()) in names:
            self.found.append((0, f"{name}: Tensor"))
            self.known.typed[name] = None
        targets = step.unpacking.format(*names) if step.unpacking else ", ".join(names)
        self.found.append((0, f"{targets}{',' * (len(names) == 1 and not step.unpacking)} = {text}"))
        self.known.untyped.update(name for name in names if name not in self.known.typed)

    def _assign(self, name: str, text: str, *, is_any: bool) -> None:
        is_new = name not in self.known.typed and name not in self.known.untyped
        if is_new:
            self.known.typed[name] = None if is_any else len(self.found)
        self.found.append((0, f"{name}{': Tensor' if is_new and is_any else ''} = {text}"))

    def _write_loop(self, step: Loop, given: list[str], free: list[str], last: dict[int, int]) -> None:
        value = step.results[0]
        if given[0] in free:
            name = given[0]
            self.known.names[value] = name
            self.known.live.add(value)
        else:
            name = self._new(value, (), ())
            self._assign(name, given[0], is_any=False)
        self._tell(name)
        self.found.append((0, f"for layer in {step.over}:"))
        live = ({self.known.names[one] for one in self.known.live} | set(self.axes.values())) - {name}
        inner = Forward((name, *given[1:]), taken=frozenset(live), repeats=True)
        for depth, line in Writer(step.body, inner).lines():
            text = f"{name} = {line.removeprefix('return ')}" if line.startswith("return ") else line
            if text != f"{name} = {name}":
                self.found.append((depth + 1, text))

    def _write_return(self, results: Sequence[int]) -> None:
        texts = [self._value(value) for value in results]
        if self.told.outputs is not None:
            pairs = [f"{quoted(name)}: {text}" for name, text in zip(self.told.outputs, texts, strict=True)]
            self.found.append((0, f"return {{{', '.join(pairs)}}}"))
            return
        if len(results) == 1 and results[0] not in self.merged.inlined:
            self._tell(texts[0])
        self.found.append((0, f"return {', '.join(texts)}"))

    def _tell(self, name: str) -> None:
        """Tells the type of a name where it is first given: else it has that of what it was given last, any at all."""
        line = self.known.typed.get(name)
        if line is not None:
            depth, text = self.found[line]
            self.found[line] = (depth, text.replace(f"{name} = ", f"{name}: Tensor = ", 1))
            self.known.typed[name] = None

    # Names

    def _result_name(self) -> str:
        """The name of the only result, once it has one."""
        return self.known.names.get(self.merged.resolved(self.steps.results[0]), "")

    def _result_names(self, step: Step, free: list[str], last: dict[int, int], at: int) -> list[str]:
        wished = list(_RESULTS.get(step.word, ()))
        if step.word == "split" and len(step.results) == 3:
            wished = ["q", "k", "v"]
        is_kept = len(step.results) == 1 and last.get(step.results[0], 0) > at + 1
        if is_kept and step.called and _is_word(step.called[-1]):
            wished = [step.called[-1]]
        names: list[str] = []
        for place, value in enumerate(step.results):
            if value not in last:
                names.append("_")
                continue
            wish = wished[place : place + 1] if len(wished) == len(step.results) else free[:1]
            if len(step.results) == 1 and self.merged.resolved(value) == self.merged.resolved(self.steps.results[0]):
                wish = [name for name in wish if name not in self.known.untyped]
            names.append(self._new(value, wish, names))
        return names

    def _new(self, value: int, wished: Sequence[str], beside: Collection[str]) -> str:
        live = {self.known.names[one] for one in self.known.live} | set(self.axes.values()) | set(beside)
        more = (f"{stem}{number}" for number in range(2, 10_000) for stem in POOL)
        is_result = value in self.steps.results
        name = next(
            name
            for name in (*wished, *POOL, *more)
            if name not in live | self.told.taken and not (is_result and name in self.known.untyped)
        )
        self.known.names[value] = name
        self.known.live.add(value)
        return name

    # Texts

    def _text(self, text: Text) -> str:
        names = Names(self._value, lambda axis: self.axes[axis], lambda name: f"self.{name}", lambda turn: turn.stem)
        return written(text, names)

    def _value(self, value: int) -> str:
        value = self.merged.resolved(value)
        inner = self.merged.inlined.get(value)
        return self.known.names[value] if inner is None else self._text(inner.text)


def _is_word(name: str) -> bool:
    """Whether the name of a member may be that of what it gives."""
    means_more = name in RESERVED or name in defined() or hasattr(builtins, name)
    return is_attribute(name) and name.islower() and not means_more


def is_several(step: Step) -> bool:
    """Whether torch gives the results of a step as a tuple, one alone too."""
    return bool(step.unpacking) or step.word in ("split", "gru", "lstm_cell")
