"""A space goes in; its `choose` statements come out, in the definitions, loops and conditions that they stand in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.language import tree
from ghndsl.language.choices import Domain, union
from ghndsl.language.modules import Module
from ghndsl.language.writer import write_expression
from ghndsl.records import record
from ghndsl.space.space import Space


@record
class Asked:
    """A `choose` that some candidate reaches: the paths of the choices that it makes, and all that one may be.

    With `depends` earlier choices say which of the domains one of them has.
    """

    node: tree.Choose
    paths: tuple[str, ...]
    domains: tuple[Domain, ...]
    depends: bool

    @property
    def domain(self) -> Domain:
        """What any of them may be."""
        return union(self.domains)


@record
class Section:
    """What stands in a loop, or under a condition."""

    heading: str
    span: Span
    parts: tuple[Part, ...]


Part: TypeAlias = Asked | Section | tree.Where


@record
class Chapter:
    """A definition with choices in it: its own ones, and the conditions on them."""

    definition: tree.Definition
    module: Module
    parts: tuple[Part, ...]

    def asked(self) -> Iterator[Asked]:
        """Its own choices, in the order of the text."""
        yield from _asked(self.parts)


def _asked(parts: Sequence[Part]) -> Iterator[Asked]:
    for part in parts:
        if isinstance(part, Asked):
            yield part
        elif isinstance(part, Section):
            yield from _asked(part.parts)


def chapters(space: Space) -> list[Chapter]:
    """The space itself, then every definition with choices of its own and every motif with some below, as they are met.

    >>> import ghndsl
    >>> [chapter.definition.name for chapter in chapters(ghndsl.load_space("nasbench201"))]
    ['NASBench201', 'Cell', 'Op']
    """
    statements = _statements(space)
    found = [
        Chapter(one, module, _parts(one.body, statements)) for one, module in reached(space.definition, space.module)
    ]
    own = {chapter.definition.name_span for chapter in found if any(chapter.asked())}
    return [one for one in found if one.definition is space.definition or _is_told(one, own)]


def _is_told(chapter: Chapter, own: set[Span]) -> bool:
    definition = chapter.definition
    if definition.name_span in own:
        return True
    below = reached(definition, chapter.module)
    return definition.kind == "motif" and any(one.name_span in own for one, _ in below)


def reached(
    root: tree.Syntax, module: Module, closed: frozenset[Span] = frozenset()
) -> list[tuple[tree.Definition, Module]]:
    """The definitions that a piece of text names, itself first if it is one, and those that these name, in that order.

    What those whose names stand at the `closed` places name is not followed.
    """
    found: dict[Span, tuple[tree.Definition, Module]] = {}
    waiting: deque[tuple[tree.Syntax, Module]] = deque([(root, module)])
    while waiting:
        item, home = waiting.popleft()
        if isinstance(item, tree.Definition):
            if item.name_span in found:
                continue
            found[item.name_span] = item, home
            if item.name_span in closed:
                continue
        names = dict.fromkeys(part.id for part in tree.walk(item) if isinstance(part, tree.Name))
        waiting += [one for one in map(home.find, names) if one]
    return list(found.values())


def _statements(space: Space) -> dict[Span, Asked]:
    """The reached statements by their places."""
    made: dict[Span, dict[str, set[Domain]]] = {}
    domains: dict[Span, dict[Domain, None]] = {}
    for path, pick in space.asked:
        if pick.span is not None:
            made.setdefault(pick.span, {}).setdefault(path, set()).add(pick.domain)
            domains.setdefault(pick.span, {})[pick.domain] = None
    nodes = {
        node.span: node
        for definition, _ in reached(space.definition, space.module)
        for node in tree.statements(definition.body)
        if isinstance(node, tree.Choose)
    }
    return {
        span: Asked(nodes[span], tuple(found), tuple(domains[span]), any(len(own) > 1 for own in found.values()))
        for span, found in made.items()
    }


def _parts(body: Sequence[tree.Statement], statements: Mapping[Span, Asked]) -> tuple[Part, ...]:
    """A body's choices and conditions, what stands in loops and under conditions in sections; empty ones go."""
    found: list[Part] = []
    for node in body:
        if isinstance(node, tree.Choose) and node.span in statements:
            found.append(statements[node.span])
        elif isinstance(node, tree.Where):
            found.append(node)
        elif isinstance(node, tree.For | tree.If):
            found += [one for one in _sections(node, statements) if one.parts]
    return tuple(found)


def _sections(node: tree.For | tree.If, statements: Mapping[Span, Asked]) -> Iterator[Section]:
    if isinstance(node, tree.For):
        names = ", ".join(name.id for name in node.names)
        yield Section(f"for {names} in {write_expression(node.iterable)}", node.span, _parts(node.body, statements))
        return
    test = write_expression(node.test)
    yield Section(f"if {test}", node.span, _parts(node.then, statements))
    yield Section(f"if not {test}", node.span, _parts(node.otherwise, statements))
