"""Differences of two networks: what appears, vanishes and changes, whatever moved."""

import pytest

import ghndsl
from ghndsl.emit.table.difference import Change, chosen, difference, folded
from ghndsl.ir import Graph


def net(body: str) -> Graph:
    blocks = (
        "block B(x, c: int = 8) { return x -> conv(c, 3, padding=1) -> relu }\n"
        "block Three(x) { return x -> conv(8, 1) -> batch_norm -> relu }\n"
    )
    return ghndsl.loads(f"{blocks}arch net() {{\n input x: f32[N, 8, 4, 4]\n {body}\n output y = x }}")


def told(changes: list[Change]) -> list[str]:
    """The leaves as lines: a sign, the path, and the name, before and after."""
    signs = {"added": "+", "removed": "-", "changed": "~"}
    lines: list[str] = []
    for leaf in (leaf for change in changes for leaf in change.leaves()):
        sides = [side for side in (leaf.before, leaf.after) if side]
        names = " → ".join(dict.fromkeys(side.name for side in sides))
        lines.append(f"{signs[leaf.kind]} {sides[-1].path} {names}")
    return lines


THREE = "x = x -> conv(8, 1) -> batch_norm -> relu"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (THREE, THREE, []),
        # What only has another number for a path is what it was.
        (THREE, "x = x -> dropout(0.1) -> conv(8, 1) -> batch_norm -> relu", ["+ 0 dropout(p=0.1)"]),
        (THREE, "x = x -> conv(8, 1) -> relu -> batch_norm -> relu", ["+ 1 relu"]),
        (THREE, "x = x -> conv(8, 1) -> relu", ["- 1 batch_norm"]),
        (THREE, "x = x -> conv(8, 3, padding=1) -> batch_norm -> relu", ["~ 0 conv(8, 1) → conv(8, 3, padding=1)"]),
        ("x = x -> relu as act", "x = x -> gelu as act", ["~ act relu → gelu"]),
        ("x = x -> relu", "x = x -> gelu", ["- 0 relu", "+ 0 gelu"]),
        # Labels hold where all blocks are alike; another label alone changes nothing.
        ("x = x -> B as a -> B as b -> B as d", "x = x -> B as a -> B as c -> B as b -> B as d", ["+ c B"]),
        ("x = x -> B as a", "x = x -> B as other", []),
        ("x = x -> B as a -> B as b", "x = x -> B as b", ["- a B"]),
        ("x = x -> B as a", "x = x -> B(4) as a -> conv(8, 1) as z", None),
        # A block without a path of its own is none of the differences, on one side as on both.
        (THREE, "x = x -> Three as self", []),
        ("x = x -> Three as self", "x = x -> conv(8, 1) -> relu", ["- 1 batch_norm"]),
    ],
)
def test_layers_are_found_again(one: str, other: str, expected: list[str] | None) -> None:
    if expected is None:
        expected = ["~ a.0 conv(8, 3, padding=1) → conv(4, 3, padding=1)", "~ a.1 relu", "+ z conv(8, 1)"]
    assert told(difference(net(one), net(other))) == expected
    back = [line.translate(str.maketrans("+-", "-+")) for line in told(difference(net(other), net(one)))]
    assert [line.split()[0] for line in sorted(back)] == [line.split()[0] for line in sorted(expected)]


@pytest.mark.parametrize(
    ("one", "other", "depth", "expected"),
    [
        ("x = x -> relu", "x = x -> relu -> B as b", 0, ["+ b B"]),
        ("x = x -> relu", "x = x -> relu -> B as b", 1, ["+ b.0 conv(8, 3, padding=1)", "+ b.1 relu"]),
        ("x = x -> B as b", "x = x -> Three as b", 0, ["~ b B → Three"]),
        (
            "x = x -> B as b",
            "x = x -> Three as b",
            1,
            ["~ b.0 conv(8, 3, padding=1) → conv(8, 1)", "+ b.1 batch_norm"],
        ),
    ],
)
def test_blocks_of_one_side_open(one: str, other: str, depth: int, expected: list[str]) -> None:
    assert told(difference(net(one), net(other), depth)) == expected


def test_a_deeper_network_has_the_blocks_that_it_has_more() -> None:
    found = folded(difference(ghndsl.load("resnet18"), ghndsl.load("resnet34")))
    added = [leaf for change in found for leaf in change.leaves() if leaf.kind == "added"]
    assert [(change.after and change.after.path, change.last, change.times) for change in added] == [
        ("layer1.2", "", 1),
        ("layer2.2", "layer2.3", 2),
        ("layer3.2", "layer3.5", 4),
        ("layer4.2", "", 1),
    ]


def test_two_candidates_differ_by_a_choice_in_every_cell() -> None:
    space = ghndsl.load_space("nasbench201")
    one, other = (space.build(space.candidate(number)) for number in (17, 18))
    found = difference(one, other)
    assert [change.times for change in folded(found)] == [5, 5, 5]
    assert told(found[:1]) == ["~ stage0.0.e3_2.0.1 conv(16, 1, bias=false) → conv(16, 3, padding=1, bias=false)"]
    assert chosen(one, other) == {"Cell.e3_2.op": ("nor_conv_1x1", "nor_conv_3x3")}


@pytest.mark.parametrize("name", ["resnet18", "gpt2", "msdnet", "siamese"])
def test_a_network_does_not_differ_from_itself(name: str) -> None:
    assert difference(ghndsl.load(name), ghndsl.load(name)) == []
