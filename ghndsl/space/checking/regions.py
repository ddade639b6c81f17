"""Choices that are made and choices that are not go in; whether a further one agrees with them comes out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias

from ghndsl.diagnostics import Diagnostic
from ghndsl.records import record

Choice: TypeAlias = tuple[str, str]
"""A path, and what is chosen there as a candidate's line shows it."""


@record
class Region:
    """The candidates that make some choices, by path, and do not make others.

    >>> region = Region({"k": "3"}, frozenset([("act", "relu")]))
    >>> region.allows("k", "5"), region.allows("act", "gelu"), region.allows("depth", "2")
    (False, True, True)
    >>> sorted(Region({"Cell.a.op": "relu"}).prefixes)
    ['Cell', 'Cell.a']
    """

    made: Mapping[str, str]
    shunned: frozenset[Choice] = frozenset()

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths that it says something of."""
        return frozenset(self.made) | {path for path, _ in self.shunned}

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """What stands before the dots of these paths: the labels, blocks and motifs that they are in."""
        parts = [path.split(".")[:-1] for path in self.paths]
        return frozenset(".".join(names[: count + 1]) for names in parts for count in range(len(names)))

    def allows(self, path: str, shown: str) -> bool:
        """Whether a choice agrees with it."""
        return self.made.get(path, shown) == shown and (path, shown) not in self.shunned


@record
class Way:
    """The choices of a way up to the fault that it comes by, and that fault."""

    choices: tuple[Choice, ...]
    fault: Diagnostic | None
