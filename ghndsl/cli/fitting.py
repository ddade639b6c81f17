"""A table's labels and operators go in, and the room for them; they come out, shortened where they are too wide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_GAP = 2
_LEAST = 12
"""The characters that a label or an operator is left with, however narrow the terminal is."""
_DIFFER = ", differ"


@dataclass(frozen=True)
class Called:
    """What is in a row, before and after where two networks are compared, and what is said of it whatever the room."""

    names: tuple[str, ...]
    behind: str = ""
    front: str = ""
    remark: str = ""

    def __str__(self) -> str:
        return f"{self.front}{' → '.join(self.names)}{self.behind}{self.remark}"

    def within(self, width: int) -> str:
        """All of it if there is room, else without what two operators have in common, else without their ends."""
        if len(str(self)) <= width:
            return str(self)
        names = differing(*self.names) if len(self.names) == 2 else self.names
        if names != self.names and len(str(one := Called(names, self.behind, self.front))) <= width:
            return str(one)
        left = width - len(self.behind) - len(" → ") * (len(names) - 1)
        if self.remark:
            told = min(sum(map(len, names)), _LEAST)
            remark = next((one for one in (self.remark, _DIFFER) if told + len(one) <= left), "")
            return str(Called(_shares(names, left - len(remark)), self.behind, "", remark))
        front = self.front if len(self.front) + sum(map(len, names)) <= left else ""
        return str(Called(_shares(names, left - len(front)), self.behind, front))


def _shares(names: Sequence[str], room: int) -> tuple[str, ...]:
    """The names, the longer ones cut so that all have room."""
    from ghndsl.emit.outline.words import shortened

    if sum(map(len, names)) <= room:
        return tuple(names)
    each = max(_LEAST // 3, room // len(names))
    spare = sum(max(0, each - len(name)) for name in names)
    return tuple(name if len(name) <= each else shortened(name, each + spare) for name in names)


def differing(before: str, after: str) -> tuple[str, ...]:
    """Two calls of one operator as one with the arguments that differ, dots for all the others.

    >>> differing("conv(64, 1, bias=false)", "conv(128, 1, bias=false)"), differing("relu", "gelu")
    (('conv(64 → 128, …)',), ('relu', 'gelu'))
    """
    (one, mine), (other, yours) = _call(before), _call(after)
    if one != other:
        return before, after
    gone, new = ([word for word in two if word not in rest] for two, rest in ((mine, yours), (yours, mine)))
    if not gone or not new:
        return before, after
    others = ", …" if len(gone) < len(mine) else ""
    return (f"{one}({', '.join(gone)} → {', '.join(new)}{others})",)


def _call(text: str) -> tuple[str, list[str]]:
    """An operator's name and its arguments."""
    name, _, rest = text.removesuffix(")").partition("(")
    arguments, depth = [""] if rest else list[str](), 0
    for char in rest:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += char
    return name, [argument.strip() for argument in arguments]


def label(path: str, width: int) -> str:
    """A path, without as many of its first names as there is no room for; its indentation stays.

    >>> label("  blocks.0.layers.window_attention", 24), label("layer3.1 – 35", 10)
    ('  ….window_attention', '….1 – 35')
    >>> label("blocks.0.layers.conv – 2.layers.1.grid", 16)
    '….conv – ….grid'
    """
    if len(path) <= width:
        return path
    words = path.lstrip(" ")
    indent = path[: len(path) - len(words)]
    first, dash, last = words.partition(" – ")
    ends = [first, last]
    while len(indent + ends[0] + dash + ends[1]) > width and any("." in end.removeprefix("….") for end in ends):
        longer = max((0, 1), key=lambda at: ("." in ends[at].removeprefix("….")) * len(ends[at]))
        ends[longer] = f"….{ends[longer].removeprefix('….').partition('.')[2]}"
    return indent + ends[0] + dash + ends[1]


def merged(types: str) -> str:
    """Two types of as many dimensions as one, which says where they differ.

    >>> merged("f32[N, 32, 8] → f32[N, 16, 8]"), merged("f32[N] → f32[N, 3]"), merged("f32[N]")
    ('f32[N, 32 → 16, 8]', 'f32[N] → f32[N, 3]', 'f32[N]')
    """
    one, arrow, other = types.partition(" → ")
    old, new = one.split(", "), other.split(", ")
    if not arrow or len(old) != len(new) or len(old) < 2 or old[0] != new[0]:
        return types
    pairs = [*zip(old[:-1], new[:-1], strict=True), (old[-1].removesuffix("]"), new[-1].removesuffix("]"))]
    return ", ".join(before if before == after else f"{before} → {after}" for before, after in pairs) + "]"


@dataclass(frozen=True)
class Sheet:
    """Rows of a label, an operator and further cells, above the last of which these heads stand."""

    rows: tuple[tuple[str, Called, tuple[str, ...]], ...]
    heads: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How wide the table is with all that is in its rows."""
        return sum(self._widths) + self._others if self.rows else 0

    def spare(self, columns: int) -> int:
        """How many of the columns are left for labels and operators."""
        return columns - self._others if self.rows else columns

    def fitted(self, columns: int) -> list[tuple[str, str]]:
        """The labels and operators of the rows, shortened as the cells beside them demand."""
        if self.width <= columns:
            return [(path, str(called)) for path, called, _ in self.rows]
        room = self.spare(columns)
        labels, names = self._widths
        wide = max(_LEAST, min(labels, max(room // 2, room - names)))
        paths = [label(path, wide) for path, _, _ in self.rows]
        left = max(_LEAST, room - _GAP - max(map(len, paths)))
        return [(path, called.within(left)) for path, (_, called, _) in zip(paths, self.rows, strict=True)]

    @property
    def _widths(self) -> tuple[int, int]:
        return max(len(row[0]) for row in self.rows), max(len(str(row[1])) for row in self.rows) + _GAP

    @property
    def _others(self) -> int:
        """The width of all columns but the first two."""
        sizes = [max(map(len, cells)) for cells in zip(*(row[2] for row in self.rows), strict=True)]
        least = [0] * (len(sizes) - len(self.heads)) + [len(head) for head in self.heads]
        return sum(max(size, head) + _GAP for size, head in zip(sizes, least, strict=True) if size)
