"""Addresses of spaces and networks and a data set go in; what a hypernetwork is to learn from comes out."""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TypeVar

from ghndsl.data import Dataset, check_fit, fitted
from ghndsl.diagnostics import CompileError
from ghndsl.ghn import Origin
from ghndsl.ir import Graph
from ghndsl.language import Limits
from ghndsl.language.values import Result, text
from ghndsl.passes import simplify
from ghndsl.search.address import find_network, parameters
from ghndsl.search.mixing import Drawing, Fixed, Range, Source
from ghndsl.search.scale import STEPS, scaled
from ghndsl.space import Space
from ghndsl.space.load import find_space, is_space
from ghndsl.training.seeds import derived

_T = TypeVar("_T")
_TRIED = 64
"""The most values of a range that are tried before a training."""
_EXAMPLES = 32
"""The candidates by which it is known how large those of a space become whose parameters vary or grow."""
_AND = " + "


@dataclass(frozen=True)
class Teacher:
    """A space or network by its address and its name, at the scale that is learned from, in words and as sorted
    `settings`; the steps that it asks for."""

    address: str
    name: str
    source: Source
    text_hash: str
    scale: str
    settings: str
    steps: int
    data: Dataset


@dataclass(frozen=True)
class Lesson:
    """All that a hypernetwork learns from, the candidates that are kept `apart`, where it then comes from, and
    `examples` of the largest size where sizes vary or grow."""

    teachers: Sequence[Teacher]
    data: Dataset
    sources: Sequence[Source]
    apart: Sequence[Graph]
    origin: Origin
    examples: Sequence[Graph] = ()

    @property
    def steps(self) -> int:
        """The most steps that a teacher asks for."""
        return max(one.steps for one in self.teachers)

    @property
    def about(self) -> dict[str, str]:
        """What the candidates depend on that `origin` does not tell, in words by name."""
        return {f"scale of source {number}": one.settings for number, one in enumerate(self.teachers, start=1)}


def lesson(
    addresses: Sequence[str],
    given: Mapping[str, Result],
    limits: Limits,
    data: Dataset,
    vary: Mapping[str, Range],
    grow: Mapping[str, Range],
    held_out: int,
    seed: int,
) -> Lesson:
    """What the addresses name, at the scale that is learned from, and so many candidates held out.

    Errors: those of addresses and settings, of values of ranges, and G407 for what does not fit the data; of several,
    with the address.
    """
    found = _teachers(addresses, given, limits, data, vary, grow)
    sources, apart = _taught(found, held_out, seed)
    return Lesson(found, data, sources, apart, _origin_of(found), _examples(sources, seed))


def has_learned(origin: Origin, space: Space) -> bool:
    """Whether a hypernetwork of this origin learned from a space, as far as its origin tells: that of several sources
    tells of each its name."""
    names = origin.space.split(_AND)
    return space.name in names if len(names) > 1 else origin.space_hash in ("", space.text_hash)


def _origin_of(found: Sequence[Teacher]) -> Origin:
    """Where a hypernetwork comes from that learns from these."""
    if len(found) == 1:
        return Origin(found[0].name, found[0].text_hash)
    digest = blake2b(" ".join(one.text_hash for one in found).encode(), digest_size=16).hexdigest()
    return Origin(_AND.join(one.name for one in found), digest)


def _teachers(
    addresses: Sequence[str],
    given: Mapping[str, Result],
    limits: Limits,
    data: Dataset,
    vary: Mapping[str, Range],
    grow: Mapping[str, Range],
) -> list[Teacher]:
    """What each address names. A setting goes to those that have such a parameter, a range to such spaces."""
    found = list[Teacher]()
    spaces = [address for address in addresses if is_space(address)]
    known = {address: parameters(address) for address in addresses}
    names = frozenset[str]().union(*known.values())
    in_spaces = frozenset[str]().union(*(known[address] for address in spaces))
    for address in addresses:
        with _told(f"the source is `{address}`" if len(addresses) > 1 else ""):
            # What none has is refused by the first.
            own = _mine(given, known[address], names)
            ours = [_mine(one, known[address], in_spaces) for one in (vary, grow)]
            is_one = address in spaces
            found.append(_space(address, own, limits, data, *ours) if is_one else _network(address, own, limits, data))
    return found


def _mine(given: Mapping[str, _T], own: frozenset[str], known: frozenset[str]) -> dict[str, _T]:
    """What is meant for one that has these parameters, and what nobody knows."""
    return {name: value for name, value in given.items() if name in own or name not in known}


@contextmanager
def _told(note: str) -> Generator[None]:
    """Says something more of refusals, if there is something to say."""
    try:
        yield
    except CompileError as error:
        told = [replace(one, notes=(*one.notes, note)) for one in error.diagnostics]
        raise CompileError(*(told if note else error.diagnostics)) from None


def _space(
    address: str,
    settings: Mapping[str, Result],
    limits: Limits,
    data: Dataset,
    vary: Mapping[str, Range],
    grow: Mapping[str, Range],
) -> Teacher:
    ranges = {**vary, **grow}
    # The scale is found for what is largest, and parameters that vary are not made smaller by it.
    largest = {name: one.most for name, one in ranges.items()}
    space = find_space(address, {**settings, **largest}, limits)
    with _told(_in_words(largest)):
        scale = scaled(space, data)
        scale.check_fit()
    source = Drawing(scale.cheap, vary, grow)
    try_ranges(source, ranges, data.few(1))
    set_ = [f"{name}={text(value)}" for name, value in scale.cheap.settings.items() if name not in ranges]
    set_ += [f"{name}={one.least}..{one.most}{' growing' if name in grow else ''}" for name, one in ranges.items()]
    words = " ".join(set_) if ranges else scale.description
    return Teacher(address, space.name, source, space.text_hash, words, " ".join(sorted(set_)), scale.steps, scale.data)


def try_ranges(source: Drawing, ranges: Mapping[str, Range], data: Dataset) -> None:
    """Refuses values that build nothing, or what does not fit, before long work: of each range, the others at their
    least."""
    least = {name: one.least for name, one in ranges.items()}
    _try_at(source, least, least, data)
    for name, one in ranges.items():
        for value in one.some(_TRIED)[1:]:
            _try_at(source, {**least, name: value}, {name: value}, data)


def _try_at(source: Drawing, values: Mapping[str, int], named: Mapping[str, int], data: Dataset) -> None:
    with _told(_in_words(named)):
        space = source.at(values)
        graph = space.build(space.draw(random.Random(0)))
        check_fit(fitted(data, graph), graph)


def _in_words(values: Mapping[str, int]) -> str:
    return f"with {', '.join(f'`{name}={value}`' for name, value in values.items())}" if values else ""


def _network(address: str, settings: Mapping[str, Result], limits: Limits, data: Dataset) -> Teacher:
    classes = _classes(address, settings, data)
    graph = find_network(address, {**classes, **settings}, limits)
    check_fit(fitted(data, graph), graph)
    words = [f"{name}: {kind}" for name, kind in graph.inputs.items()]
    words += [f"{name}={value}" for name, value in classes.items()]
    # Its identity tells all of it.
    return Teacher(address, graph.name, Fixed(graph), graph.id, ", ".join(words), "", STEPS, fitted(data, graph))


def _classes(address: str, settings: Mapping[str, Result], data: Dataset) -> dict[str, Result]:
    """As many classes as the data has where a network lets them be set, and they are not."""
    is_open = "classes" in parameters(address) and "classes" not in settings
    return {"classes": data.classes} if is_open else {}


def _taught(found: Sequence[Teacher], held_out: int, seed: int) -> tuple[list[Source], list[Graph]]:
    """The sources without the candidates that are held out, and the graphs of those: of each space a part of the count.

    None of the sources draws what is held out of another, and no network that is learned from is held out.
    """
    spaces = [one.source for one in found if isinstance(one.source, Drawing)]
    learned = {simplify(one.source.graph).id for one in found if isinstance(one.source, Fixed)}
    held: dict[str, Graph] = {}
    for number, source in enumerate(spaces):
        share = len(range(number, held_out, len(spaces)))
        held |= source.to_hold_out(share, seed, learned | held.keys())
    sources = [
        replace(one.source, held=frozenset(held)) if isinstance(one.source, Drawing) else one.source for one in found
    ]
    return sources, list(held.values())


def _examples(sources: Sequence[Source], seed: int) -> list[Graph]:
    """Candidates as large as they become, of the spaces whose parameters vary or grow."""
    sized = [one.space for one in sources if isinstance(one, Drawing) and (one.vary or one.grow)]
    # A space is drawn from as it is where it is largest.
    rng = random.Random(derived(seed, "examples"))
    return [space.build(space.draw(rng)) for space in sized for _ in range(_EXAMPLES)]
