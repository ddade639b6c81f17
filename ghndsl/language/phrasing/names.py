"""Values and the places of their last uses go in; names come out, given again when what had them is not needed more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain, count

from ghndsl.language.refold.words import RESERVED

_LETTERS = ("x", "y", "z", "u", "v", "w")
ALWAYS = 2**60
"""Later than any item: a name with a value that is needed until then is not given again."""


class Names:
    """The names of the values of one body. `last` tells the last item that needs a value; `taken` are no names."""

    def __init__(self, last: Mapping[int, int], taken: Collection[str]) -> None:
        self.last = last
        self.taken = taken
        self.of: dict[int, str] = {}
        self._holder: dict[str, int] = {}

    def give(self, value: int, name: str) -> str:
        """Gives a value a name."""
        self.of[value] = name
        if not name.startswith("_"):
            self._holder[name] = value
        return name

    def is_free(self, name: str, at: int) -> bool:
        """Whether a name may be given to what item `at` makes."""
        is_name = name.isidentifier() and not name.startswith("_") and name not in RESERVED
        return is_name and name not in self.taken and self.is_over(name, at)

    def is_over(self, name: str, at: int) -> bool:
        """Whether what had a name is not needed after item `at`."""
        return name not in self._holder or self.last.get(self._holder[name], -1) <= at

    def new(self, at: int, wishes: Iterable[str] = (), avoided: Collection[str] = ()) -> str:
        """The first name that is free, of those wished for or of all."""
        numbered = (f"{letter}{number}" for number in count(1) for letter in _LETTERS)
        names = chain(wishes, _LETTERS, numbered)
        return next(name for name in names if name not in avoided and self.is_free(name, at))

    def needed_after(self, at: int) -> set[str]:
        """The names of values that are needed after an item."""
        return {name for name, value in self._holder.items() if self.last.get(value, -1) > at}
