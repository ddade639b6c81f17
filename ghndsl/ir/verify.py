"""A graph goes in; nothing comes out of a sound one, and a list of what is wrong out of any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from ghndsl.ir.graph import Graph, Node, Value
from ghndsl.ops import Operator, ShapeError, Weight
from ghndsl.types import TensorType, symbols


class VerifyError(Exception):
    """The graph breaks rules that every producer of graphs keeps; `messages` say which, one for each breach."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


def verify(graph: Graph) -> None:
    """Raises `VerifyError` unless the graph keeps all the rules.

    >>> from ghndsl.ir import Port
    >>> from ghndsl.types import TensorType
    >>> x = Value(0, TensorType((1, 4)))
    >>> verify(Graph("net", (Port("x", x),), (), (Port("y", x),)))
    >>> verify(Graph("net", (), (), (Port("y", x),)))
    Traceback (most recent call last):
    ghndsl.ir.verify.VerifyError: output `y` is value 0, which nothing makes
    """
    messages = [message for rule in RULES for message in rule(graph)]
    if messages:
        raise VerifyError(messages)


def ports_are_named_once(graph: Graph) -> Iterator[str]:
    """No two inputs have one name, and no two outputs."""
    for word, ports in (("inputs", graph.arguments), ("outputs", graph.results)):
        seen: set[str] = set()
        for port in ports:
            if port.name in seen:
                yield f"two {word} are named `{port.name}`"
            seen.add(port.name)


def values_are_made_once(graph: Graph) -> Iterator[str]:
    """No two values have one id."""
    seen: set[int] = set()
    for value in (*(port.value for port in graph.arguments), *(v for node in graph.nodes for v in node.results)):
        if value.id in seen:
            yield f"value {value.id} is made twice"
        seen.add(value.id)


def values_are_made_before_use(graph: Graph) -> Iterator[str]:
    """Each input of a node, and each output, was made before, with the type it is used at."""
    made = {port.value.id: port.value for port in graph.arguments}
    for node in graph.nodes:
        for value in node.inputs:
            if made.get(value.id) is not value:
                yield from _misuse(f"{_where(node)} takes", value, made)
        for value in node.results:
            made[value.id] = value
    for port in graph.results:
        yield from _misuse(f"output `{port.name}` is", port.value, made)


def types_are_inferred(graph: Graph) -> Iterator[str]:
    """The types of a node's results are those that its operator infers, and its weights those that it asks for."""
    sound: set[tuple[int, ...]] = set()
    for node in graph.nodes:
        # What is the same operator on the same types, all of it alive while the graph is, needs one look.
        key = (id(node.op), id(node.input_types), id(_weights(node)), *_types(node.inputs), 0, *_types(node.results))
        if key in sound:
            continue
        messages = [*_misinferred(node)]
        yield from messages
        if not messages:
            sound.add(key)


@lru_cache(maxsize=4096)
def _answers(op: Operator, types: tuple[TensorType, ...]) -> tuple[tuple[TensorType, ...], tuple[Weight, ...]]:
    return op.infer(*types), op.weights(*types)


def _types(values: tuple[Value, ...]) -> list[int]:
    return [id(value.type) for value in values]


def _misinferred(node: Node) -> Iterator[str]:
    given, stored = (tuple([value.type for value in values]) for values in (node.inputs, node.results))
    try:
        inferred, weights = _answers(node.op, given)
    except (ShapeError, ValueError) as error:
        # Unpacking too many or too few types is a ValueError.
        yield f"{_where(node)} cannot take {_show(given)}: {error}"
        return
    if inferred != stored:
        yield f"{_where(node)} makes {_show(inferred)}, not {_show(stored)}"
    if (node.input_types, _weights(node)) != (given, weights):
        yield f"{_where(node)} holds the weights for other inputs than {_show(given)}"


def symbols_come_from_inputs(graph: Graph) -> Iterator[str]:
    """Each name of a size stands in the type of a graph input, where a run reads its value."""
    known = symbols(*(size for port in graph.arguments for size in port.value.type.shape))
    sound: set[int] = set()
    for node in graph.nodes:
        for value in node.results:
            if id(value.type) in sound:
                continue
            if known.issuperset(value.type.symbols):
                sound.add(id(value.type))
            else:
                yield f"{_where(node)} makes {value.type}, whose {_names(value.type.symbols - known)} no input gives"


def paths_mean_one_thing(graph: Graph) -> Iterator[str]:
    """Nodes that share weights have equal operators, and weights of equal shapes; other paths are only names."""
    first: dict[str, Node] = {}
    for node in graph.nodes:
        if not _weights(node):
            continue
        other = first.setdefault(node.path, node)
        if other is node:
            continue
        if other.op != node.op:
            yield f"{_where(node)} has the path of another operator, `{other.op.name}`"
        elif other.input_types != node.input_types and _weights(other) != _weights(node):
            yield f"{_where(node)} uses its weights again for inputs that need others"


def weights_are_named_once(graph: Graph) -> Iterator[str]:
    """No weight path belongs to nodes of two paths, has an empty part, or lies below the path of another weight."""
    owners: dict[str, str] = {}
    for node in graph.nodes:
        for weight in _weights(node):
            path = node.weight_path(weight)
            if owners.setdefault(path, node.path) != node.path:
                yield f"`{path}` is a weight of both `{owners[path]}` and `{node.path}`"
    # Weights lie side by side: few paths are those that others lie below.
    lower = {above for parent in {path.rpartition(".")[0] for path in owners} for above in _upwards(parent)}
    wrong = lower & owners.keys()
    for path in owners:
        if ".." in f".{path}.":
            yield f"the weight path `{path}` has an empty part"
        for above in _upwards(path.rpartition(".")[0]) if wrong else ():
            if above in wrong:
                yield f"the weight `{path}` lies below the weight `{above}`"


def _upwards(path: str) -> Iterator[str]:
    """A path and all that it lies below."""
    while path:
        yield path
        path = path.rpartition(".")[0]


RULES: tuple[Callable[[Graph], Iterator[str]], ...] = (
    ports_are_named_once,
    values_are_made_once,
    values_are_made_before_use,
    types_are_inferred,
    symbols_come_from_inputs,
    paths_mean_one_thing,
    weights_are_named_once,
)
"""What holds for every graph."""


def _misuse(user: str, value: Value, made: dict[int, Value]) -> Iterator[str]:
    source = made.get(value.id)
    if source is None:
        yield f"{user} value {value.id}, which nothing makes" + (" before it" if "takes" in user else "")
    elif source.type != value.type:
        yield f"{user} value {value.id} as {value.type}, which was made as {source.type}"


def _weights(node: Node) -> tuple[Weight, ...]:
    try:
        return node.weights
    except (ShapeError, ValueError):
        # The operator cannot take these inputs, which is another rule's to say.
        return ()


def _where(node: Node) -> str:
    return f"node `{node.path}` ({node.op.name})"


def _show(types: tuple[TensorType, ...]) -> str:
    return ", ".join(map(str, types)) or "nothing"


def _names(found: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(found))
