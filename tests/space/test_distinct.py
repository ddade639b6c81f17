"""Which candidates are one architecture, how many there are, and draws of them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, permutations
from typing import TYPE_CHECKING

import pytest
import torch
from scipy.stats import chisquare

import ghndsl
from ghndsl.diagnostics import CompileError
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.run import run
from ghndsl.ir import Graph, Node, Value
from ghndsl.ops import Mode
from ghndsl.passes import simplify
from ghndsl.space import Candidate, Space, distinct
from ghndsl.space.looking import Architecture, Numbered

if TYPE_CHECKING:
    from conftest import MakeSpace

TWO = """
space two() {{
    input x: f32[N, 4, 6, 6]
    choose net {{
        one: x -> One
        two: x -> Two
    }}
    output logits = net
}}
block One(x) {{ {one} }}
block Two(x) {{ {two} }}
"""
RELU_TANH = "a = x -> relu\nb = x -> tanh\n"

MERGED = {
    "the order of a sum": (f"{RELU_TANH}return a + b", f"{RELU_TANH}return b + a"),
    "the order of a product": (f"{RELU_TANH}return a * b", f"{RELU_TANH}return b * a"),
    "identities": ("return x -> identity -> relu -> identity", "return x -> relu"),
    "a sum of one": ("return add([x -> relu])", "return x -> relu"),
    "an added zero": ("return (x -> relu) + zeros_like(x)", "return x -> relu"),
    "a zero among three": (f"{RELU_TANH}return add([a, zeros_like(b), b])", f"{RELU_TANH}return a + b"),
    "nothing but zeros": ("return zeros_like(x) + zeros_like(x -> relu)", "return zeros_like(x)"),
    "which of two zeros is made first": (
        "a = x -> conv(4, 1)\nb = x -> relu\np = zeros_like(a)\nq = zeros_like(b)\nreturn concat([p + q, a, b])",
        "a = x -> conv(4, 1)\nb = x -> relu\nq = zeros_like(b)\np = zeros_like(a)\nreturn concat([p + q, a, b])",
    ),
    "which branch of a sum of zeros is which": (
        "return zeros_like(x -> conv(4, 1) as a) + zeros_like(x -> relu)",
        "return zeros_like(x -> relu) + zeros_like(x -> conv(4, 1) as b)",
    ),
    "zeros behind identities": ("return (x -> relu) + (zeros_like(x) -> identity)", "return x -> relu"),
    "parts that no output needs": ("lost = x -> conv(4, 3) as lost\nreturn x -> relu", "return x -> relu"),
    "names": ("return x -> conv(4, 1) as a -> conv(4, 1) as b", "return x -> conv(4, 1) as b -> conv(4, 1) as a"),
    "attributes at their defaults": ("return x -> conv(4, 1)", "return x -> conv(4, 1, stride=1, bias=true)"),
}
APART = {
    "a node used twice, and two equal nodes": (
        "a = x -> conv(4, 1) as a\nreturn a + a",
        "return (x -> conv(4, 1) as a) + (x -> conv(4, 1) as b)",
    ),
    "weights used twice, and two sets of weights": (
        "f = conv(4, 1) as f\nreturn x -> f -> f",
        "return x -> conv(4, 1) as f -> conv(4, 1) as g",
    ),
    "weights used twice, and a node used twice": (
        "f = conv(4, 1) as f\nreturn (x -> f) + (x -> f)",
        "a = x -> conv(4, 1) as f\nreturn a + a",
    ),
    "equal nodes without weights": ("return (x -> relu) + (x -> relu)", "a = x -> relu\nreturn a + a"),
    "the order of a concatenation": (f"{RELU_TANH}return concat([a, b])", f"{RELU_TANH}return concat([b, a])"),
    "the order of a difference": (f"{RELU_TANH}return a - b", f"{RELU_TANH}return b - a"),
    "the order of a quotient": ("return (x -> exp) / (x -> relu)", "return (x -> relu) / (x -> exp)"),
    "attributes": ("return x -> conv(4, 3, padding=1)", "return x -> conv(4, 3, padding=1, bias=false)"),
    "attributes without weights": (
        "return x -> max_pool(3, stride=1, padding=1)",
        "return x -> max_pool(5, stride=1, padding=2)",
    ),
    "multiplied zeros": ("return (x -> relu) * zeros_like(x)", "return zeros_like(x)"),
    "zeros through what keeps them": ("return zeros_like(x) -> relu", "return zeros_like(x)"),
    "zeros through a bias": ("return zeros_like(x) -> conv(4, 1)", "return x -> conv(4, 1)"),
    "zeros used twice, and two zeros": (
        "z = zeros_like(x)\nreturn (z -> relu) * (z -> tanh)",
        "return (zeros_like(x) -> relu) * (zeros_like(x) -> tanh)",
    ),
    "zeros that give a sum its shape": (
        "return x[:, :1] + zeros_like(x)",
        "return concat([x[:, :1] for _i in range(4)])",
    ),
    "dropout": ("return x -> dropout(0.5)", "return x"),
    "dropout of nothing": ("return x -> dropout(0.0)", "return x"),
    "the nesting of sums": (f"{RELU_TANH}return add([a, b, x])", f"{RELU_TANH}return add([a, b + x])"),
    "twice, and a sum of both": ("return x * 2", "return x + x"),
    "an operator that is idle here": ("return x -> relu -> relu", "return x -> relu"),
    "the order of layers": ("return x -> relu -> tanh", "return x -> tanh -> relu"),
}


@pytest.mark.parametrize("name", [*MERGED, *APART])
def test_what_is_one_architecture(space_of: MakeSpace, name: str) -> None:
    one, two = (MERGED | APART)[name]
    space = space_of(TWO.format(one=one, two=two))
    assert space.distinct.size == (1 if name in MERGED else 2)
    first, second = (space.build(candidate) for candidate in space)
    assert (matched(simplify(first), simplify(second)) is None) is (name in APART)


def matched(one: Graph, other: Graph) -> dict[str, str] | None:
    """Which paths of weights in one graph are which in another, found by trying; None when the graphs differ."""
    wanted = list(zip(*([port.value for port in graph.results] for graph in (one, other)), strict=True))
    start = _Match(one, other)
    found = next(start.together(wanted), None) if len(one.nodes) == len(other.nodes) else None
    return None if found is None else dict(found.paths)


class _Match:
    """Pairs of nodes and of weights' paths, one to one, which grow from the outputs to the inputs."""

    def __init__(self, one: Graph, other: Graph) -> None:
        self.one, self.other = (
            {value.id: node for node in graph.nodes for value in node.results} for graph in (one, other)
        )
        self.inputs = {
            (a.value.id, b.value.id) for a, b in zip(one.arguments, other.arguments, strict=True) if a.name == b.name
        }
        self.pairs: dict[int, int] = {}
        self.paths: dict[str, str] = {}

    def together(self, wanted: Sequence[tuple[Value, Value]]) -> Iterator[_Match]:
        """The ways to pair all of these values; each is this very object while it is looked at."""
        if not wanted:
            yield self
            return
        (a, b), rest = wanted[0], wanted[1:]
        here, there = self.one.get(a.id), self.other.get(b.id)
        if here is None or there is None:
            if (a.id, b.id) in self.inputs:
                yield from self.together(rest)
            return
        if self.pairs.get(a.id) == b.id:
            yield from self.together(rest)
        elif a.id not in self.pairs and b.id not in self.pairs.values() and _alike(here, there):
            yield from self._paired(here, there, rest)

    def _paired(self, here: Node, there: Node, rest: Sequence[tuple[Value, Value]]) -> Iterator[_Match]:
        path = (here.path, there.path)
        is_new = bool(here.weights) and here.path not in self.paths
        if here.weights and (there.path in self.paths.values() if is_new else self.paths[path[0]] != path[1]):
            return
        made = {a.id: b.id for a, b in zip(here.results, there.results, strict=True)}
        self.pairs |= made
        if is_new:
            self.paths[path[0]] = path[1]
        orders = permutations(there.inputs) if here.op.commutative else (there.inputs,)
        for order in orders:
            yield from self.together([*zip(here.inputs, order, strict=True), *rest])
        for a in made:
            del self.pairs[a]
        if is_new:
            del self.paths[path[0]]


def _alike(here: Node, there: Node) -> bool:
    kinds = [[value.type for value in node.results] for node in (here, there)]
    return here.op == there.op and kinds[0] == kinds[1] and len(here.inputs) == len(there.inputs)


def outputs(graph: Graph, weights: dict[str, torch.Tensor], kind: str) -> list[torch.Tensor]:
    shape = [2 if not isinstance(size, int) else size for size in graph.arguments[0].value.type.shape]
    inputs = {graph.arguments[0].name: torch.randn(shape, generator=torch.manual_seed(1), dtype=torch.float64)}
    return [*run(graph, inputs, weights, Mode(kind)).values()]


def random_weights(graph: Graph, seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        path: torch.rand(weight.shape, generator=generator, dtype=torch.float64) + 0.5
        if weight.is_floating_point()
        else weight
        for path, weight in initial_weights(graph, 0).items()
    }


def check_merged(space: Space, candidates: Iterable[Candidate], *, most: int) -> int:
    """Pairs of one architecture compute the same with copied weights; two that are not are no isomorphic graphs."""
    classes: dict[str, list[tuple[Graph, Graph]]] = defaultdict(list)
    for candidate in candidates:
        graph = space.build(candidate)
        small = simplify(graph)
        classes[small.id].append((graph, small))
    pairs = 0
    for members in classes.values():
        for graph, small in members[1 : most + 1]:
            pairs += 1
            check_same(members[0], (graph, small))
    firsts = [members[0][1] for members in classes.values()][:9]
    for place, one in enumerate(firsts):
        for other in firsts[:place]:
            assert matched(one, other) is None
    return pairs


def check_same(one: tuple[Graph, Graph], other: tuple[Graph, Graph]) -> None:
    """Two graphs, each as built and simplified, compute the same once weights of the one are those of the other."""
    paths = matched(one[1], other[1])
    assert paths is not None
    weights, copied = random_weights(one[0], 1), random_weights(other[0], 2)
    for node in one[1].nodes:
        for weight in node.weights:
            copied[f"{paths[node.path]}.{weight.name}"] = weights[node.weight_path(weight)]
    for kind in ("eval", "train"):
        for before, after in zip(outputs(one[0], weights, kind), outputs(other[0], copied, kind), strict=True):
            torch.testing.assert_close(after, before, rtol=1e-11, atol=1e-11)


OPERATIONS = {
    "none": "zeros_like(x)",
    "skip": "x",
    "same": "x -> identity",
    "conv": "x -> conv(C, 1)",
    "relu": "x -> relu",
    "norm": "x -> batch_norm",
    "pool": "x -> avg_pool(3, stride=1, padding=1)",
    "twice": "x -> identity -> conv(C, 3, padding=1)",
}


def random_space(seed: int) -> str:
    """A motif of three nodes with random operations and joints, used twice."""
    rng = random.Random(seed)
    branches = "\n".join(f"{name}: {OPERATIONS[name]}" for name in rng.sample(sorted(OPERATIONS), 3))
    lines = ["v0 = x"]
    edge = 0
    for node in (1, 2):
        sources = sorted(rng.sample(range(node), rng.randint(1, node)))
        terms = [f"v{source} -> Op as e{edge + place}" for place, source in enumerate(sources)]
        edge += len(terms)
        joint = rng.choice(["add([{}])", "add([{}, x])", "mul([{}])", "concat([{}]) -> conv(C, 1) as j" + str(node)])
        lines.append(f"v{node} = {joint.format(', '.join(terms))}")
    cell = "\n".join(lines)
    return f"""
block Op(x: [N, C, H, W]) {{ choose op {{ {branches} }}
return op }}
motif Cell(x: [N, C, H, W]) {{ {cell}
return add([v0 -> Op as last, v1, v2]) }}
space random() {{ input x: f32[N, 3, 4, 4]
output logits = x -> conv(4, 1) as stem -> Cell as one -> Cell as two }}"""


def test_merged_candidates_compute_the_same(space_of: MakeSpace) -> None:
    pairs = 0
    for seed in range(5):
        space = space_of(random_space(seed))
        pairs += check_merged(space, islice(space, 27), most=2)
    assert pairs > 12


FAMILIES = {"nasbench201": ((2, 1, 8), range(100, 125)), "nasbench101": ((4, 1, 8), range(9, 423_624, 60_000))}
"""Width, cells and size of images, and the candidates to look at."""


@pytest.mark.parametrize("name", FAMILIES)
def test_shipped_candidates_compute_the_same(name: str) -> None:
    (width, cells, size), numbers = FAMILIES[name]
    space = ghndsl.load_space(name, width=width, cells=cells, size=size)
    pairs = check_merged(space, map(space.candidate, numbers), most=3)
    assert pairs > 5 or name != "nasbench201"


FEW = """
block Op(x: [N, C, H, W]) { choose op { none: zeros_like(x)
    skip: x
    conv: x -> conv(C, 1) }
    return op }
space few(bound: int = 9) { input x: f32[N, 2, 4, 4]
choose k from 1..3
where k < bound
output logits = add([x -> Op as a, x -> Op as b, x -> conv(2, 1) -> Op as c]) -> relu }
"""
"""`k` says nothing, so that three candidates stand for each architecture at least."""


def few(space_of: MakeSpace, where: str = "") -> Space:
    return space_of(FEW.replace("where k < bound\n", where))


def test_what_is_listed_is_the_first_of_each_architecture(space_of: MakeSpace) -> None:
    space = few(space_of, "where k > 1\n")
    first: dict[str, int] = {}
    for number, candidate in space.enumerate():
        first.setdefault(simplify(space.build(candidate)).id, number)
    assert [space.number(candidate) for candidate in space.distinct] == sorted(first.values())
    assert [one.id for one in space.distinct.architectures()] == list(first)
    assert space.distinct.size == len(first) < 27
    assert space.distinct.bounds() == distinct.Bounds(len(first), len(first), "each of 54 candidates was built")


def test_nothing_is_built_twice(space_of: MakeSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    space = few(space_of)
    built: list[Candidate] = []
    build = Space.build

    def counted(self: Space, candidate: Candidate) -> Graph:
        built.append(candidate)
        return build(self, candidate)

    monkeypatch.setattr(Space, "build", counted)
    one, other = iter(space.distinct), iter(space.distinct)
    assert list(islice(one, 3)) == list(islice(other, 3))
    assert list(islice(other, 3)) == list(islice(one, 3))
    assert space.distinct.sample(5, seed=0)
    assert space.distinct.size == len(list(one)) + 6
    assert len(built) == len(set(built)) == 81


def ahead(task: Callable[[Numbered], Architecture], items: Iterable[Numbered]) -> Iterator[Architecture]:
    """As processes do it: items are taken before results are asked for."""
    return iter([task(item) for item in items])


def test_how_candidates_are_built_changes_nothing(space_of: MakeSpace) -> None:
    told: list[tuple[int, int]] = []
    one, other = few(space_of).distinct, few(space_of).distinct
    assert other.complete(ahead, lambda done, total, text: told.append((done, total))) == one.complete()
    assert told == [(done, 81) for done in range(1, 82)]
    assert one.sample(9, seed=4) == other.sample(9, seed=4)


@pytest.fixture(name="_large")
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces of a few candidates count as too large to build all of."""
    monkeypatch.setattr(distinct, "MOST_BUILT", 10)
    monkeypatch.setattr(distinct, "PATIENCE", 300)


@pytest.mark.usefixtures("_large")
def test_a_space_too_large_to_be_built(space_of: MakeSpace) -> None:
    space = few(space_of)
    bounds = space.distinct.bounds()
    exact = few(space_of)
    known = {simplify(exact.build(candidate)).id for candidate in exact}
    assert 5 < bounds.least <= len(known) < bounds.most == 81
    assert bounds.because.startswith("81 candidates are more than the 10 that are built; of ")
    with pytest.raises(CompileError, match="cannot be counted"):
        space.distinct.size  # noqa: B018
    drawn = space.distinct.sample(500, seed=2)
    assert {simplify(space.build(candidate)).id for candidate in drawn} == known
    assert len(drawn) == len(known)


@pytest.mark.parametrize("kind", ["countable", "large"])
def test_draws_repeat_and_end(space_of: MakeSpace, request: pytest.FixtureRequest, kind: str) -> None:
    if kind == "large":
        request.getfixturevalue("_large")
    drawn = few(space_of).distinct.sample(400, seed=1)
    assert len(drawn) == len(set(drawn)) < 27
    assert few(space_of).distinct.sample(4, seed=1) == drawn[:4]
    assert few(space_of).distinct.sample(4, seed=2) != drawn[:4]


def chances(counts: Iterable[int]) -> float:
    return float(chisquare(list(counts)).pvalue)


def test_every_architecture_is_as_likely_as_another(space_of: MakeSpace) -> None:
    """And every candidate, where draws are of candidates, though many of them are one architecture."""
    space = few(space_of)
    size = space.distinct.size
    singles = Counter(space.distinct.sample(1, seed)[0] for seed in range(60 * size))
    threes = Counter(candidate for seed in range(30 * size) for candidate in space.distinct.sample(3, seed))
    assert len(singles) == len(threes) == size
    assert chances(singles.values()) > 0.001
    assert chances(threes.values()) > 0.001
    plain = Counter(space.sample(81 * 40, seed=3))
    assert len(plain) == 81
    assert chances(plain.values()) > 0.001
    feasible = Counter(few(space_of, "where k != 2\n").sample(54 * 40, seed=3))
    assert len(feasible) == 54
    assert chances(feasible.values()) > 0.001


def test_measures_leave_fewer_architectures(space_of: MakeSpace) -> None:
    text = FEW.replace("where k < bound\n", "").replace("-> relu", "-> relu\nwhere params > 12")
    space = space_of(text)
    found = {simplify(space.build(candidate)).id for _, candidate in space.enumerate()}
    assert 0 < space.distinct.size == len(found) < few(space_of).distinct.size
