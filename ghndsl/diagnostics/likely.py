"""A mistyped word and those that are known go in; the one that was likely meant comes out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

_LONGEST = 60
"""Matching takes time that grows with the square of the length, and nobody mistypes a word so long."""
_SHORT = 3
"""Words up to this length begin as the one that was meant does."""
_MOST_ALIKE = 2
"""When more words than these are equally near, none of them is likely."""


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A help line that names the one likely word, or None when none is likely.

    Likely is what differs in case or underscores alone, in one letter of three at most, or goes on where the word ends.

    >>> did_you_mean("batchnorm", ["batch_norm", "conv"]), did_you_mean("kernel", ["kernel_size", "stride"])
    ('did you mean `batch_norm`?', 'did you mean `kernel_size`?')
    >>> did_you_mean("gone", ["ones", "conv"]) is None
    True
    """
    if len(word) > _LONGEST:
        return None
    folded = {_folded(name): name for name in sorted(known, reverse=True)}
    likely = _nearest(_folded(word), folded)
    return f"did you mean `{folded[likely]}`?" if likely is not None else None


def _folded(word: str) -> str:
    return word.lower().replace("_", "")


def _nearest(word: str, known: Mapping[str, str]) -> str | None:
    if word in known:
        return word
    near = {name: distance(word, name) for name in difflib.get_close_matches(word, known, n=5, cutoff=0.6)}
    least = min(near.values(), default=len(word))
    best = [name for name, count in near.items() if count == least and (len(word) > _SHORT or name[0] == word[0])]
    if 3 * least <= len(word) and 0 < len(best) <= _MOST_ALIKE:
        return best[0]
    longer = [name for name in known if name.startswith(word) and (len(word) > _SHORT or len(name) == len(word) + 1)]
    return longer[0] if len(longer) == 1 and len(word) > 1 else None


def distance(one: str, other: str) -> int:
    """The letters to insert, leave out, change or swap with the next to turn one word into another.

    >>> distance("rleu", "relu"), distance("widht", "width"), distance("gone", "ones")
    (1, 1, 2)
    """
    before, last = list[int](), list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        row = [i]
        for j, right in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]
