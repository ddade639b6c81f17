"""The shape and element type of every value of a model are ours, and what onnx infers of them from the nodes alone."""

from __future__ import annotations

import re
from pathlib import Path

import onnx
import pytest

import ghndsl
from ghndsl import resources
from ghndsl.emit.onnx import OPSETS
from ghndsl.emit.onnx.model import skeleton
from ghndsl.ir import Graph
from ghndsl.passes import dead

FILES = sorted((resources.specs() / "networks").glob("*.arch"))
Kind = tuple[int, list[int | str]]


def kind_of(value: onnx.ValueInfoProto) -> Kind | None:
    """The element type and the sizes, unknown ones empty; None where the rank is unknown."""
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    return tensor.elem_type, [dim.dim_value if dim.HasField("dim_value") else dim.dim_param for dim in tensor.shape.dim]


def kinds(graph: Graph, opset: int) -> tuple[dict[str, Kind | None], dict[str, Kind | None]]:
    """Of each value that we describe, what we say and what onnx infers when it is not told."""
    made = skeleton(dead(graph), opset)
    model = made.model
    stated = {value.name: kind_of(value) for value in (*model.graph.value_info, *model.graph.output)}
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    return stated, {value.name: kind_of(value) for value in (*inferred.value_info, *inferred.output)}


def agree(ours: Kind | None, theirs: Kind | None) -> bool:
    """Whether onnx says nothing else; names that it makes up say nothing."""
    if theirs is None:
        return ours is not None
    if ours is None or ours[0] != theirs[0] or len(ours[1]) != len(theirs[1]):
        return False
    sizes = zip(ours[1], theirs[1], strict=True)
    return all(other in (one, "") or str(other).startswith("unk__") for one, other in sizes)


def assert_agreed(graph: Graph, opset: int) -> None:
    stated, inferred = kinds(graph, opset)
    assert {port.name for port in graph.results} <= stated.keys()
    differ = {name: (kind, inferred.get(name)) for name, kind in stated.items() if not agree(kind, inferred.get(name))}
    assert not differ


@pytest.mark.parametrize("opset", [OPSETS[0], 20, OPSETS[-1]])
def test_of_every_operator(sample, opset: int) -> None:
    assert_agreed(sample.graph, opset)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_of_the_first_network_of_every_file(path: Path) -> None:
    (first, *_) = re.findall(r"^arch (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    graph = ghndsl.load(f"{path}:{first}")
    assert_agreed(graph, OPSETS[0])
    stated, inferred = kinds(graph, OPSETS[-1])
    known = [name for name in stated if inferred.get(name) is not None]
    assert len(known) > len(stated) / 2


def test_every_value_of_a_graph_is_described() -> None:
    graph = ghndsl.load("resnet18")
    stated, _ = kinds(graph, 20)
    described = sorted(str(kind) for kind in stated.values())
    wanted = [(1, ["N", *value.type.shape[1:]]) for node in graph.nodes for value in node.results]
    assert described == sorted(map(str, wanted))
