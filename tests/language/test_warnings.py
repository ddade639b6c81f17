"""What a text is warned of, and what it is not: each row is a text, and the code and words of each warning."""

from __future__ import annotations

import re
import time

import pytest

from ghndsl.diagnostics import CompileError, Diagnostic, Source
from ghndsl.language import module_from_text
from ghndsl.language.lint import static_warnings
from ghndsl.space.check import check_module

HEAD = "arch net(k: int = 3) {\n    input x: f32[N, 3, 8, 8]\n    "


def told(text: str) -> list[Diagnostic]:
    try:
        return check_module(module_from_text(Source("a.nas", text)), {})
    except CompileError as error:
        return list(error.diagnostics)


def shown(found: list[Diagnostic]) -> list[tuple[str, str]]:
    return [(one.code, one.span.text if one.span else "") for one in found]


TALL = "x = x -> conv_transpose(3, 8, 8)\n "
# Statements of an architecture that uses its parameter `k`, and what they are warned of.
STATEMENTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "all is used": ("y = x -> conv(k, 1)\n output z = y", []),
    "a value nobody reads": ("y = x -> conv(k, 1)\n output z = x", [("G144", "y")]),
    "what leads to it is not told": ("w = x -> relu\n y = w -> conv(k, 1)\n output z = x", [("G144", "y")]),
    "a number nobody reads": ("n = k\n output z = x", [("G144", "n")]),
    "silenced": ("_y = x -> conv(k, 1)\n output z = x", []),
    "one of two": ("a, b = x -> relu, x -> conv(k, 1)\n output z = a", [("G144", "b")]),
    "one of two, silenced": ("a, _b = x -> relu, x -> conv(k, 1)\n output z = a", []),
    "given anew before it is read": ("y = x -> relu\n y = x -> conv(k, 1)\n output z = y", [("G144", "y")]),
    "given anew from itself": ("y = x -> relu\n y = y -> conv(k, 1)\n output z = y", []),
    "given anew on one way": ("y = x\n if k > 1 { y = x -> relu }\n output z = y", []),
    "given anew on both ways": (
        "y = x\n if k > 1 { y = x -> relu } else { y = x -> gelu }\n output z = y",
        [("G144", "y")],
    ),
    "used on one way": ("y = x -> relu\n if k > 1 { output z = y } else { output z = x }", []),
    "used on the other way": ("n = k\n y = x -> relu if k > 9 else x\n output z = y -> conv(n, 1)", []),
    "carried to the next turn": (
        "n = 1\n for i in range(k) { x = x -> conv(n, 1) as c{i}\n n = n + 1 }\n output z = x",
        [],
    ),
    "never carried": (
        "n = 1\n for i in range(k) { x = x -> conv(n, 1) as c{i}\n m = n + 1 }\n output z = x",
        [("G144", "m")],
    ),
    "carried through two loops": (
        "n = 1\n for i in range(k) { for j in 1..2 { x = x -> conv(n, 1) as c{i}.{j} }\n n = n + 1 }\n output z = x",
        [],
    ),
    "given anew in a turn": (
        "for i in range(k) { n = 1\n n = 2\n x = x -> conv(n, 1) as c{i} }\n output z = x",
        [("G144", "n")],
    ),
    "read after a loop that may not turn": ("y = x\n for i in range(k - 3) { y = x -> relu }\n output z = y", []),
    "a loop's only name": ("for i in range(k) { x = x -> relu }\n output z = x", []),
    "one of a loop's names": ("for a, b in [(k, 2)] { x = x -> conv(a, 1) }\n output z = x", [("G144", "b")]),
    "a comprehension's names": ("output z = add([x -> conv(a, 1) for a, b in [(k, 2)]])", []),
    "read in a comprehension": ("n = k\n output z = add([x -> conv(n, 1) for i in range(2)])", []),
    "hidden in a comprehension": (
        "i = k\n output z = add([x -> conv(i, 1) for i in range(1, 3)])",
        [("G144", "i")],
    ),
    "read in a label": ("n = k\n output z = x -> conv(2, 1) as c{n}", []),
    "read in an output's label": ("n = k\n output z{n} = x", []),
    "read in a stated type": ("n = 3 * k\n y: f32[N, n // k, 8, 8] = x\n output z = y", []),
    "sizes that check": ("y: [N, C, H, W] = x -> conv(k, 1)\n output z = y", []),
    "there for its sizes": ("_: [N, C, H, W] = x\n output z = x -> conv(C * k, 1)", []),
    "named, there for its sizes": ("y: [N, C, H, W] = x\n output z = x -> conv(C * k, 1)", []),
    "read in an index": ("n = k\n output z = x[:, :n]", []),
    "a stage": ("f = conv(k, 1)\n output z = x -> f", []),
    "a stage nobody uses": ("f = conv(k, 1)\n output z = x", [("G144", "f")]),
    "hides an operator": ("relu = x -> conv(k, 1)\n output z = relu", [("G142", "relu")]),
    "hides it, unused": ("relu = x -> conv(k, 1)\n output z = x", [("G144", "relu")]),
    "hides a function": ("len = k\n output z = x -> conv(len, 1)", [("G142", "len")]),
    "hides it twice": ("len = k\n len = len + 1\n output z = x -> conv(len, 1)", [("G142", "len")]),
    "hides in a loop": ("for index in range(k) { x = x -> conv(index + 1, 1) }\n output z = x", [("G142", "index")]),
    "hides in a comprehension": (
        "output z = add([x -> mean for mean in [relu, conv(3, 1, padding=k - 3)]])",
        [("G142", "mean")],
    ),
    "a label hides nothing": ("output z = x -> conv(k, 1) as relu", []),
    "an argument hides nothing": ("output z = x -> mean(dim=k)", []),
    "an item nobody takes": ("l = [x -> relu, x -> conv(k, 1)]\n output z = l[0]", [("G143", "conv(k, 1)")]),
    "a list nobody reads": ("l = [x -> relu, x -> conv(k, 1)]\n output z = x", [("G144", "l")]),
    "only counted": ("l = [x -> relu]\n output z = x -> conv(len(l) + k, 1)", [("G143", "relu")]),
    "a turn nobody takes": (
        "for i in range(k) { y = x -> conv(4, 1) as c{i} }\n output z = y",
        [("G143", "conv(4, 1) as c{i}")],
    ),
    "for an exit": ("y = x -> conv(k, 1)\n exit early = y\n output z = x", []),
    "an input": ("input y: f32[N, 3]\n output z = x -> conv(k, 1)", [("G146", "y")]),
    "an input for its sizes": ("input y: f32[N, T]\n output z = x -> conv(k, 1) -> reshape(N, k, T // T, 64)", []),
    "an input in a list": ("input y: f32[N, 3]\n l = [x, y]\n output z = l[0] -> conv(k, 1)", [("G146", "y")]),
    "an input given out": ("input y: f32[N, 3]\n output w = y\n output z = x -> conv(k, 1)", []),
    "a result of several": ("a, b = x -> split(2, 1)\n output z = concat(a, x -> conv(k, 1))", [("G144", "b")]),
    "a result of several in a list": ("l = x -> split(2, 1)\n output z = concat(l[0], x -> conv(k, 1))", []),
    "after a return": ("output z = x -> B(k)", [("G144", "late")]),
    "an unused argument": ("y = x -> relu\n output z = A(y, x) -> conv(k, 1)", []),
    "torch's order": (TALL + "output z = x -> conv(3, 16, k)", [("G147", "conv(3, 16, k)")]),
    "torch's order, the tensor first": (
        TALL + "output z = conv(x, 3, 3, 1, 1) -> conv(3, 16, k)",
        [("G147", "conv(3, 16, k)")],
    ),
    "torch's order, by name": (TALL + "output z = x -> conv(3, kernel_size=16, stride=k)", []),
    "torch's order, a common kernel": ("output z = x -> conv(3, 6, k)", []),
    "another width": (TALL + "output z = x -> conv(4, 16, k)", []),
    "patches": ("output z = x -> conv(3, 8, 8) -> conv(k, 1)", []),
    "a square kernel": ("output z = x -> conv(3, [8, 8], 16, 3) -> conv(k, 1, padding=1)", []),
    "half overlapping": ("output z = x -> conv(3, 8, 4, 2) -> conv(k, 1)", []),
    "a large odd kernel": ("output z = x -> conv(3, 9, 1, 4, groups=3) -> conv(k, 9, 2, 4)", []),
    "torch's order of a transposed one": (
        "output z = x -> conv_transpose(3, 32, 2, 2) -> conv(k, 1)",
        [("G147", "conv_transpose(3, 32, 2, 2)")],
    ),
    "a long transposed one": ("output z = x -> conv_transpose(3, 16, 8, 4) -> conv(k, 1)", []),
    "torch's order of a stage": (TALL + "f = conv(3, 16, k)\n output z = x -> f", [("G147", "conv(3, 16, k)")]),
    "torch's order in two turns": (
        TALL + "for i in range(2) { x = x -> conv(3, 16, 3, 7) -> conv(3, k) }\n output z = x",
        [("G147", "conv(3, 16, 3, 7)")],
    ),
    "long kernels of signals": ("output z = x -> flatten(2) -> conv(3, 64, 7) -> conv(k, 1)", []),
    "layers of a recurrent network": (
        "y, _, _ = x -> flatten(2) -> lstm(64, 32)\n w, _ = y -> gru(32, 8)\n output z = w * k",
        [("G147", "lstm(64, 32)")],
    ),
    "the first of what torch gives as a pair": (
        "y = x -> conv(k, 1)\n output z = (y -> max(dim=1))[0]",
        [("G147", "(y -> max(dim=1))[0]")],
    ),
    "the second, by a name": ("y = x -> conv(k, 1) -> min(dim=1)\n output z = y[1]", [("G147", "y[1]")]),
    "a sample that is meant": ("y = x -> conv(k, 1) -> max(dim=1)\n output z = y[0, :]", []),
    "the last sample": ("y = x -> conv(k, 1) -> max(dim=1)\n output z = y[-1]", []),
    "what torch gives alone": ("y = x -> conv(k, 1) -> mean(dim=1)\n output z = y[0]", []),
    "a sample of what is no pair": ("y = x -> conv(k, 1) -> max(dim=1) -> relu\n output z = y[0]", []),
    "an argument for an unused parameter": ("y = x -> relu\n output z = P(y, x) -> conv(k, 1)", [("G141", "b")]),
}
BLOCKS = (
    "block B(x, k: int) {\n return x -> conv(k, 1)\n late = k\n}\n",
    "block A(a, b) { return a + b }\n",
    "block P(b, a) { return a -> relu }\n",
)


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements(name: str) -> None:
    text, warned = STATEMENTS[name]
    blocks = "".join(block for block in BLOCKS if re.search(rf"\b{block[6]}\(", text))
    found = told(f"{blocks}{HEAD}{text}\n}}")
    assert shown(found) == warned, "\n\n".join(map(str, found))
    assert {one.severity for one in found} <= {"warning"}


NET = "arch net() { input x: f32[N, 3, 8, 8]\n output y = x -> B }\n"
# Whole texts, and what they are told.
TEXTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a parameter": ("block B(x, k: int = 1) { return x }\n" + NET, [("G141", "k")]),
    "a tensor": (
        "block B(x, y = 1) { return 3 }\narch net() { input x: f32[N]\n output y = x }",
        [("G141", "x"), ("G141", "y")],
    ),
    "a silenced one": ("block B(x, _k: int = 1) { return x }\n" + NET, []),
    "one given anew": ("block B(x, k: int = 1) {\n k = 2\n return x -> conv(k, 1)\n}\n" + NET, [("G141", "k")]),
    "one for a default": ("block B(x, k: int = 1, m: int = k) { return x -> conv(m, 1) }\n" + NET, []),
    "one in a pattern": ("block B(k: int = 3, x: [N, k, H, W]) { return x }\n" + NET, []),
    "sizes of a pattern": ("block B(x: [N, C, H, W]) { return x }\n" + NET, []),
    "a tensor for its sizes": (
        "block D(x: [N, C, H, W]) { return 2 * C }\nblock B(x) { return x -> conv(D(x), 1) }\n" + NET,
        [],
    ),
    "in a branch alone": ("block B(x, k: int = 1) {\n if 1 > 2 { x = x -> conv(k, 1) }\n return x\n}\n" + NET, []),
    "of an architecture": ("arch net(k: int = 1) { input x: f32[N]\n output y = x }", [("G141", "k")]),
    "in an input's type": ("arch net(k: int = 1) { input x: f32[N, 3 * k, H]\n output y = x }", []),
    "a block that hides": ("block conv(x) { return x }\n" + NET.replace("B", "conv"), [("G142", "conv")]),
    "a block that hides a function": ("block len(x) { return x }\n" + NET.replace("B", "len"), [("G142", "len")]),
    "a parameter that hides": ("block B(x, gelu: op = relu) { return x -> gelu }\n" + NET, [("G142", "gelu")]),
    "a parameter that hides a block": (
        "block One(x) { return x }\nblock B(x, One: op = One) { return x -> One }\n" + NET,
        [("G142", "One")],
    ),
    "an architecture hides nothing": ("arch relu() { input relu6: f32[N]\n output y = relu6 }", [("G142", "relu6")]),
    "an import": ("use std.conv (ConvBN)\nblock B(x) { return x }\n" + NET, [("G145", "ConvBN")]),
    "an import in a default": ("use std.conv (ConvBN)\nblock B(x, f: op = ConvBN(4)) { return x -> f }\n" + NET, []),
    "an import hidden by a parameter": (
        "use std.conv (ConvBN)\nblock B(x, ConvBN: op = relu) { return x -> ConvBN }\n" + NET,
        [("G145", "ConvBN"), ("G142", "ConvBN")],
    ),
    "an import hidden by a block": (
        "use std.conv (ConvBN)\nblock ConvBN(x) { return x }\n" + NET.replace("B", "ConvBN"),
        [("G111", "ConvBN")],
    ),
    "an import twice": (
        "use std.conv (ConvBN, ConvBN)\nblock B(x) { return x -> ConvBN(2) }\n" + NET,
        [("G111", "ConvBN")],
    ),
    "spare results of a block": (
        "block Two(x) { return x -> relu, x -> conv(3, 1) }\n"
        "block B(x) {\n for i in range(2) { x, y = x -> Two }\n return x + y\n}\n" + NET,
        [],
    ),
    "a spare result that no call uses": (
        "block Two(x) { return x -> relu, x -> conv(3, 1) }\nblock B(x) {\n l = x -> Two\n return l[0]\n}\n" + NET,
        [("G143", "conv(3, 1)")],
    ),
    "a block whose result nobody takes": (
        "block One(x) { return x -> conv(3, 1) -> relu }\nblock B(x) {\n l = [x -> One, x]\n return l[1]\n}\n" + NET,
        [("G143", "One")],
    ),
    "two architectures, one cause": (
        "block B(x) {\n y = x -> relu\n return x\n}\n" + NET + NET.replace("net", "other"),
        [("G144", "y")],
    ),
    "a part of a used spec": (
        "use std.conv (ConvBN)\nblock B(x) {\n l = [x, x -> ConvBN(4)]\n return l[0]\n}\n" + NET,
        [("G143", "ConvBN(4)")],
    ),
    "beside an error elsewhere": (
        "block B(x, k: int = 1) { return x -> rel }\nblock D(x, k: int = 1) { return x }\n" + NET,
        [("G110", "rel"), ("G141", "k")],
    ),
    "not where an error is": (
        "use std.conv (ConvBN)\nblock B(x, width: int = 1) { return x -> conv(widht, 1) }\n" + NET,
        [("G110", "widht")],
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str) -> None:
    text, warned = TEXTS[name]
    found = told(text)
    assert shown(found) == warned, "\n\n".join(map(str, found))


SPACE = "space s(k: int = 3) {\n    input x: f32[N, 3, 8, 8]\n    "
# Statements of a space, and what it is told.
SPACES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a choice": ("choose c from [1, 3]\n output y = x -> conv(k, 1)", [("G144", "c")]),
    "a choice of branches": ("choose c {\n a: x\n b: x -> conv(k, 1)\n }\n output y = x", [("G144", "c")]),
    "a tied choice": ("choose c, d from [(1, 2), (k, 3)]\n output y = x -> conv(c, 1)", [("G144", "d")]),
    "for a `where` alone": ("choose c from [1, 3]\n where c < k\n output y = x", []),
    "measures": ("choose c from [1, k]\n output y = x -> conv(c, 1)\n where params > 3", []),
    "in some candidates": ("choose c from [0, 1]\n l = [x -> conv(k, 1), x]\n output y = l[c]", []),
    "in no candidate": (
        "choose c from [0, 1]\n l = [x -> conv(k, 1), x, x -> relu]\n output y = l[c]",
        [("G143", "relu")],
    ),
    "in some turns of each": (
        "choose c from [1, 2]\n for i in range(k) { z = x -> conv(c, 1) as c{i} }\n output y = z",
        [],
    ),
    "in one branch": (
        "z = x -> relu\n choose c {\n a: z -> conv(k, 1)\n b: x\n }\n output y = c",
        [],
    ),
    "torch's order in some candidates": (
        TALL + "choose c from [conv(3, 16, k), conv(3, 1)]\n output y = x -> c",
        [("G147", "conv(3, 16, k)")],
    ),
    "an input in some candidates": (
        "input z: f32[N, k, 8, 8]\n choose c from [0, 1]\n l = [x, z]\n output y = l[c]",
        [],
    ),
    "an input": ("input z: f32[N]\n choose c from [1, k]\n output y = x -> conv(c, 1)", [("G146", "z")]),
}


@pytest.mark.parametrize("name", SPACES)
def test_spaces(name: str) -> None:
    text, warned = SPACES[name]
    found = told(f"{SPACE}{text}\n}}")
    assert shown(found) == warned, "\n\n".join(map(str, found))


# Blocks that nothing calls, and what is told of them.
UNCALLED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "nothing": ("block U(x: [N, C, H, W], k: int) { return x -> conv(C, k) -> relu }", []),
    "a name": ("block U(x) { return x -> rleu }", [("G110", "rleu")]),
    "several names": (
        "block U(x) {\n y = a + b\n return x -> conv(y, c)\n}",
        [("G110", "a"), ("G110", "b"), ("G110", "c")],
    ),
    "a size": ("block U(x: [N, C]) { return x -> linear(D) }", [("G110", "D")]),
    "a name given later": ("block U(x) {\n y = z\n z = x\n return y + z\n}", [("G110", "z")]),
    "a name given in an earlier turn": (
        "block U(x) {\n for i in 1..3 { if i > 1 { x = y }\n y = x -> relu }\n return x\n}",
        [],
    ),
    "a name given on one way": ("block U(x, k: int) {\n if k > 1 { y = x }\n return y\n}", []),
    "a stated size": ("block U(x) {\n y: [N, C] = x\n return y -> linear(2 * C)\n}", []),
    "a default": ("block U(x, k: int = m, m: int = 3) { return x -> conv(k, m) }", [("G110", "m")]),
    "a function that is not called": ("block U(x) { return x -> conv(len, 1) }", [("G110", "len")]),
    "an architecture": ("block U(x) { return x -> net }", [("G110", "net")]),
    "a prefix": ("block U(x) { return nn.relu(x) }", [("G110", "nn")]),
    "a measure": ("block U(x) { return x -> conv(params, 1) }", [("G110", "params")]),
    "an attribute": ("block U(x, k: int) { return x -> conv(k, 3, strid=2) }", [("G120", "strid")]),
    "an attribute of what is given": ("block U(x, act: op) { return x -> act(strid=2) }", []),
    "a parameter": (
        "block V(x, k: int) { return x -> conv(k, 1) }\nblock U(x) { return x -> V(kk=2) }",
        [("G120", "kk")],
    ),
    "an option": ('block U(x) { return x -> conv(4, 3, padding="sam") }', [("G120", '"sam"')]),
    "a missing attribute": ("block U(x) { return x -> conv(4) }", [("G120", "conv(4)")]),
    "a size out of range": ("block U(x) { return x -> conv(0, 3) }", [("G201", "0")]),
    "no return": ("block U(x) { y = x -> relu }", [("G131", "U")]),
    "an output": ("block U(x) {\n output y = x\n return x\n}", [("G131", "output y = x")]),
    "an input": ("block U(x) {\n input y: f32[N]\n return x + y\n}", [("G131", "input y: f32[N]")]),
    "a motif": ("motif U(x) {\n choose c from [1, 2]\n return x -> cov(c, 1)\n}", [("G110", "cov")]),
}
CALLED = "arch net() {\n    input x: f32[N, 3, 8, 8]\n    output y = x\n}\n"


@pytest.mark.parametrize("name", UNCALLED)
def test_blocks_that_nothing_calls(name: str) -> None:
    text, wrong = UNCALLED[name]
    assert shown(told(f"{text}\n{CALLED}")) == wrong
    assert shown(told(text)) == wrong, "a file of blocks alone"


@pytest.mark.parametrize("name", [name for name in UNCALLED if UNCALLED[name][1] and "motif" not in name])
def test_a_called_block_is_told_once(name: str) -> None:
    text, _ = UNCALLED[name]
    kinds = {"k: int": "3", "act: op": "relu"}
    given = ", ".join(value for kind, value in kinds.items() if kind in text.split("block U")[1].split("{")[0])
    found = told(f"{text}\n{CALLED.replace('= x', f'= x -> U({given})')}")
    places = [(one.code, one.span) for one in found]
    assert len(places) == len(set(places))
    assert set(UNCALLED[name][1]) <= set(shown(found)) or name == "an attribute of what is given"


# A text of a size, and how many warnings it has: none takes more than its share of time.
LONG = {
    "assignments": lambda n: "".join(f"    v{i} = k\n" for i in range(n)),
    "all read at last": lambda n: (
        "".join(f"    v{i} = k\n" for i in range(n)) + f"    l = [{', '.join(f'v{i}' for i in range(n))}]\n"
    ),
    "branches": lambda n: "".join(f"    if k > 1 {{ v{i} = k }}\n" for i in range(n)),
    "branches, read at last": lambda n: (
        "".join(f"    if k > 1 {{ v{i} = k }}\n" for i in range(n))
        + f"    l = [{', '.join(f'v{i}' for i in range(n))}]\n"
    ),
    "loops": lambda n: "".join(f"    for i in [1] {{ v{i} = k }}\n" for i in range(n)),
    "loops in loops": lambda n: "for i in [1] { " * 90 + "v = k" + " }" * 90 + "\n",
    "else if": lambda n: "    if k > 1 { v = k }" + " else if k > 2 { v = k }" * 380 + "\n",
}


@pytest.mark.parametrize("name", LONG)
def test_long_texts_are_looked_through_soon(name: str) -> None:
    text = (
        f"arch net(k: int = 3) {{\n    input x: f32[N, 3, 8, 8]\n{LONG[name](5000)}    output y = x -> conv(k, 1)\n}}\n"
    )
    module = module_from_text(Source("long.arch", text))
    before = time.process_time()
    assert static_warnings(module, ())
    assert time.process_time() - before < 5
