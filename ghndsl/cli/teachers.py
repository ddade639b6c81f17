"""Addresses of spaces and networks and a data set go in; what a hypernetwork is to learn from comes out."""

from __future__ import annotations

import random
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

import typer

from ghndsl.cli.options import limits_of
from ghndsl.diagnostics import CompileError

if TYPE_CHECKING:
    from ghndsl.data import Dataset
    from ghndsl.ghn import Origin
    from ghndsl.ir import Graph
    from ghndsl.language import Limits
    from ghndsl.language.values import Result
    from ghndsl.search.mixing import Range, Source

_T = TypeVar("_T")


@dataclass(frozen=True)
class Teacher:
    """A space or network by its address and its name, at the scale that is learned from, in words; the steps that it
    asks for."""

    address: str
    name: str
    source: Source
    text_hash: str
    scale: str
    steps: int
    data: Dataset


@dataclass(frozen=True)
class Lesson:
    """All that a hypernetwork learns from, the candidates that are kept `apart`, and where it then comes from."""

    teachers: Sequence[Teacher]
    data: Dataset
    sources: Sequence[Source]
    apart: Sequence[Graph]
    origin: Origin

    @property
    def steps(self) -> int:
        """The most steps that a teacher asks for."""
        return max(one.steps for one in self.teachers)


def lesson(
    addresses: Sequence[str],
    settings: Sequence[str],
    limit: list[str] | None,
    data: Dataset,
    vary: Mapping[str, Range],
    grow: Mapping[str, Range],
    held_out: int,
    seed: int,
) -> Lesson:
    """What the addresses name, at the scale that is learned from, and so many candidates held out.

    Errors: those of addresses and settings, and G407 for what does not fit the data; of several, with the address.
    """
    found = _teachers(addresses, settings, limit, data, vary, grow)
    sources, apart = _taught(found, held_out, seed)
    return Lesson(found, data, sources, apart, _origin_of(found))


def _teachers(
    addresses: Sequence[str],
    settings: Sequence[str],
    limit: list[str] | None,
    data: Dataset,
    vary: Mapping[str, Range],
    grow: Mapping[str, Range],
) -> list[Teacher]:
    """What each address names. A setting goes to those that have such a parameter, a range to such spaces."""
    from ghndsl.search.address import parameters
    from ghndsl.space.load import is_space, parse_settings

    given, limits, found = parse_settings(settings), limits_of(limit), list[Teacher]()
    spaces = [address for address in addresses if is_space(address)]
    _check_ranges(given, vary, grow, spaces)
    known = {address: parameters(address) for address in addresses}
    names = frozenset[str]().union(*known.values())
    in_spaces = frozenset[str]().union(*(known[address] for address in spaces))
    for address in addresses:
        with _told(address, of=len(addresses)):
            # What none has is refused by the first.
            own = _mine(given, known[address], names)
            ours = [_mine(one, known[address], in_spaces) for one in (vary, grow)]
            is_one = address in spaces
            found.append(_space(address, own, limits, data, *ours) if is_one else _network(address, own, limits, data))
    return found


def _mine(given: Mapping[str, _T], own: frozenset[str], known: frozenset[str]) -> dict[str, _T]:
    """What is meant for one that has these parameters, and what nobody knows."""
    return {name: value for name, value in given.items() if name in own or name not in known}


def _check_ranges(
    given: Mapping[str, Result], vary: Mapping[str, Range], grow: Mapping[str, Range], spaces: Sequence[str]
) -> None:
    """Refuses, as wrong usage, ranges where there is no space, and of what is set, or varies and grows."""
    if (vary or grow) and not spaces:
        raise typer.BadParameter("it is spaces whose parameters vary and grow", param_hint="--vary, --grow")
    twice = [name for name in given if name in vary or name in grow] + [name for name in vary if name in grow]
    if twice:
        raise typer.BadParameter(f"`{twice[0]}` is given twice", param_hint="--vary, --grow")


@contextmanager
def _told(address: str, of: int) -> Generator[None]:
    """Says of refusals which of several sources they are about."""
    try:
        yield
    except CompileError as error:
        note = f"the source is `{address}`"
        told = [replace(one, notes=(*one.notes, note)) for one in error.diagnostics]
        raise CompileError(*(told if of > 1 else error.diagnostics)) from None


def _origin_of(found: Sequence[Teacher]) -> Origin:
    """Where a hypernetwork comes from that learns from these."""
    from ghndsl.ghn import Origin

    if len(found) == 1:
        return Origin(found[0].name, found[0].text_hash)
    digest = blake2b(" ".join(one.text_hash for one in found).encode(), digest_size=16).hexdigest()
    return Origin(" + ".join(one.name for one in found), digest)


def ranges(words: Sequence[str] | None, option: str) -> dict[str, Range]:
    """The ranges of `--vary name=4..8`, repeated; anything else is wrong usage."""
    from ghndsl.search.mixing import Range

    found: dict[str, Range] = {}
    for word in words or []:
        matched = re.fullmatch(r"\s*(\w+)\s*=\s*(\d+)\s*\.\.\s*(\d+)\s*", word)
        if matched is None or int(matched[2]) > int(matched[3]):
            raise typer.BadParameter(f"`{word}` is no range of a parameter, as in `width=4..8`", param_hint=option)
        found[matched[1]] = Range(int(matched[2]), int(matched[3]))
    return found


def _space(
    address: str,
    settings: Mapping[str, Result],
    limits: Limits,
    data: Dataset,
    vary: Mapping[str, Range],
    grow: Mapping[str, Range],
) -> Teacher:
    from ghndsl.data import check_fit, fitted
    from ghndsl.search.mixing import Drawing
    from ghndsl.search.scale import scaled
    from ghndsl.space.load import find_space

    # The scale is found for what is largest, and parameters that vary are not made smaller by it.
    largest = {name: one.most for name, one in {**vary, **grow}.items()}
    space = find_space(address, {**settings, **largest}, limits)
    scale = scaled(space, data)
    scale.check_fit()
    # What is smallest fits too, or is refused before long work.
    least = {name: one.least for name, one in {**vary, **grow}.items()}
    smallest = replace(scale.cheap, settings={**scale.cheap.settings, **least})
    graph = smallest.build(smallest.draw(random.Random(0)))
    check_fit(fitted(data, graph), graph)
    words = " ".join(
        [scale.description, *(f"{name}={one.least}..{one.most}" for name, one in {**vary, **grow}.items())]
    )
    return Teacher(
        address, space.name, Drawing(scale.cheap, vary, grow), space.text_hash, words.strip(), scale.steps, scale.data
    )


def _network(address: str, settings: Mapping[str, Result], limits: Limits, data: Dataset) -> Teacher:
    from ghndsl.data import check_fit, fitted
    from ghndsl.search.mixing import Fixed
    from ghndsl.search.scale import STEPS

    graph = _with_classes(address, settings, limits, data)
    check_fit(fitted(data, graph), graph)
    words = ", ".join(f"{name}: {kind}" for name, kind in graph.inputs.items())
    return Teacher(address, graph.name, Fixed(graph), graph.id, words, STEPS, fitted(data, graph))


def _with_classes(address: str, settings: Mapping[str, Result], limits: Limits, data: Dataset) -> Graph:
    """The network, as many classes as the data has where it lets them be set."""
    from ghndsl.search.address import find_network, parameters

    classes = {"classes": data.classes} if "classes" in parameters(address) else {}
    return find_network(address, {**classes, **settings}, limits)


def _taught(found: Sequence[Teacher], held_out: int, seed: int) -> tuple[list[Source], list[Graph]]:
    """The sources without the candidates that are held out, and the graphs of those: of each space a part of the
    count."""
    from ghndsl.search.mixing import Drawing

    spaces = [one for one in found if isinstance(one.source, Drawing)]
    shares = iter(len(range(index, held_out, len(spaces))) for index in range(len(spaces)))
    sources: list[Source] = []
    apart: list[Graph] = []
    for one in found:
        source = one.source
        if isinstance(source, Drawing):
            source, graphs = source.hold_out(next(shares), seed)
            apart += graphs
        sources.append(source)
    return sources, apart
