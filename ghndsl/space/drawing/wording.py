"""A `choose` goes in; the words of its heading and of its options come out."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from ghndsl.emit.outline.words import shortened
from ghndsl.language import tree
from ghndsl.language.choices import Domain, Options, union
from ghndsl.language.graph_choices import GraphDomain
from ghndsl.language.writer import write_expression
from ghndsl.records import record
from ghndsl.space.drawing.asked import Asked
from ghndsl.space.rows import patterns

_MOST, _MOST_SHORT = 12, 8
"""How many options of a choice are told, and how many short ones."""
_SHORT, _LONG = 6, 32
"""How long short options are, and how long the lines of a branch."""
_LINES = 2
_DOTS = "…"


@record
class Told:
    """What a box says of an option: its name, what the text has for it in lines, and the branch, where it is one."""

    name: str
    body: tuple[str, ...] = ()
    branch: tree.Branch | None = None

    @property
    def width(self) -> int:
        """About how many characters wide it is; the body is in a smaller size."""
        return max(len(self.name), *[len(line) * 5 // 6 for line in self.body], 1)


def options_of(asked: Asked) -> list[Told]:
    r"""The options of a choice; of many the first ones and the last.

    >>> import ghndsl
    >>> from ghndsl.space.drawing.asked import chapters
    >>> text = "space s() { choose k from 1..40\n input x: f32[N, 4]\n output y = x -> linear(k) }"
    >>> (choice,) = chapters(ghndsl.loads_space(text))[0].asked()
    >>> [told.name for told in options_of(choice)]
    ['1', '2', '3', '4', '5', '6', '…', '40']
    """
    branches = asked.node.branches
    if branches is not None:
        found = [Told(shortened(one.label, _LONG), _body(one.value), one) for one in branches]
    else:
        found = [Told(shortened(text, _LONG)) for text in asked.domain.options]
    most = _MOST if any(told.width > _SHORT for told in found) else _MOST_SHORT
    return found if len(found) <= most else [*found[: most - 2], Told(_DOTS), found[-1]]


def _body(value: tree.Expression) -> tuple[str, ...]:
    lines = textwrap.wrap(write_expression(value), _LONG, break_on_hyphens=False)
    if len(lines) <= _LINES:
        return tuple(lines)
    return (*lines[: _LINES - 1], shortened(f"{lines[_LINES - 1]} {_DOTS}", _LONG))


def place_of(asked: Asked, definition: tree.Definition) -> str:
    """Where choices are made, nothing where that goes without saying."""
    name = "_".join(one.id for one in asked.node.names)
    first, *others = patterns(asked.paths)
    more = f" and {len(others)} more" if others else ""
    return "" if not others and first in (name, f"{definition.name}.{name}") else f"{shortened(first)}{more}"


def kind(domains: Sequence[Domain], *, is_tied: bool = False) -> str:
    """What kind of choice one is, and from how many where not all choices of a statement have the same options.

    >>> kind([Options(("3", "5"))]), kind([Options(("0", "1"), 1, 2), Options(("0", "1", "2"), 1, 2)])
    ('one of', '1..2 of 2 to 3')
    >>> kind([Options(("3", "5")), Options(("5", "7"))])
    'one of 2'
    """
    first = domains[0]
    if isinstance(first, GraphDomain):
        return "a graph"
    sizes = {len(domain.options) for domain in domains}
    least, most = min(sizes), max(sizes)
    is_told = most > _MOST_SHORT or most < len(union(domains).options)
    amount = f" {least} to {most}" if least < most else f" {most:,}" if is_told else ""
    if not isinstance(first, Options) or first.low is None:
        return f"{'tied, ' if is_tied else ''}one of{amount}"
    return f"{first.low}{'' if first.low == first.high else f'..{first.high}'} of{amount}"


def details(asked: Asked) -> tuple[str, ...]:
    """Of which graphs a choice is one, and how many they are; whether earlier choices say what it may be."""
    domain = asked.domain
    family = (str(domain.dags.family), domain.dags.amount) if isinstance(domain, GraphDomain) else ()
    return (*family, "depending on earlier choices") if asked.depends else family
