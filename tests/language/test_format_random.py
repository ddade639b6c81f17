"""Random texts of blocks, loops, shared stages, recursion and conditions: what is printed is the same graph again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import ghndsl
from ghndsl.diagnostics import CompileError, Source
from ghndsl.ir import Graph
from ghndsl.language import module_from_text, parse
from ghndsl.language.layout.text import format_text
from ghndsl.language.phrasing import phrased
from ghndsl.language.refold import fold
from ghndsl.language.writer import write
from ghndsl.passes import simplify
from ghndsl.space.check import check_module

# Every tensor is [N, 8, H, 6], so that anything may follow anything; sizes between are of all kinds.
SIZES = ["H", "N", "2", "3", "(H + {})", "({} + {})", "{} * {}", "({} // 2)", "({} // {})", "(H % {} + {})", "{} ** 2"]
PLAIN = [
    *("relu", "gelu", "silu", 'gelu(approximate="tanh")', "identity", "sigmoid", "batch_norm", "linear(6)"),
    *(
        "dropout(0.3)",
        "abs",
        "(max(1, true) -> expand(N, 8, H, 6))",
        "(sum(1, true) -> expand(N, 8, H, 6))",
        "prelu(8)",
        "clamp(max=0.5)",
    ),
    *("avg_pool(3, 1, 1)", "max_pool(3, stride=1, padding=1)", "layer_norm", "group_norm(2)", "softmax(dim=1)"),
    *("conv(8, 1)", "conv(8, 3, padding=1)", 'conv(8, 3, padding="same", groups=2)', "conv(8, (1, 3), padding=(0, 1))"),
    *("(conv(4, 1) -> relu -> conv(8, 1))", "(conv(8, 1) -> conv(8, 1) as last)", "repeat(2, conv(8, 1) -> relu)"),
    *("(transpose(1, 3) -> transpose(1, 3))", "(split(2, dim=1) -> concat)", "(flatten(1, 2) -> reshape(N, 8, H, 6))"),
]
ACTIVATIONS = ["relu", "gelu", "silu", "identity", 'gelu(approximate="tanh")']
STAGES = [*ACTIVATIONS, "conv(8, 1)", "conv(8, 3, padding=1) -> relu"]
SIGNS = [
    "{} + {}",
    "{} - {}",
    "{} * {}",
    "1 - {} * {}",
    "-{} + 2 * {}",
    "({} + {}) -> relu",
    "{} / 3 - {} ** 2",
    "{} ** {}",
    "max({}, 1, true) * {}",
    "2 / {} + {}",
]
JOINS = ["add({}, {}, {})", "mul({}, {}, {})", "concat({}, {}, {}) -> conv(8, 1)", "stack({}, {}, {}) -> mean([0])"]
LOOPS = ["i in range(3)", "i in 2..4", "w, i in [(8, 1), (4, 3), (16, 5)]", "i in [1, 2, 4, 8]"]
ALONE = [
    "concat({0}[:, 4:], {0}[:, :4])",
    "{0} * (parameter(8, 1, 1) as {1})",
    "{0} + zeros(8, 1, 6)",
    "{0}[:, :, :, 0:6]",
    "{0} + (zeros({2}, 1, 1, 6) -> mean([0]))",
    "{0} + (zeros(2, {2} + 1, 6)[:, {2}:] -> mean([0], keepdim=true))",
    "concat({0}[:, :, :H // 2], {0}[:, :, H // 2:], dim=2)",
    "concat({0}, full((N, 8, {2} + 1, 6), 0.5), dim=2)[:, :, :-1 - {2}]",
    "concat({0}, {0}[:, :, -1:], dim=2)[:, :, H - H // 3 - H + H // 3 + 1:]",
]


@dataclass(frozen=True)
class Block:
    """What calls need to know of a block."""

    name: str
    tensors: int
    kinds: tuple[str, ...]


@dataclass
class Body:
    """Statements in the making."""

    rng: Random
    blocks: Sequence[Block]
    tensors: list[str]
    numbers: Sequence[str] = ()
    stages: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)
    count: int = 0

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def tensor(self) -> str:
        return self.rng.choice(self.tensors[-4:])

    def label(self, turn: str = "") -> str:
        forms = ["{}", "part.{}", "{}.0", "{}.conv", "{}.{{-1}}", '{}.{{"for"}}', "{}_{{1 - 3}}", "in.{}.as"]
        return self.rng.choice(forms).format(self.fresh("m")) + turn

    def size(self, depth: int = 3) -> str:
        form = self.rng.choice(SIZES if depth else SIZES[:4])
        return form.format(*[self.size(depth - 1) for _ in range(form.count("{}"))])

    def give(self, value: str) -> None:
        """A name for a value, a new one or one that had another."""
        new = self.rng.random() < 0.6 or self.tensors[-1] in ("image", "other")
        name = self.fresh("t") if new else self.rng.choice([t for t in self.tensors if t not in ("image", "other")])
        self.lines.append(f"{name} = {value}")
        self.tensors = [*(t for t in self.tensors if t != name), name]

    def call(self, block: Block, tensors: Sequence[str] = ()) -> str:
        options = {"op": [*self.stages, *STAGES], "int": [*self.numbers, "1", "2", "3"]}
        given = [self.rng.choice(options[kind]) for kind in block.kinds]
        return f"{block.name}({', '.join([*tensors, *given])})" if tensors or given else block.name

    def link(self, turn: str = "", *, may_name: bool = True) -> str:
        found = [block for block in self.blocks if block.tensors == 1]
        if found and self.rng.random() < 0.5:
            link = self.call(self.rng.choice(found))
            if may_name and self.rng.random() < 0.1:
                return f"{link} as self"
        else:
            link = self.rng.choice([*PLAIN, *self.stages])
        if self.stages and self.rng.random() < 0.3:
            link = self.rng.choice(self.stages)
        elif self.numbers and self.rng.random() < 0.3:
            link = f"(conv(4 * {self.rng.choice(self.numbers)}, 1) -> conv(8, 1))"
        may_name = may_name and link not in self.shared  # A shared stage has its label already.
        return f"{link} as {self.label(turn)}" if may_name and self.rng.random() < 0.6 else link

    # Statements

    def chain(self) -> None:
        links = [self.link() for _ in range(self.rng.randrange(1, 4))]
        self.give(" -> ".join([self.tensor(), *links, *self.rng.choices([["relu"], []])[0]]))

    def sign(self) -> None:
        self.give(self.rng.choice(SIGNS).format(self.tensor(), self.tensor()))

    def join(self) -> None:
        self.give(self.rng.choice(JOINS).format(self.tensor(), self.tensor(), self.tensor()))

    def alone(self) -> None:
        self.give(self.rng.choice(ALONE).format(self.tensor(), self.label(), self.size()))

    def pair(self) -> None:
        found = [block for block in self.blocks if block.tensors == 2]
        if found:
            call = self.call(self.rng.choice(found), [self.tensor(), self.tensor()])
            self.give(f"{call} as {self.label()}" if self.rng.random() < 0.5 else call)

    def share(self) -> None:
        name = self.fresh("s")
        calls = [self.call(one) for one in self.blocks if one.tensors == 1]
        made = self.rng.choice(["conv(8, 1)", "(conv(8, 1) -> relu)", "linear(6)", *calls])
        self.lines.append(f"{name} = {made} as {self.label()}")
        self.give(f"{self.tensor()} -> {name} -> relu -> {name}")
        self.stages.append(name)
        self.shared.add(name)

    def again(self) -> None:
        """The same link a few times, as loops are unrolled."""
        link, stem = self.link(may_name=False), self.fresh("row")
        for i in range(self.rng.randrange(2, 5)):
            label = "" if link in self.shared else f" as {stem}.{2 * i + 1}"
            self.give(f"{self.tensors[-1]} -> {link}{label}")

    def uses(self) -> None:
        """One block a few times, with arguments of its own each time."""
        found = [block for block in self.blocks if block.tensors == 1]
        if found:
            block, stem = self.rng.choice(found), self.fresh("use")
            for i in range(self.rng.randrange(2, 5)):
                self.give(f"{self.tensor()} -> {self.call(block)} as {stem}_{i}")

    def loop(self) -> None:
        value, inner = self.fresh("t"), self.tensor()
        head = self.rng.choice(LOOPS)
        wide = "(conv(w, 1) -> conv(8, i, padding=i // 2))" if head.startswith("w") else "conv(8, 2 * i + 1, padding=i)"
        grown = f"(conv(4 * 2 ** i, 1) -> conv(8, 1)) as {self.label('_{i}')}"
        steps = [f"{wide} as {self.label('_{i}')}", grown, self.link("_{i}"), "relu"]
        lines = [f"{value} = {value} + {inner}", *(f"{value} = {value} -> {step}" for step in steps)]
        body = "\n".join(self.rng.sample(lines, self.rng.randrange(1, 4)))
        self.lines += [f"{value} = {self.tensor()}", f"for {head} {{ {body} }}"]
        self.tensors.append(value)

    def carry(self) -> None:
        """A loop that passes on several values."""
        a, b, stem = self.fresh("t"), self.fresh("t"), self.fresh("c")
        steps = [f"{a} + {b}", f"({a} * {b}) -> conv(8, 1) as {stem}_{{i}}", f"add({a}, {b} -> conv(8, 1))"]
        self.lines.append(f"{a}, {b} = {self.tensor()}, {self.tensor()}")
        self.lines.append(f"for i in range(4) {{ {a}, {b} = {b}, {self.rng.choice(steps)} }}")
        self.tensors += [a, b]

    def decide(self) -> None:
        if self.numbers:
            value, number = self.fresh("t"), self.rng.choice(self.numbers)
            ways = [f"{value} = {self.tensor()} -> {self.link()}" for _ in range(2)]
            self.lines.append(f"if {number} > 1 {{ {ways[0]} }} else {{ {ways[1]} }}")
            self.tensors.append(value)

    def grow(self, most: int) -> None:
        kinds: list[Callable[[], None]] = [
            *(self.chain, self.chain, self.chain, self.sign, self.join, self.alone, self.pair),
            *(self.share, self.again, self.uses, self.uses, self.uses, self.loop, self.carry, self.decide),
        ]
        for _ in range(self.rng.randrange(1, most)):
            self.rng.choice(kinds)()


def block(rng: Random, known: Sequence[Block], number: int) -> tuple[Block, str]:
    kinds = tuple(rng.choice(["int", "op"]) for _ in range(rng.randrange(3)))
    made = Block(rng.choice(["Block", "Cell", "Layer"]) + str(number), rng.choice([1, 1, 1, 2]), kinds)
    names = [f"p{i}" for i in range(len(kinds))]
    numbers = [name for name, kind in zip(names, kinds, strict=True) if kind == "int"]
    tensors = ["x", "y"][: made.tensors]
    body = Body(rng, known, list(tensors), numbers, [name for name in names if name not in numbers])
    body.grow(5)
    last = body.tensors[-1]
    if numbers and made.tensors == 1 and rng.random() < 0.4:
        given = ", ".join(f"{name} - 1" if name == numbers[0] else name for name in names)
        body.lines.append(f"if {numbers[0]} > 1 {{ {last} = {last} -> {made.name}({given}) as inner }}")
    parameters = ["x: [N, C, H, W]", *tensors[1:], *(f"{n}: {k}" for n, k in zip(names, kinds, strict=True))]
    text = "\n    ".join([*body.lines, f"return {last}"])
    return made, f"block {made.name}({', '.join(parameters)}) {{\n    {text}\n}}\n"


def program(rng: Random) -> str:
    """A random text, most of which elaborate."""
    known: list[Block] = []
    texts: list[str] = []
    for number in range(rng.randrange(1, 5)):
        made, text = block(rng, known, number)
        known.append(made)
        texts.append(text)
    inputs = ["image", "other"][: rng.choice([1, 1, 2])]
    body = Body(rng, known, list(inputs))
    for number in range(rng.randrange(1, 4)):
        body.grow(4)
        if rng.random() < 0.4:
            body.lines.append(f"exit early{number}.out = {body.tensors[-1]} -> mean([2, 3])")
    outputs = [f"output y = {body.tensors[-1]}", f"output z = {body.tensor()}"][: rng.choice([1, 2])]
    lines = [*(f"input {name}: f32[N, 8, H, 6]" for name in inputs), *body.lines, *outputs]
    return "\n".join([*texts, "arch net() {\n    " + "\n    ".join(lines) + "\n}\n"])


def elaborated(text: str) -> Graph | None:
    """The graph of a text, unless two parts happen to have one label, or a size is one of which no sign is known."""
    try:
        return ghndsl.loads(text)
    except CompileError as error:
        if not {fault.code for fault in error.diagnostics} <= {"G130", "G201"}:
            raise
        return None


def law(graph: Graph) -> tuple[str, Graph]:
    """Checks the laws of a graph's text; gives it back, and the graph that it is read as."""
    tree = phrased(fold(graph))
    text = write(tree)
    again = ghndsl.loads(text)
    assert again.id == graph.id
    assert [node.op for node in again.nodes] == [node.op for node in graph.nodes]
    assert list(again.weights.items()) == list(graph.weights.items())
    assert list(again.inputs.items()) == list(graph.inputs.items())
    assert list(again.outputs.items()) == list(graph.outputs.items())
    assert [port.is_exit for port in again.results] == [port.is_exit for port in graph.results]
    assert parse(Source("again.arch", text)) == tree
    assert format_text(text) == text
    return text, again


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_texts(seed: int) -> None:
    graph = elaborated(program(Random(seed)))
    assume(graph is not None)
    assert graph is not None
    law(graph)
    small = simplify(graph)
    text, again = law(small)
    told = check_module(module_from_text(Source("clean.arch", text)), {})
    assert {one.code for one in told} <= {"G146"}, "only its inputs may be unused"
    law(again)


def test_the_texts_are_of_many_kinds() -> None:
    texts = [program(Random(seed)) for seed in range(100)]
    graphs = [graph for graph in map(elaborated, texts) if graph is not None]
    assert len(graphs) > len(texts) // 2
    operators = {node.op.name for graph in graphs for node in graph.nodes}
    assert len(operators) >= 25, operators
    printed = "\n".join(ghndsl.format(graph) for graph in graphs)
    words = (
        "block ",
        "for ",
        "repeat(",
        ": op",
        ": int",
        " as self",
        "exit ",
        ": [N, C, H, W]",
        "..",
        " in [(",
        " ** i",
    )
    for word in words:
        assert word in printed, word
