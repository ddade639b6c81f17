"""A use goes in; what it does, part by part and with dissolved uses written out, comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ghndsl.ir import Node
from ghndsl.language.refold.callees import Callee, Index, Sequential, Sign, StageValue
from ghndsl.language.refold.operators import callee_of
from ghndsl.language.refold.sharing import Shared
from ghndsl.language.refold.uses import Stage, Use, under
from ghndsl.records import record


@record
class Entry:
    """A callee and the values it takes and makes; the path of its weights, if it `owns` any, or of its name.

    An entry that `makes` is a stage with the path.
    """

    callee: Callee
    inputs: tuple[int, ...]
    results: tuple[int, ...]
    path: str
    owns: bool
    makes: bool = False

    @property
    def is_numbered(self) -> bool:
        """Whether it takes a number when it has no label."""
        return not self.makes and not isinstance(self.callee, Sign | Index | StageValue)


class Entries:
    """Reads the parts of uses."""

    def __init__(self, nodes: Sequence[Node], shared: Mapping[int, Shared], anywhere: int) -> None:
        """`anywhere` is a value that all parts may take."""
        self.nodes = nodes
        self.shared = shared
        self.anywhere = anywhere

    def of(self, use: Use) -> Iterator[Entry]:
        """The entries of a use; the uses in it that are not dissolved must have their calls."""
        done = use.first
        for part in use.parts:
            if isinstance(part, Stage):
                yield self._stage(part)
            elif isinstance(part, int):
                if part >= done:
                    yield self._node(part)
                    done = self.shared[part].end if part in self.shared else done
            elif part.is_dissolved:
                yield from _dissolved(part, list(self.of(part)))
            else:
                yield self._use(part)

    def _node(self, number: int) -> Entry:
        node, shared = self.nodes[number], self.shared.get(number)
        inputs = tuple([value.id for value in node.inputs])
        if shared is not None:
            inputs = inputs or (self.anywhere,)
            results = tuple([value.id for value in self.nodes[shared.end - 1].results])
            return Entry(StageValue(), (shared.stage.id, *inputs), results, "", owns=False)
        results = tuple([value.id for value in node.results])
        return Entry(callee_of(node), inputs, results, node.path, owns=bool(node.weights))

    def _use(self, use: Use) -> Entry:
        assert use.call is not None
        call = use.call
        if use.stage is not None:
            return Entry(StageValue(), (use.stage.id, *call.inputs), call.results, "", owns=False)
        path = use.scope.path
        owns = any(node.weights and under(node.path, path) for node in self.nodes[use.first : use.end])
        return Entry(call.callee, call.inputs, call.results, path, owns)

    def _stage(self, stage: Stage) -> Entry:
        callee = stage.callee or _made(stage.example)
        return Entry(callee, (), (stage.id,), stage.path, owns=True, makes=True)


def _dissolved(use: Use, entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries of a dissolved use; a sole one without weights takes the name of the use."""
    if len(entries) == 1 and not entries[0].owns and entries[0].is_numbered:
        yield replace(entries[0], path=use.scope.path)
    else:
        yield from entries


def _made(example: tuple[Node, ...] | Use) -> Callee:
    """What a stage is made of."""
    if isinstance(example, Use):
        assert example.call is not None
        return example.call.callee
    callees = [callee_of(node) for node in example]
    return callees[0] if len(callees) == 1 else Sequential(tuple([(callee, None) for callee in callees]))
