"""Phrases go in, one after the other; statements come out, each phrase in the next one that takes it, if one does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ghndsl.language import tree
from ghndsl.language.phrasing.expressions import NOWHERE, name
from ghndsl.language.phrasing.names import ALWAYS, Names
from ghndsl.language.phrasing.phrase import Phrase, word
from ghndsl.language.refold.program import Body, Loop, Make
from ghndsl.records import record

_WIDEST_CHAIN = 230
"""Columns of a chain in one statement, at most."""
_WIDEST = 60
"""Columns of an expression in another, at most."""
_WIDEST_WHOLE = 90
_DEEPEST = 2


@record
class _Waiting:
    """What item `at` makes, said but not yet named: the next items may take it as it is."""

    value: int
    at: int
    phrase: Phrase


class Lines:
    """The statements of a body as far as they are written. `wishes` are the names that values are to have."""

    def __init__(self, body: Body, names: Names) -> None:
        self.body = body
        self.names = names
        self.wishes: dict[int, str] = {}
        self.lines: list[tree.Statement] = []
        self.waiting: list[_Waiting] = []
        self.uses = Counter(value for item in body.items for value in item.inputs)
        self.uses.update(body.results)
        loops = [(item, item.action.carried) for item in body.items if isinstance(item.action, Loop)]
        self.carried = {value for item, count in loops for value in item.inputs[:count]}

    def say(self, at: int, values: Sequence[int], phrase: Phrase) -> None:
        """What item `at` makes: it waits for the item that takes it, or is given names."""
        if len(values) == 1 and self._may_wait(values[0], at):
            self.waiting.append(_Waiting(values[0], at, phrase))
            return
        self.name_waiting()
        self._assign(at, values, phrase)

    def _may_wait(self, value: int, at: int) -> bool:
        """Whether something else may take a value as it is: it is used once, and not by a loop."""
        if self.uses[value] != 1:
            return False
        if value in self.wishes:
            return not self.names.is_over(self.wishes[value], at)
        last = self.names.last[value]
        return last >= len(self.body.items) or not isinstance(self.body.items[last].action, Loop)

    def operands(self, values: Sequence[int], sources: int, *, is_plain: bool = False) -> list[Phrase]:
        """The phrases of values: as they wait, when they do so in that order, else their names.

        The first `sources` may be as long as they are; none may have labels when they are to be plain.
        """
        places: dict[int, int] = {}
        taken, before = len(self.waiting), len(values)
        while taken and self.waiting[taken - 1].value in values[:before]:
            taken -= 1
            before = values.index(self.waiting[taken].value)
            places[before] = taken
        waiting = {one.value for one in self.waiting}
        is_whole = len(places) == sum(value in waiting for value in values)
        found = [self.waiting[places[i]].phrase if i in places else self._named(v) for i, v in enumerate(values)]
        if not is_whole or (places and not (_fits(found, sources) and not (is_plain and _has_labels(found)))):
            self.name_waiting()
            return [self._named(value) for value in values]
        del self.waiting[taken:]
        return found

    def _named(self, value: int) -> Phrase:
        return word(value, self.names.of.get(value, ""))

    def name_waiting(self) -> None:
        """Names all that waits, in order."""
        for one in self.waiting:
            self._assign(one.at, (one.value,), one.phrase)
        self.waiting.clear()

    def _assign(self, at: int, values: Sequence[int], phrase: Phrase) -> None:
        phrase = self.shortened(phrase)
        names = [name(self._new_name(at, value, phrase)) for value in values]
        self.lines.append(tree.Assign(NOWHERE, tuple(names), None, (phrase.node,)))

    def shortened(self, phrase: Phrase) -> Phrase:
        """The end of a long chain, after statements for what comes before."""
        first, *others = phrase.parts(_WIDEST_CHAIN)
        phrase = replace(phrase, links=first)
        for links in others:
            value, at = phrase.links[-1].value, phrase.links[-1].at
            chosen = self._new_name(at, value, phrase)
            self.lines.append(tree.Assign(NOWHERE, (name(chosen),), None, (phrase.node,)))
            phrase = replace(phrase, links=(*word(value, chosen).links, *links), source=value)
        return phrase

    def _new_name(self, at: int, value: int, phrase: Phrase) -> str:
        wish = self.wishes.get(value)
        if wish is not None and self.names.is_over(wish, at):
            return self.names.give(value, wish)
        if not self.uses[value]:
            return "_"
        first = self.names.of.get(phrase.source, "") if phrase.source is not None else ""
        wishes = [phrase.word, first] if len(first) == 1 else [phrase.word]
        return self.names.give(value, self.names.new(at, [] if value in self.carried else wishes))


def _has_labels(phrases: Sequence[Phrase]) -> bool:
    return any(isinstance(link.node, tree.Labelled) for phrase in phrases for link in phrase.links)


def _fits(phrases: Sequence[Phrase], sources: int) -> bool:
    inner = phrases[sources:]
    small = all(one.width <= _WIDEST and one.depth <= _DEEPEST for one in inner)
    return small and (len(phrases) == 1 or sum(one.width for one in phrases) <= _WIDEST_WHOLE)


def last_uses(body: Body, kept: Sequence[int] = ()) -> Mapping[int, int]:
    """The last item that needs each value; what the body gives back, and what is `kept`, is needed always."""
    last = {value: at for at, item in enumerate(body.items) for value in item.inputs}
    last.update((item.results[0], ALWAYS) for item in body.items if isinstance(item.action, Make))
    last.update(dict.fromkeys((*body.results, *kept), ALWAYS))
    return last
