"""Nodes, folded blocks and frames go in; the labels that a picture shows for them come out, as Graphviz's HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ghndsl.emit.outline.boxes import Box, Cluster
from ghndsl.emit.outline.words import below, cost, escaped, listed, measures, shortened, sizes, spanned, tidy, times
from ghndsl.emit.picture.details import Detail, Details
from ghndsl.emit.picture.palette import CHOICE, FAINT, PAPER
from ghndsl.ir import Graph, Port, Scope, batch_symbol
from ghndsl.ops import Operator, Slice, written
from ghndsl.passes.facts import exits
from ghndsl.types import TensorType

_INTO = " > "
"""Between a block and the one that is all it holds: a sign of Latin-1, whose width Graphviz knows."""


@dataclass(frozen=True)
class Labels:
    """Writes the labels of one graph, with the numbers of kinds of blocks that a picture opens beside it."""

    graph: Graph
    details: Details = field(default_factory=Details)

    @cached_property
    def _exits(self) -> Mapping[str, str]:
        return {one.name: measures(one.params, one.macs) for one in exits(self.graph)}

    @cached_property
    def _choices(self) -> Mapping[str, list[str]]:
        """By the path of what makes them, the choices of a candidate."""
        found: dict[str, list[str]] = {}
        for path, text in self.graph.choices:
            maker, _, name = path.rpartition(".")
            found.setdefault(maker, []).append(f"{name} = {shortened(text, 28)}")
        return found

    @cached_property
    def batch(self) -> str | None:
        """The name of the batch, which shapes beside edges leave out."""
        return batch_symbol(self.graph)

    def placed(self, path: str, around: Sequence[Scope]) -> str:
        """A path as a box in a block shows it."""
        return below(path, around)

    def shape(self, kind: TensorType) -> str:
        """A type as edges tell it."""
        return sizes(kind, self.batch)

    def title(self, name: str = "") -> str:
        """The name of the graph, or what it is asked for by, and its measures."""
        total = measures(self.graph.params, self.graph.macs)
        words = ", ".join(filter(None, (total, f"{len(self.graph.nodes):,} nodes")))
        return titled(name or self.graph.name, words)

    def port(self, port: Port) -> str:
        """The name and type of an input, output or exit; of an exit what it takes to reach it, too."""
        name = f"{'exit ' if port.is_exit else ''}<b>{escaped(port.name)}</b>"
        reach = self.reach(port.name) if port.is_exit else ""
        return lines(name, small(str(port.value.type)), small(reach and f"after {reach}"))

    def reach(self, name: str) -> str:
        """What it takes to get to an exit."""
        return self._exits[name]

    def node(self, box: Box, around: Sequence[Scope]) -> str:
        """The operator, its attributes, what it costs, and, if it has weights, its path.

        The path is there, too, where it is all that is left of a block of one node.
        """
        node = box.nodes[0]
        name, call = _call(node.op)
        alone = node.scope.parent is not None and node.scope not in around
        path = self.placed(node.path, around) if node.weights or alone else ""
        chosen = self._chosen(scope for scope in node.scope.chain() if scope not in around) if alone else ""
        return lines(head(name, box.times, path), self.words(box, call), self.cost(box), chosen)

    def words(self, box: Box, call: str) -> str:
        """What stands below an operator's name: its attributes, if those of all copies are the same."""
        return _differ(box) or small(shortened(call))

    def box(self, box: Box, around: Sequence[Scope]) -> str:
        """The name of a folded block, how often it is repeated, its paths and its cost."""
        paths = [self.placed(scope.path, around) for scope in box.scopes]
        scope, inner = box.scopes[0], box.inside.name if box.inside else ""
        name = scope.name if inner in (scope.name, "") else f"{scope.name}{_INTO}{inner}"
        name = _numbered(name, self.details.number(box.inside))
        heading = head(name, box.times, spanned(paths), is_motif=scope.kind == "motif")
        return lines(heading, _differ(box), self.cost(box), self._chosen(box.scopes[:1]))

    def frame(self, cluster: Cluster, around: Sequence[Scope]) -> str:
        """The names and the path of the blocks a frame stands for, how often it is repeated, and what is chosen."""
        number = max(1, len(cluster.copies))
        paths = [self.placed(path, around) for path in cluster.ends or (cluster.scopes[-1].path,)]
        if not cluster.scopes:
            return lines(head("repeated", number, ""), small(spanned(paths)), _differ(cluster))
        names = _INTO.join(scope.name for scope in cluster.scopes)
        is_motif = any(scope.kind == "motif" for scope in cluster.scopes)
        total = self.cost(cluster) if number > 1 else ""
        heading = head(names, number, spanned(paths), is_motif=is_motif)
        return lines(heading, _differ(cluster), total, self._chosen(cluster.scopes))

    def detail(self, detail: Detail) -> str:
        """The heading of a block that is drawn open beside the picture, and where it is used."""
        scope, shown = detail.scope, listed([path for path in detail.uses if path])
        is_motif = scope.kind == "motif"
        heading = head(_numbered(f"inside {scope.name}", detail.number), 1, "", is_motif=is_motif)
        others = "" if detail.is_equal else small("numbers are the first one's")
        return lines(heading, small(shown and f"as {shown}"), others, self._chosen([scope]) if is_motif else "")

    def cost(self, drawn: Box | Cluster) -> str:
        """What a box or frame costs, its copies counted."""
        own = measures(*cost(self.graph, drawn.nodes))
        is_shared = isinstance(drawn, Box) and self._is_shared(drawn)
        return small(own.replace(" params", " shared params") if is_shared else own)

    def _is_shared(self, box: Box) -> bool:
        """Whether all weights of a box are weights of nodes elsewhere, too."""
        own = Counter(node.path for node in box.nodes if node.weights)
        return bool(own) and all(self._uses[path] > number for path, number in own.items())

    @cached_property
    def _uses(self) -> Counter[str]:
        """How many nodes have the weights of each path."""
        return Counter(node.path for node in self.graph.nodes if node.weights)

    def _chosen(self, scopes: Iterable[Scope]) -> str:
        found = [choice for scope in scopes for choice in self._choices.get(_maker(scope), [])]
        return chip(shortened(", ".join(found))) if found else ""


def _numbered(name: str, number: int) -> str:
    return f"{name} ({number})" if number else name


def _maker(scope: Scope) -> str:
    """The path that choices made in a scope begin with: in a motif they count from its name."""
    motif = next((one for one in scope.chain() if one.kind == "motif"), None)
    if motif is None:
        return scope.path
    rest = scope.path.removeprefix(motif.path).removeprefix(".")
    return f"{motif.name}.{rest}" if rest else motif.name


def beside(words: str) -> str:
    """The label of an edge."""
    return lines(f'<font point-size="10" color="{FAINT}">{escaped(words)}</font>', paper=True) if words else ""


def titled(name: str, words: str) -> str:
    """The heading of a picture: a name, and a line below it."""
    heading = f'<font point-size="15"><b>  {escaped(name)}  </b></font>'
    return lines(heading, small(f"  {words}  "), paper=True)


def head(name: str, number: int, path: str, *, is_motif: bool = False) -> str:
    """The first line of a box: its name, how often it is repeated, its path."""
    kind = '<font point-size="9">motif </font>' if is_motif else ""
    return f"{kind}<b>{escaped(name + times(number))}</b>" + (f"  <i>{escaped(path)}</i>" if path else "")


def small(text: str) -> str:
    """A line in the smaller size."""
    return f'<font point-size="10">{escaped(text)}</font>' if text else ""


def _differ(repeated: Box | Cluster) -> str:
    return "" if repeated.is_equal else small("numbers differ")


def _call(op: Operator) -> tuple[str, str]:
    """An operator's name, and what stands behind it in the text."""
    if isinstance(op, Slice):
        return op.name, op.subscript
    name, bracket, rest = tidy(written(op)).partition("(")
    return name, bracket + rest


def chip(choice: str) -> str:
    """A cell that says what was chosen."""
    return f'<td bgcolor="{CHOICE.fill}" style="rounded">{small(choice)}</td>'


def lines(*texts: str, paper: bool = False) -> str:
    """A label of several lines, each of which may be a cell of its own; empty ones go."""
    told = [text for text in texts if text]
    if not paper and not any(text.startswith("<td") for text in told):
        return f"<{'<br/>'.join(told)}>"
    words = "<br/>".join(text for text in told if not text.startswith("<td"))
    cells = [f"<td>{words}</td>", *(text for text in told if text.startswith("<td"))]
    ground = f' bgcolor="{PAPER}" style="rounded"' if paper else ""
    rows = "".join(f"<tr>{cell}</tr>" for cell in cells)
    padding = 2 if paper else 1
    return f'<<table border="0" cellborder="0" cellspacing="1" cellpadding="{padding}"{ground}>{rows}</table>>'
