"""A symbolic size and the types of the tensors at hand go in; the Python that tells it from their shapes comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghndsl.emit.source.pieces import Axis, Piece, Text
from ghndsl.types import Dim, SymbolicSize, TensorType, symbol
from ghndsl.types.dims import Floor

_LETTERS = {1: "c", 2: "nc", 3: "ntd", 4: "nchw", 5: "ncdhw"}


class UntoldSizeError(Exception):
    """No shape at hand tells the size."""


def size_text(size: Dim, types: Sequence[TensorType]) -> Text:
    """How a size is computed from the shapes of tensors; raises `UntoldSizeError` where it does not follow from them.

    >>> from ghndsl.emit.source.pieces import Names, written
    >>> n, h = symbol("N"), symbol("H")
    >>> names = Names(str, lambda axis: axis.stem, str, str)
    >>> written(size_text(n * h + 1, [TensorType((n, 3, 16 * h, 5))]), names)
    '((h // 16) * n + 1)'
    """
    if isinstance(size, int):
        return Text((str(size),))
    for found, axis in _axes(types):
        if found == size:
            return Text((axis,))
    pieces: list[Piece] = []
    for monomial, factor in size.terms:
        sign = " - " if factor < 0 else " + " if pieces else ""
        pieces += [sign, *_term(monomial, abs(factor), types)]
    return Text(("(", *pieces, ")"))


def _axes(types: Sequence[TensorType]) -> Iterator[tuple[SymbolicSize, Axis]]:
    for tensor, kind in enumerate(types):
        for axis, size in enumerate(kind.shape):
            if isinstance(size, SymbolicSize):
                yield size, Axis(tensor, axis, _stem(size, axis, kind.rank))


def _stem(size: SymbolicSize, axis: int, rank: int) -> str:
    name = str(size)
    if size == symbol(name):
        return name.lower()
    letters = _LETTERS.get(rank)
    return letters[axis] if letters else f"size{axis}"


def _term(monomial: Sequence[str | Floor], factor: int, types: Sequence[TensorType]) -> list[Piece]:
    if not monomial:
        return [str(factor)]
    before: list[Piece] = [f"{factor} * "] if factor != 1 else []
    whole = _solved(SymbolicSize(((tuple(monomial), 1),)), types)
    if whole is not None:
        return [*before, *whole]
    found: list[Piece] = []
    for atom in monomial:
        found += [" * "] if found else []
        found += _atom(atom, types)
    return [*before, *found]


def _atom(atom: str | Floor, types: Sequence[TensorType]) -> list[Piece]:
    solved = _solved(SymbolicSize((((atom,), 1),)), types)
    if solved is not None:
        return solved
    if isinstance(atom, str):
        raise UntoldSizeError(atom)
    return ["(", size_text(atom.dividend, types), " // ", size_text(atom.divisor, types), ")"]


def _solved(wanted: SymbolicSize, types: Sequence[TensorType]) -> list[Piece] | None:
    """A product of names from a size k * product + c."""
    for size, axis in _axes(types):
        rest = sum(factor for monomial, factor in size.terms if not monomial)
        terms = [(monomial, factor) for monomial, factor in size.terms if monomial]
        if len(terms) == 1 and terms[0][0] == wanted.terms[0][0] and terms[0][1] > 0:
            shifted: list[Piece] = ["(", axis, f" - {rest})"] if rest else [axis]
            return shifted if terms[0][1] == 1 else ["(", *shifted, f" // {terms[0][1]})"]
    return None
