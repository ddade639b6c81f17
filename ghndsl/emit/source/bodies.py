"""A module of the tree goes in; what it does, call by call, and what it takes and gives, comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from ghndsl.emit.source.context import Code
from ghndsl.emit.source.members import reference
from ghndsl.emit.source.modules import Leaf, Unit, UnprintableError, parts_of
from ghndsl.emit.source.pieces import Slot
from ghndsl.emit.source.segments import Segment
from ghndsl.emit.source.sizes import UntoldSizeError
from ghndsl.emit.source.steps import MustBeFlatError, Step, Steps
from ghndsl.ir import Graph, Node
from ghndsl.ops import Operator
from ghndsl.ops.python import UnwrittenError


@dataclass(frozen=True)
class _Job:
    """Nodes that are one call: of a member by its names, or of an operator."""

    nodes: tuple[int, ...]
    inputs: tuple[int, ...]
    results: tuple[int, ...]
    names: tuple[str, ...]
    member: Unit | Leaf | None


class Bodies:
    """Tells the steps of modules. `helpers` takes what the file must hold for them."""

    def __init__(self, graph: Graph, has_module: Mapping[Node, bool], helpers: set[str]) -> None:
        self.graph = graph
        self.has_module = has_module
        self.helpers = helpers
        values = [port.value for port in graph.arguments] + [v for node in graph.nodes for v in node.results]
        self.types = {value.id: value.type for value in values}

    def steps(self, unit: Unit) -> Steps:
        """The steps of a module, the same in all of its uses; raises `MustBeFlatError` where they are not."""
        found = [self._steps(unit, place, use) for place, use in enumerate(unit.uses)]
        if any(one != found[0] for one in found[1:]):
            raise MustBeFlatError(unit.path)
        return found[0]

    def _steps(self, unit: Unit, place: int, use: Segment) -> Steps:
        inputs = use.inputs if unit.path else tuple([port.value.id for port in self.graph.arguments])
        results = use.results if unit.path else tuple([port.value.id for port in self.graph.results])
        number = {value: at for at, value in enumerate(inputs)}
        code = Code([self.types[value] for value in inputs], self.helpers)
        steps: list[Step] = []
        for job in self._ordered(unit, list(self._jobs(unit, place, use))):
            given = [code.mark(Slot(number[value])) for value in job.inputs]
            for value in job.results:
                number[value] = len(number)
            made = tuple([number[value] for value in job.results])
            try:
                steps.append(self._step(code, unit, job, given, made))
            except UntoldSizeError as error:
                if unit.path:
                    raise MustBeFlatError(unit.path) from error
                node = self.graph.nodes[job.nodes[0]]
                raise UnprintableError(f"no shape of an input tells the size {error}", node) from error
        return Steps(len(inputs), tuple(steps), tuple([number[value] for value in results]))

    def _step(self, code: Code, unit: Unit, job: _Job, given: list[str], made: tuple[int, ...]) -> Step:
        if isinstance(job.member, Unit):
            words = f"{reference(code, unit, job.names)}({', '.join(given)})"
            return Step(code.text(words), made, job.names, None, "", "")
        node = self.graph.nodes[job.nodes[0]]
        op, types = node.op, node.input_types
        if job.member is not None:
            layer = reference(code, unit, job.names)
            is_same = (op, *_made(node)) == (job.member.node.op, *_made(job.member.node))
            words = op.source_call(code, layer, given, *types) if is_same else _borrowed(code, node, layer, given)
            return Step(code.text(words), made, job.names, None, op.unpacking, op.name)
        names = {path: name for name, path in self._tensors(unit)}
        paths = {weight.name: node.weight_path(weight) for weight in node.weights}
        code.weights = {name: reference(code, unit, names[path]) for name, path in paths.items()}
        try:
            text = code.text(op.source(code, given, *types))
        except UnwrittenError as error:
            raise UnprintableError(f"no source is known that computes `{op.name}`", node) from error
        module = op.source_module(code, *types) if not node.weights else None
        return Step(text, made, (), code.text(module) if module else None, op.unpacking, op.name)

    def _tensors(self, unit: Unit) -> Iterator[tuple[tuple[str, ...], str]]:
        for names, member in parts_of(unit):
            if isinstance(member, Leaf) and member.weight is not None:
                yield names, member.path

    def _jobs(self, unit: Unit, place: int, use: Segment) -> Iterator[_Job]:
        """The calls of members, each with its nodes, and the other nodes."""
        taken: set[int] = set()
        calls: dict[str, list[int]] = {}
        for number in use.nodes:
            calls.setdefault(self.graph.nodes[number].path, []).append(number)
        for names, member in parts_of(unit):
            if isinstance(member, Unit):
                each = len(member.uses) // len(unit.uses)
                for inner in member.uses[place * each : (place + 1) * each]:
                    taken.update(inner.nodes)
                    yield _Job(inner.nodes, inner.inputs, inner.results, names, member)
            elif member.weight is None:
                own = [number for number in calls.get(member.path, ()) if self.graph.nodes[number].weights]
                taken.update(own)
                yield from (self._single(number, names, member) for number in own)
        yield from (self._single(number, (), None) for number in use.nodes if number not in taken)

    def _single(self, number: int, names: tuple[str, ...], member: Leaf | None) -> _Job:
        node = self.graph.nodes[number]
        inputs, results = (tuple([value.id for value in values]) for values in (node.inputs, node.results))
        return _Job((number,), inputs, results, names, member)

    def _ordered(self, unit: Unit, jobs: list[_Job]) -> Iterator[_Job]:
        """The calls in an order in which each comes after those it needs, near to that of the nodes."""
        maker = {value: at for at, job in enumerate(jobs) for value in job.results}
        needs = [{maker[value] for value in job.inputs if value in maker} for job in jobs]
        users: dict[int, list[int]] = {}
        for at, need in enumerate(needs):
            for other in need:
                users.setdefault(other, []).append(at)
        ready: list[tuple[int, int]] = []
        for at, job in enumerate(jobs):
            if not needs[at]:
                heappush(ready, (job.nodes[0], at))
        done = 0
        while ready:
            _, at = heappop(ready)
            yield jobs[at]
            done += 1
            for user in users.get(at, ()):
                needs[user].discard(at)
                if not needs[user]:
                    heappush(ready, (jobs[user].nodes[0], user))
        if done < len(jobs):
            stuck = [job for at, job in enumerate(jobs) if needs[at] and isinstance(job.member, Unit)]
            largest = max(stuck, key=lambda job: len(job.nodes))
            assert largest.member is not None
            raise MustBeFlatError(largest.member.path)


def _made(node: Node) -> tuple[object, object]:
    kinds = node.input_types
    return node.op.torch_class(*kinds), node.op.torch_arguments(*kinds)


def _borrowed(code: Code, node: Node, layer: str, given: list[str]) -> str:
    """The call of a layer that has the weights of another, which does otherwise with them."""
    op = node.op
    made = op.source_module(code, *node.input_types)
    is_plain = type(op).source_call is Operator.source_call and all(weight.trainable for weight in node.weights)
    if made is None or not is_plain:
        raise UnprintableError(f"the layers that share the weights of `{node.path}` are not one", node)
    arguments = f'{made[:-1]}, device="meta"), dict({layer}.named_parameters()), ({", ".join(given)},)'
    return f"torch.func.functional_call({arguments})"
