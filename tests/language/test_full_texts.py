"""What a text takes grows as its length does, whatever it is full of: values, choices, faults or remarks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ghndsl.space.check import check_file

Text = Callable[[int], str]


def net(line: str, kind: str = "arch") -> Text:
    """A text with many lines like one; `{i}` is the number of a line."""

    def text(count: int) -> str:
        lines = "".join(f"    {line.replace('{i}', str(number))}\n" for number in range(count))
        return f"{kind} net() {{\n    input x: f32[N, 3, 8, 8]\n{lines}    output y = x\n}}\n"

    return text


def space(line: str) -> Text:
    return net(line, "space")


def before(definition: str, text: Text) -> Text:
    """As many definitions like one, then a text."""
    return lambda count: "".join(definition.replace("{i}", str(number)) for number in range(count)) + text(count)


BLOCK = "block B(x) { choose k { a: x\n b: x -> relu }\n return k }\n"
FULL = {
    "links": lambda count: net(f"x = x{' -> relu' * count}")(1),
    "values": net("x = x -> conv(3, 1) as a{i}"),
    "shared stages": net("f{i} = conv(3, 1) as a{i}\n    x = x -> f{i} -> f{i}"),
    "blocks": before("block B{i}(x) { return x -> relu }\n", net("x = x -> B{i}")),
    "outputs": net("output z{i} = x -> relu"),
    "lists": lambda count: net(f"x = concat([{', '.join(['x'] * count)}]) -> conv(3, 1)")(1),
    "remarks": before("# a\n", net("x = x # b")),
    "choices": space("choose k{i} from [1, 2]"),
    "choices that are used": space("choose k{i} from [1, 3]\n    x = x -> conv(3, k{i}, padding=k{i} // 2)"),
    "choices in a loop": lambda count: space(f"for i in range({count}) {{ choose k from [1, 2] }}")(1),
    "choices in blocks": lambda count: BLOCK + space("x = x -> B as b{i}")(count),
    "conditions": lambda count: space("choose k from [1, 2]")(1).replace(
        "output", "where k > 0\n    " * count + "output"
    ),
    "names that are unknown": net("z{i} = y{i}"),
    "names that no part uses": net("z{i} = x -> relu"),
    "choices of one path": space("choose a { b: x }"),
    "shapes that do not fit": net("z{i} = x -> conv(3, 99)"),
    "candidates that are ill-formed": space("choose k{i} from [1, 99]\n    z{i} = x -> conv(3, k{i})"),
    "errors of syntax": before("block B{i}(x) { return x -> }\n", net("x = x")),
    "bodies without an end": before("block B{i}(x) {\n", net("x = x")),
    "strings without an end": net('x = x -> conv(3, 1, padding="same)'),
}


@pytest.mark.parametrize("what", FULL)
def test_work_grows_with_the_text(what: str, work: Callable[[Callable[[], object]], int], tmp_path: Path) -> None:
    file = tmp_path / "full.nas"
    taken: list[int] = []
    for count in (4, 30, 120):
        file.write_text(FULL[what](count), encoding="utf-8")
        taken.append(work(lambda: check_file(str(file), {})))
    assert taken[2] < 6 * taken[1], "four times the text"
