"""Modules and what they hold and do go in; the classes that say each once, with parameters, come out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TypeAlias, cast

from ghndsl.emit.source.members import OWN_NAMES, is_attribute
from ghndsl.emit.source.modules import Holder, Unit
from ghndsl.emit.source.naming import RESERVED, stem
from ghndsl.emit.source.parameters import argument, arguments, module_argument, parameter
from ghndsl.emit.source.parts import Body, ClassDefinition, Parameter
from ghndsl.emit.source.pieces import Piece, Text
from ghndsl.emit.source.variants import NOTHING, completed
from ghndsl.language.refold.columns import Column, Columns
from ghndsl.language.refold.dimensions import Dimensions
from ghndsl.language.refold.expressions import About, Expression, Literal, Variable, filled

Module: TypeAlias = Unit | Holder
Use: TypeAlias = tuple[Module, Body]

_MOST_NEW = 8
"""Parameters that a class may have beside those that its block had."""
_FEW = 3


class Definitions:
    """Makes classes."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.made: list[ClassDefinition] = []

    def add(self, uses: Sequence[Use]) -> list[tuple[Module, Text]]:
        """Gives each module the text that makes it; what it holds must have its own."""
        stems: dict[str, list[Use]] = {}
        for use in uses:
            stems.setdefault(stem(use[0]), []).append(use)
        groups: dict[Hashable, list[Use]] = {}
        for word, group in stems.items():
            bodies = completed([body for _, body in group])
            for (module, _), body in zip(group, bodies, strict=True):
                groups.setdefault((word, body.key), []).append((module, body))
        return [found for group in groups.values() for found in self._opened(group)]

    def _opened(self, group: Sequence[Use]) -> list[tuple[Module, Text]]:
        """Defines a group, with parameters for the members that are made in several ways."""
        rows = list(zip(*[body.children for _, body in group], strict=True))
        varying = [place for place, row in enumerate(rows) if len({child.made.skeleton for child in row}) > 1]
        is_open = all(_may_be_given(group[0][1], place) for place in varying)
        if not is_open or len(varying) > max(1, len(rows) // 2):
            groups: dict[Hashable, list[Use]] = {}
            for use in group:
                groups.setdefault(use[1].skeleton, []).append(use)
            return [found for part in groups.values() for found in self._define(part, [])]
        return self._define(group, varying)

    def _define(self, group: Sequence[Use], varying: Sequence[int]) -> list[tuple[Module, Text]]:
        children = group[0][1].children
        taken = {*OWN_NAMES, *RESERVED, *self.taken, "i", *[child.name for child in children]}
        given: dict[int, str] = {}
        for place in varying:
            given[place] = _given_name(group, place, taken.union(given.values()))
        taken.update(given.values())
        optional = {p for p in varying if any(body.children[p].made == NOTHING for _, body in group)}
        open_bodies = [_open(body, given, optional) for _, body in group]
        columns = Columns([dict(arguments(module)) for module, _ in group], Dimensions([], taken), taken)
        places: list[Column] = list(zip(*[body.literals for body in open_bodies], strict=True))
        found = [columns.expression(column) for column in places]
        new = [place for place, one in enumerate(found) if one in columns.new]
        texts = {tuple([body.literals[place].text for place in new]) for body in open_bodies}
        if len(columns.new) > _MOST_NEW and len(texts) <= _FEW:
            return self._split(group, open_bodies, new, varying)
        body = filled(open_bodies[0], cast("list[Expression]", found))
        return self._finish(group, columns, body, {given[place]: place for place in varying}, optional)

    def _split(
        self, group: Sequence[Use], bodies: Sequence[Body], places: Sequence[int], varying: Sequence[int]
    ) -> list[tuple[Module, Text]]:
        groups: dict[Hashable, list[Use]] = {}
        for use, body in zip(group, bodies, strict=True):
            groups.setdefault(tuple([body.literals[place].text for place in places]), []).append(use)
        return [found for part in groups.values() for found in self._define(part, varying)]

    def _finish(
        self, group: Sequence[Use], columns: Columns, body: Body, modules: dict[str, int], optional: set[int]
    ) -> list[tuple[Module, Text]]:
        names = sorted(columns.sorted_parameters(), key=lambda name: not name.startswith("in_"))
        known = {name: parameter(name, columns.parameters[name]) for name in names}
        for name, place in modules.items():
            none = Literal(None, About(name))
            known[name] = (
                Parameter(name, "nn.Module | None", none) if place in optional else Parameter(name, "nn.Module")
            )
        parameters = sorted(known.values(), key=lambda one: one.default is not None)
        name = self._name(stem(group[0][0]))
        self.made.append(ClassDefinition(name, tuple(parameters), body, group[0][0]))
        is_long = len(parameters) > _MOST_UNNAMED
        made: list[tuple[Module, Text]] = []
        for at, (module, own) in enumerate(group):
            pieces: list[Piece] = []
            for place, one in enumerate(parameters):
                by_place = one.default is None and not (is_long and place >= _UNNAMED)
                if one.name in modules:
                    pieces += module_argument(one, own.children[modules[one.name]].made, by_place=by_place)
                else:
                    pieces.append(argument(one, columns.parameters[one.name][at], by_place=by_place))
            made.append((module, Text((f"{name}(", *pieces, ")"))))
        return made

    def _name(self, word: str) -> str:
        number, name = 1, word
        while name in self.taken:
            number += 1
            name = f"{word}{number}"
        self.taken.add(name)
        return name


_UNNAMED, _MOST_UNNAMED = 2, 3
"""Of more than three arguments only the first two go without their names."""


def _given_name(group: Sequence[Use], place: int, taken: set[str]) -> str:
    """The name of the parameter that a member is given by: its own, or that of the block's argument that it is."""
    children = [body.children[place] for _, body in group]
    if is_attribute(children[0].name) and children[0].name not in taken - {children[0].name}:
        return children[0].name
    given = [dict(arguments(module)) for module, _ in group]
    for name in given[0]:
        texts = [arguments.get(name, "").partition("(")[0] for arguments in given]
        if texts == [child.word for child in children] and name not in taken:
            return name
    names = ("layer" if number == 1 else f"layer{number}" for number in range(1, 10_000))
    return next(name for name in names if name not in taken)


def _may_be_given(body: Body, place: int) -> bool:
    """Whether a member may be an argument: of a chain only what has no weights, as activations."""
    child = body.children[place]
    return (
        child.kind == "module"
        and child.around == "self"
        and (bool(child.word) if body.is_chain else is_attribute(child.name))
    )


def _open(body: Body, given: dict[int, str], optional: set[int]) -> Body:
    """A body whose members at some places are given to it."""
    children = list(body.children)
    for place, name in given.items():
        word = Variable(name)
        made = Text(("nn.Identity() if ", word, " is None else ", word)) if place in optional else Text((word,))
        children[place] = replace(children[place], made=made, word="")
    return replace(body, children=tuple(children))
