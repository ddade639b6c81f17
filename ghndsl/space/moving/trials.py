"""A trial of Optuna goes in, which is asked for each choice on the way; the candidate that it suggests comes out.

What one name of a trial may be must never change. So a choice goes by its path where it has the same options whenever
it is asked; else its name carries the options that are asked for. Whole numbers at even distances are asked for as a
number. Where there are many ways to take several options, and of many graphs, it is asked how far each option, each
edge is from being there, in so many steps that about as many are there by chance as may be; and of a graph its size and
labels. Then what comes nearest to the answers is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice, pairwise
from typing import Protocol

from ghndsl.dags import Dag, Dags, Family
from ghndsl.language.choices import Domain, Options
from ghndsl.language.graph_choices import GraphDomain
from ghndsl.language.nearness import best_fit, edge_marks, graph_of
from ghndsl.space.ways.diagram import Pick
from ghndsl.space.ways.fork import Fork
from ghndsl.space.ways.walk import Texts, Walks

_MOST_OPTIONS = 64
"""Ways of a graph or of several options that are asked for as one choice."""
_MOST_ASKED = 100_000
"""Choices of a space beyond which it is not looked which are asked in different ways."""
_LONGEST = 80
"""Characters of options in a name, beyond which a digest stands for them."""


class Trial(Protocol):
    """What is asked of a trial; `optuna.Trial` and `optuna.trial.FixedTrial` are such."""

    def suggest_categorical(self, name: str, choices: Sequence[str]) -> str:
        """One of some words."""
        ...

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1) -> int:
        """A whole number from `low` to `high`."""
        ...


class Suggesting:
    """Asks trials for candidates of a space; `asked` are all choices of it."""

    def __init__(self, walks: Walks, asked: Iterable[tuple[str, Pick]]) -> None:
        self._walks = walks
        some = list(islice(asked, _MOST_ASKED + 1))
        domains: dict[str, set[Domain]] = defaultdict(set)
        for path, pick in some if len(some) <= _MOST_ASKED else ():
            domains[path].add(pick.domain)
        self._always_alike = {path for path, found in domains.items() if len(found) == 1}

    def suggested(self, trial: Trial) -> Texts:
        """The choices that a trial makes."""
        return self._walks.gone(lambda fork: self._way(fork, trial))

    def _way(self, fork: Fork, trial: Trial) -> int:
        ways, domain = fork.ways, fork.domain
        if ways[0] == ways[-1]:
            return ways[0]
        if domain.size <= _MOST_OPTIONS or (isinstance(domain, Options) and not domain.is_subset):
            return self._one(fork, trial)
        name = self._name(fork, domain.options)
        if isinstance(domain, Options):
            return _several(name, fork, domain, trial)
        if isinstance(domain, GraphDomain) and isinstance(ways, range):
            return domain.dags.number(_graph(name, domain.dags, trial))
        return self._one(fork, trial)

    def _one(self, fork: Fork, trial: Trial) -> int:
        """A way, asked for as one choice among those that lead on."""
        texts = [fork.text(way)[1] for way in fork.ways]
        name = self._name(fork, texts)
        numbers = _evenly_spaced(texts)
        if numbers is not None:
            number = trial.suggest_int(name, numbers[0], numbers[-1], step=numbers.step)
            return fork.ways[numbers.index(number)]
        return fork.ways[texts.index(trial.suggest_categorical(name, texts))]

    def _name(self, fork: Fork, options: Sequence[str]) -> str:
        """What a choice is asked for as, with these options."""
        is_whole = isinstance(fork.ways, range)
        return fork.path if is_whole and fork.path in self._always_alike else f"{fork.path}[{_shortened(options)}]"


def _several(name: str, fork: Fork, domain: Options, trial: Trial) -> int:
    """Several options: for each how far it is from being taken."""
    steps = max(2, round(2 * len(domain.options) / ((domain.low or 0) + (domain.high or 1))))
    marks = {mark: _wanted(f"{name}{mark}", steps, trial) for mark in domain.marks}
    return best_fit(domain.marked, fork.ways, marks)


def _wanted(name: str, steps: int, trial: Trial) -> float:
    """How much a mark is wanted; of so many answers one says that it is there, the others how far it is from that."""
    far = trial.suggest_int(name, 0, steps - 1)
    return 1.0 if far == 0 else 0.5 - 0.5 * far / steps


def _graph(name: str, dags: Dags, trial: Trial) -> Dag:
    """A graph: how many vertices, a label for each, and for each edge how far it is from being there."""
    family, labels = dags.family, dags.labels
    sizes = [vertices for vertices in family.sizes if dags.count(vertices)]
    vertices = trial.suggest_int(f"{name}:vertices", sizes[0], sizes[-1]) if len(sizes) > 1 else sizes[0]
    marks: dict[str, float] = {}
    for vertex in range(family.inputs, vertices - 1):
        marks[f":{vertex}={_word(f'{name}:{vertex}', labels, trial)}"] = 1.0
    steps = _steps(family, sizes[-1])
    for edge in edge_marks(family.inputs, vertices, vertices - family.leaves):
        marks[edge] = _wanted(f"{name}{edge}", steps, trial)
    dag = graph_of(dags, vertices, marks)
    assert dag is not None, "there are graphs of so many vertices"
    return dag


def _word(name: str, words: Sequence[str], trial: Trial) -> str:
    return words[0] if len(words) == 1 else trial.suggest_categorical(name, words)


def _steps(family: Family, vertices: int) -> int:
    """In how many steps an edge is asked for."""
    pairs = len(edge_marks(family.inputs, vertices, vertices - family.leaves))
    least, most = max(family.edges[0], vertices - 1), min(family.edges[1], pairs)
    return max(2, round(2 * pairs / (least + most)))


def _evenly_spaced(texts: Sequence[str]) -> range | None:
    """The numbers that texts are, when they are three or more whole ones in ascending order at even distances.

    >>> _evenly_spaced(["3", "5", "7"]), _evenly_spaced(["3", "5"]), _evenly_spaced(["1", "2", "4"])
    (range(3, 8, 2), None, None)
    """
    if len(texts) < 3 or not all(text.removeprefix("-").isdecimal() for text in texts):
        return None
    numbers = [int(text) for text in texts]
    steps = {after - before for before, after in pairwise(numbers)}
    step = steps.pop()
    return range(numbers[0], numbers[-1] + 1, step) if not steps and step > 0 else None


def _shortened(texts: Sequence[str]) -> str:
    whole = ",".join(texts)
    if len(whole) <= _LONGEST:
        return whole
    return f"{texts[0]}..{texts[-1]};{len(texts)};{sha256(whole.encode()).hexdigest()[:8]}"
