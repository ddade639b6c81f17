"""A `choose` goes in; what it may be comes out, and what was picked becomes the values of its names."""

from __future__ import annotations

from ghndsl.dags import Dags
from ghndsl.diagnostics import Span, did_you_mean
from ghndsl.language import tree
from ghndsl.language.choices import Domain, Options, option_text
from ghndsl.language.expressions import Expressions
from ghndsl.language.graph_choices import PARAMETERS, GraphDomain, GraphFault, emptiness, graph_family
from ghndsl.language.values import ChosenGraph, Result, describe, is_stage, is_tensor, join


class Choosing(Expressions):
    """Makes the choices of the frame at hand."""

    def pick(self, path: str, domain: Domain, node: tree.Choose) -> tuple[int, ...]:
        """What is chosen at a path."""
        raise NotImplementedError

    def choose(self, node: tree.Choose) -> bool:
        """Makes a choice; the statement never returns."""
        options, domain = self.options(node)
        path = join(self.frame.choices, "_".join(name.id for name in node.names))
        picks = self.pick(path, domain, node)
        self.settle(node, options, domain, picks)
        return False

    def options(self, node: tree.Choose) -> tuple[tuple[Result, ...], Domain]:
        """The options of a choice (none for labelled branches, which are built when taken) and their domain."""
        if node.dags is not None:
            return (), self._graphs(node, node.dags)
        if node.branches is not None:
            if node.domain is not None:
                message = "labelled branches choose among themselves, or are the operations of a graph"
                hint = "leave out `from ...`, or write `from dags(vertices=2..7)`"
                raise self.refuse("G307", message, node.domain.span, help=hint)
            return (), self._domain(node, tuple(branch.label for branch in node.branches))
        assert node.domain is not None, "the grammar has no other kind"
        options = self.items(node.domain)
        self.charge(options)
        self._check_items(node, options)
        return options, self._domain(node, tuple(map(option_text, options)))

    def _check_items(self, node: tree.Choose, options: tuple[Result, ...]) -> None:
        """Refuses options that no text can stand for, or that do not fit the names they are for."""
        first, is_tied = node.names[0].id, len(node.names) > 1 and node.count is None
        for number, option in enumerate(options):
            if is_tensor(option) and option != ():
                message = "tensors are chosen by labelled branches, of which only the one taken is built"
                hint = f"write `choose {first} {{ a: ... }}`, one branch a line"
                if isinstance(node.domain, tree.Name):
                    hint = (
                        f"choose among their numbers: `from range(len({node.domain.id}))`, then `{node.domain.id}[i]`"
                    )
                raise self.refuse("G122", message, _option_span(node, number), help=hint)
            if is_tied:
                self.unpacked(node.names, option, _option_span(node, number))

    def _domain(self, node: tree.Choose, labels: tuple[str, ...]) -> Options:
        self._check_labels(node, labels)
        low, high = node.count or (None, None)
        if low is not None and high is not None:
            if low > high:
                raise self.refuse("G301", f"{low}..{high} holds no number", node.span)
            if high > len(labels):
                message = f"{high} distinct ones cannot be chosen from {len(labels)}"
                raise self.refuse("G301", message, node.span)
        if not labels:
            raise self.refuse("G301", "there is nothing to choose from", (node.domain or node).span)
        return Options(labels, low, high)

    def _check_labels(self, node: tree.Choose, labels: tuple[str, ...]) -> None:
        seen = set[str]()
        for number, label in enumerate(labels):
            if label in seen:
                raise self.refuse("G302", f"`{label}` can be chosen twice over", _option_span(node, number))
            seen.add(label)

    # Graphs

    def _graphs(self, node: tree.Choose, call: tree.Call) -> GraphDomain:
        if node.branches is None:
            message = "a graph needs operations for its inner vertices, as labelled branches"
            hint = "write `choose g from dags(...) { a: relu }`, with a stage for each label"
            raise self.refuse("G307", message, call.span, help=hint)
        if node.count or len(node.names) > 1:
            raise self.refuse("G307", "one graph is chosen at a time", node.span)
        labels = tuple(branch.label for branch in node.branches)
        self._check_labels(node, labels)
        given, spans = self._bounds(call)
        try:
            domain = GraphDomain(Dags(graph_family(given), labels))
        except GraphFault as fault:
            raise self.refuse(fault.code, str(fault), spans[fault.argument]) from None
        empty = emptiness(domain.dags)
        if empty:
            raise self.refuse("G307", empty[0], call.span, help=empty[1])
        return domain

    def _bounds(self, call: tree.Call) -> tuple[dict[str, Result], dict[str, Span]]:
        """The arguments of `dags` by name, and their places."""
        given: dict[str, Result] = {}
        spans: dict[str, Span] = {}
        for place, argument in enumerate(call.arguments):
            name = argument.name or (PARAMETERS[place] if place < len(PARAMETERS) else "")
            if name not in PARAMETERS:
                message = f"`dags` has no parameter `{name}`" if name else f"`dags` takes {len(PARAMETERS)} arguments"
                hint = did_you_mean(name, PARAMETERS) or f"there are {', '.join(PARAMETERS)}"
                raise self.refuse("G120", message, argument.name_span if name else argument.span, help=hint)
            if name in given:
                raise self.refuse("G120", f"`{name}` is given twice", argument.span)
            given[name], spans[name] = self.value(argument.value), argument.value.span
        if "vertices" not in given:
            raise self.refuse("G120", "`dags` needs `vertices`", call.span, help="write `dags(vertices=2..7)`")
        return given, spans

    # What was picked

    def settle(self, node: tree.Choose, options: tuple[Result, ...], domain: Domain, picks: tuple[int, ...]) -> None:
        """Binds what was chosen."""
        if isinstance(domain, GraphDomain):
            value: Result = self._chosen_graph(node, domain, picks)
        elif node.branches is not None:
            value = self.value(node.branches[picks[0]].value)
        elif isinstance(domain, Options) and domain.is_subset:
            value = tuple(options[i] for i in picks)
        else:
            value = options[picks[0]]
        self.bind(node.names, value, node.span)

    def _chosen_graph(self, node: tree.Choose, domain: GraphDomain, picks: tuple[int, ...]) -> ChosenGraph:
        """The graph, with what its labels stand for; a branch is evaluated when some vertex has its label."""
        dag = domain.dags.dag(picks[0])
        self.steps += len(dag) ** 2
        used = set(dag.labels)
        stages: dict[str, Result] = {}
        for branch in node.branches or ():
            if branch.label in used:
                stage = self.value(branch.value)
                if not is_stage(stage):
                    message = f"a branch of a graph choice is a stage, not {describe(stage)}"
                    raise self.refuse("G121", message, branch.value.span)
                stages[branch.label] = stage
        return ChosenGraph(dag, tuple([stages[label] for label in dag.labels]))


def _option_span(node: tree.Choose, number: int) -> Span:
    """Where an option is written: the label of a branch, the item of a list, or what the list is computed by."""
    if node.branches is not None:
        branch = node.branches[number]
        return Span(branch.span.source, branch.span.start, branch.span.start + len(branch.label))
    if isinstance(node.domain, tree.Sequence) and number < len(node.domain.items):
        return node.domain.items[number].span
    return (node.domain or node).span
