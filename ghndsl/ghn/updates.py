"""Edges between rows go in; the updates along them, those of one level at once, come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

Indices: TypeAlias = npt.NDArray[np.intp]


Rows: TypeAlias = slice | Indices
"""Rows of an array: a slice where they are neighbours, which numpy finds faster."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of rows: result `i` is the sum of `rows[starts[i]:starts[i + 1]]`; of one row each when `starts` is None."""

    rows: Indices
    starts: Indices | None

    def of(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """The sums of rows of `values`.

        >>> Sums(np.array([0, 1, 1]), np.array([0, 2])).of(np.array([[1.0], [10.0]])).tolist()
        [[11.0], [10.0]]
        """
        taken = values.take(self.rows, 0)
        return taken if self.starts is None else np.add.reduceat(taken, self.starts, axis=0)

    def into(self, values: npt.NDArray[np.floating], out: npt.NDArray[np.floating]) -> None:
        """Writes the sums to `out`."""
        taken = values.take(self.rows, 0)
        if self.starts is None:
            out[:] = taken
        else:
            np.add.reduceat(taken, self.starts, axis=0, out=out)


@dataclass(frozen=True, eq=False)
class Shares(Sums):
    """Sums over paths: each row has two halves, the first for edges and the second for longer paths.

    Half rows are numbered through: row `i` has `2 i` and `2 i + 1`. Each counts one over the path's length; the result
    has two halves likewise, one of which may be the sum of nothing.
    """

    starts: Indices
    lengths: Indices

    def of(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """The sums of half rows of `values`, `[rows, 2 n]`.

        >>> paths = Shares(np.array([2, 1]), np.array([0, 1]), np.array([1, 4]))
        >>> paths.of(np.array([[1.0, 2.0], [10.0, 20.0]])).tolist()
        [[10.0, 0.5]]
        """
        halves = torch.from_numpy(values.reshape(2 * len(values), -1))
        shares = torch.from_numpy(self.lengths).to(halves.dtype).reciprocal()
        rows, starts = torch.from_numpy(self.rows), torch.from_numpy(self.starts)
        # A bag takes, multiplies and adds at once: numpy needs several times as long for many rows.
        found: torch.Tensor = torch.embedding_bag(halves, rows, starts, per_sample_weights=shares)[0]
        return found.numpy().reshape(-1, values.shape[1])

    def into(self, values: npt.NDArray[np.floating], out: npt.NDArray[np.floating]) -> None:
        out[:] = self.of(values)


@dataclass(frozen=True, eq=False)
class Update:
    """`nodes` of one level take messages, the sums `heard` of rows of all nodes.

    On the way back `speakers`, the nodes heard, take the gradients `answers`, sums of rows of the updated nodes.
    """

    count: int
    nodes: Rows
    heard: Sums
    speakers: Rows
    answers: Sums

    def __len__(self) -> int:
        return self.count


def updates(level: Indices, source: Indices, target: Indices, length: Indices | None = None) -> list[Update]:
    """One update for each level in which someone hears, in the order of the levels.

    `level` is that of each edge's target. With `length` edges are paths of that length, summed as `Shares`.
    """
    far = np.zeros_like(source) if length is None else (length > 1).astype(np.intp)
    heard = _Table.of(level, target, source, far, length)
    answers = _Table.of(heard.level, heard.row, heard.place, heard.far, heard.length)
    levels = zip(heard.each(), answers.each(), strict=True)
    return [Update(len(nodes), _rows(nodes), sums, _rows(keys), back) for (nodes, sums), (keys, back) in levels]


class _Table(NamedTuple):
    """What goes from rows to keys, sorted by level, key, near before far, and row.

    `first` says where a key begins, `begins` where a level begins, `groups` which key a level begins with; `place` is
    the number of an entry's key within its level.
    """

    level: Indices
    key: Indices
    row: Indices
    far: Indices
    length: Indices | None
    first: Indices
    begins: Indices
    groups: Indices
    place: Indices

    @staticmethod
    def of(level: Indices, key: Indices, row: Indices, far: Indices, length: Indices | None) -> _Table:
        order = np.lexsort((row, 2 * key + far, level))
        level, key = level[order], key[order]
        new_level = np.diff(level, prepend=-1) != 0
        new_key = new_level | (np.diff(key, prepend=-1) != 0)
        first, begins = np.flatnonzero(new_key), np.flatnonzero(new_level)
        groups = np.searchsorted(first, begins)
        place = np.cumsum(new_key) - 1 - groups[np.cumsum(new_level) - 1]
        ordered = None if length is None else length[order]
        return _Table(level, key, row[order], far[order], ordered, first, begins, groups, place)

    def each(self) -> Iterator[tuple[Indices, Sums]]:
        """For each level its keys, and the sums for them."""
        keys, parts = self.key[self.first], 1 if self.length is None else 2
        rows = parts * self.row + self.far
        starts = self._starts()
        ends = pairwise([*self.begins.tolist(), len(rows)]), pairwise([*self.groups.tolist(), len(keys)])
        for (start, stop), (begin, end) in zip(*ends, strict=True):
            part = starts[parts * begin : parts * end]
            if self.length is not None:
                yield keys[begin:end], Shares(rows[start:stop], part, self.length[start:stop])
                continue
            yield keys[begin:end], Sums(rows[start:stop], None if stop - start == end - begin else part)

    def _starts(self) -> Indices:
        """Where each key's entries begin, counted from the first of its level; for paths, those of both halves."""
        before: Indices = np.repeat(self.begins, np.diff(self.groups, append=len(self.first)))
        start: Indices = self.first - before
        if self.length is None or not len(start):
            return start
        near: Indices = np.add.reduceat(1 - self.far, self.first)
        return np.stack([start, start + near], 1).ravel()


def _rows(keys: Indices) -> Rows:
    """Rows in rising order."""
    first, last = int(keys[0]), int(keys[-1])
    return slice(first, last + 1) if last - first == len(keys) - 1 else keys
