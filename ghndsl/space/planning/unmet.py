"""What each `where` over choices was asked of goes in; those that no candidate met come out, with what that was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ghndsl.diagnostics import Diagnostic, Mark, Span
from ghndsl.language import tree
from ghndsl.language.values import Result, is_number

_MOST_SHOWN = 8
"""Values of a name that are shown, and `where`s that are marked."""


@dataclass
class Unmet:
    """The `where`s that were come to and never held; for each the names it reads, and the numbers these were."""

    _met: set[Span] = field(default_factory=set[Span])
    _read: dict[Span, dict[str, dict[int | float, None]]] = field(
        default_factory=dict[Span, dict[str, dict[int | float, None]]]
    )

    def saw(self, node: tree.Where, names: Mapping[str, Result], *, holds: bool) -> None:
        """Keeps how a `where` was answered once."""
        if node.span in self._met:
            return
        if holds:
            self._met.add(node.span)
            self._read.pop(node.span, None)
            return
        if node.span not in self._read:
            read = sorted({part.id for part in tree.walk(node.test) if isinstance(part, tree.Name)})
            self._read[node.span] = {name: {} for name in read}
        for name, values in self._read[node.span].items():
            value = names.get(name)
            if is_number(value) and len(values) <= _MOST_SHOWN:
                values[value] = None

    def refusal(self, name: str, place: Span) -> Diagnostic:
        """Says of a space that no candidate is left: at the first such `where`, or at `place` when each held for some.

        >>> from ghndsl.diagnostics import Source
        >>> source = Source("s.nas", "where k > 5")
        >>> test = tree.Where(Span(source, 0, 11), tree.Name(Span(source, 6, 7), "k"))
        >>> unmet = Unmet()
        >>> unmet.saw(test, {"k": 1}, holds=False)
        >>> unmet.saw(test, {"k": 3}, holds=False)
        >>> unmet.refusal("s", Span(source, 0, 0)).help
        'here `k` is 1 or 3'
        """
        message = f"no candidate of `{name}` meets every `where`"
        if not self._read:
            return Diagnostic("G303", message, place)
        first, *others = sorted(self._read, key=lambda span: (span.source.name, span.start))
        marks = tuple([Mark(span, "nor is this met") for span in others[:_MOST_SHOWN]])
        told = [_shown(word, list(values)) for word, values in self._read[first].items() if values]
        return Diagnostic("G303", message, first, marks, help=f"here {', '.join(told)}" if told else None)


def _shown(name: str, values: list[int | float]) -> str:
    words = [f"{value:,}" for value in values[:_MOST_SHOWN]]
    if len(values) > _MOST_SHOWN:
        return f"`{name}` is {', '.join(words)}, ..."
    return f"`{name}` is {' or '.join(filter(None, [', '.join(words[:-1]), words[-1]]))}"
