"""A graph and the tree of its uses go in; the weights used again become stages, made where all their uses see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise

from ghndsl.ir import Graph, Node
from ghndsl.language.refold.shared_chains import SharedChains
from ghndsl.language.refold.uses import Part, Stage, Use, under
from ghndsl.records import record


@record
class Shared:
    """The nodes from one on, up to before `end`, that are a use of a stage."""

    stage: Stage
    end: int


def share(graph: Graph, root: Use) -> dict[int, Shared]:
    """The stages of nodes by the numbers of the nodes that they begin with; those of uses are kept in the uses.

    Uses that no label could give the path they have are dissolved.
    """
    finder = _Finder(graph)
    groups = finder.find_uses(root)
    _dissolve(root, graph.nodes, finder.covered)
    for stage, group in groups:
        _place(stage, group[0].first, [use.parent for use in group if use.parent])
    return finder.find_nodes(root)


class _Finder:
    """Finds the stages of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self.counts = Counter(node.path for node in graph.nodes if node.weights)
        self.chains = SharedChains(graph, self.counts)
        self.covered: set[int] = set()
        self.made = 0

    def new(self, path: str, example: tuple[Node, ...] | Use) -> Stage:
        self.made += 1
        return Stage(-self.made, path, example)

    # The uses of one block with one path

    def find_uses(self, root: Use) -> list[tuple[Stage, list[Use]]]:
        found: list[tuple[Stage, list[Use]]] = []
        alike: dict[Hashable, list[Use]] = {}
        for use in root.walk():
            if use.parent is not None:
                alike.setdefault((use.scope.path, use.scope.name), []).append(use)
        for group in alike.values():
            foreign = group[0].parent is not None and not under(group[0].scope.path, group[0].parent.base)
            if (len(group) > 1 or foreign) and self._is_stage(group):
                stage = self.new(group[0].scope.path, group[0])
                for use in group:
                    use.stage = stage
                    self.covered.update(range(use.first, use.end))
                found.append((stage, group))
        return found

    def _is_stage(self, group: Sequence[Use]) -> bool:
        """Whether all weights in these uses are theirs alone, used once in each, and the uses are alike."""
        apart = all(a.end <= b.first for a, b in pairwise(group))
        if not apart or not all(self.covered.isdisjoint(range(use.first, use.end)) for use in group):
            return False
        paths = [self.nodes[i].path for i in range(group[0].first, group[0].end) if self.nodes[i].weights]
        alone = len(set(paths)) == len(paths) and all(self.counts[path] == len(group) for path in paths)
        return bool(paths) and alone and _is_regular(group[0], self.nodes) and self._alike(group)

    def _alike(self, group: Sequence[Use]) -> bool:
        first = self._signature(group[0])
        return first is not None and all(self._signature(use) == first for use in group[1:])

    def _signature(self, use: Use) -> Hashable:
        """All that a use does, but for what it is given; None when it is given nothing, so that no stage could be."""
        made: dict[int, int] = {}
        signature: list[Hashable] = []
        given = False
        for node in self.nodes[use.first : use.end]:
            inputs = tuple([made.get(value.id, -1) for value in node.inputs])
            given = given or -1 in inputs
            names = tuple([(s.name, s.path) for s in node.scope.chain()][: -len(list(use.scope.chain()))])
            signature.append((node.op, node.path, inputs, names))
            made.update((value.id, len(made)) for value in node.results)
        return tuple(signature) if given else None

    # The nodes of one path

    def find_nodes(self, root: Use) -> dict[int, Shared]:
        owners = dict(_owners(root))
        users: dict[str, list[int]] = {}
        for number in sorted(owners):
            node = self.nodes[number]
            if node.weights and number not in self.covered:
                users.setdefault(node.path, []).append(number)
        found: dict[int, Shared] = {}
        for path, numbers in users.items():
            regular = len(numbers) == 1 and under(path, owners[numbers[0]].base)
            if not regular and numbers[0] not in self.covered:
                self._find_stage(path, numbers, owners, found)
        return found

    def _find_stage(
        self, path: str, numbers: Sequence[int], owners: Mapping[int, Use], found: dict[int, Shared]
    ) -> None:
        above, runs = self.chains.around(numbers)
        if not runs or not all(under(above, owners[run.start].base) for run in runs):
            above, runs = path, [range(number, number + 1) for number in numbers]
        stage = self.new(above, tuple([self.nodes[number] for number in runs[0]]))
        for run in runs:
            found[run.start] = Shared(stage, run.stop)
            self.covered.update(run)
        _place(stage, runs[0].start, [owners[run.start] for run in runs])


def _owners(use: Use) -> Iterator[tuple[int, Use]]:
    """The numbers of all nodes in a use, each with the innermost use that it lies in."""
    for inner in use.walk():
        for part in inner.parts:
            if isinstance(part, int):
                yield part, inner


def _is_regular(use: Use, nodes: Sequence[Node]) -> bool:
    """Whether every path in a use lies below that of the use it is in."""
    nested = all(under(inner.scope.path, use.scope.path) for use in use.walk() for inner in use.uses())
    return nested and all(under(nodes[i].path, inner.base) for i, inner in _owners(use) if nodes[i].weights)


def _dissolve(root: Use, nodes: Sequence[Node], covered: set[int]) -> None:
    """Dissolves the uses whose paths do not lie below those of the uses around them, though their weights' do."""
    for use in root.walk():
        if use.parent is None or use.stage or use.first in covered or under(use.scope.path, use.parent.base):
            continue
        own = (nodes[i] for i in range(use.first, use.end) if i not in covered)
        use.is_dissolved = any(node.weights and under(node.path, use.scope.path) for node in own)


def _place(stage: Stage, first: int, users: Sequence[Use]) -> None:
    """Makes a stage in the innermost use that all users lie in and its path lies below, before the node `first`."""
    around = [list(_outwards(user.kept)) for user in users]
    common = set(around[0]).intersection(*around[1:])
    place = next(use for use in around[0] if use in common and under(stage.path, use.base))
    before = next(i for i, part in enumerate(place.parts) if _end(part) > first)
    place.parts.insert(before, stage)


def _outwards(use: Use) -> Iterator[Use]:
    inner: Use | None = use
    while inner is not None:
        yield inner
        inner = inner.parent.kept if inner.parent else None


def _end(part: Part) -> int:
    if isinstance(part, Stage):
        return 0
    return part.end if isinstance(part, Use) else part + 1
