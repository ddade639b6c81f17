"""Types of tensors go in; what operators ask for when they are written comes out, and their words become a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import cast

from ghndsl.emit.source.pieces import Argument, Piece, Slot, Text
from ghndsl.emit.source.sizes import size_text
from ghndsl.language.refold.expressions import About, Literal
from ghndsl.ops import Operator, Static
from ghndsl.types import DType, SymbolicSize, TensorType

_MARK = re.compile("\x00(\\d+)\x00")


class Code:
    """What one body knows: the types of its inputs. `helpers` takes the names of what the file must hold."""

    training = "self.training"

    def __init__(self, types: Sequence[TensorType], helpers: set[str]) -> None:
        self.types = types
        self.helpers = helpers
        self.weights: dict[str, str] = {}
        self.pieces: list[Piece] = []

    def mark(self, piece: Piece) -> str:
        """What stands for a piece in the words of an operator."""
        self.pieces.append(piece)
        return f"\x00{len(self.pieces) - 1}\x00"

    def text(self, words: str) -> Text:
        """The words with their pieces in place."""
        parts = _MARK.split(words)
        found: list[Piece] = [self.pieces[int(part)] if place % 2 else part for place, part in enumerate(parts)]
        return Text(tuple(piece for piece in found if piece != ""))

    def value(self, name: str, value: object) -> str:
        if isinstance(value, SymbolicSize):
            return self.mark(size_text(value, self.types))
        if _is_symbolic(value):
            items = [self.value(name, item) for item in cast("tuple[object, ...]", value)]
            return f"({', '.join(items)}{',' * (len(items) == 1)})"
        return self.mark(Literal(cast("Static", value), About(_WORDS.get(name, name))))

    def values(self, name: str, values: Sequence[object]) -> str:
        return ", ".join([self.value(name, value) for value in values])

    def argument(self, name: str, value: object, default: object, *, positional: bool = False) -> str:
        if _is_symbolic(value):
            text = self.value(name, value)
            return f", {text}" if positional else f", {name}={text}"
        literal = Literal(cast("Static", value), About(_WORDS.get(name, name), default))
        return self.mark(Argument(name, literal, default, positional))

    def arguments(self, op: Operator, values: Mapping[str, object]) -> str:
        defaults = {one.name: one.default for one in fields(op)}
        words = ""
        positional = True
        for name, value in values.items():
            is_required = defaults.get(name, MISSING) is MISSING and name not in _NAMED
            positional = positional and is_required
            words += self.argument(name, value, defaults.get(name, MISSING), positional=positional)
        return words

    def weight(self, name: str) -> str:
        return self.weights[name]

    def dtype(self, word: str) -> str:
        return f"torch.{DType(word).torch_name}"

    def device(self) -> str:
        return f"{self.mark(Slot(0))}.device"

    def helper(self, name: str) -> str:
        self.helpers.add(name)
        return name


_WORDS = {"normalized_shape": "width", "num_features": "channels", "shape": "size"}
"""Everyday words for what a parameter of a class would be for."""
_NAMED = ("dim", "dims", "batch_first", "kdim", "vdim")
"""Arguments that say by name what they are."""


def _is_symbolic(value: object) -> bool:
    if isinstance(value, tuple):
        return any(map(_is_symbolic, cast("Iterable[object]", value)))
    return isinstance(value, SymbolicSize)
