"""Files of models: whole or not at all, weights inside or beside, moved together, and equal for equal input."""

from __future__ import annotations

import errno
from pathlib import Path

import onnx
import pytest
import torch

import ghndsl
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.initial import initial_weights
from ghndsl.emit.onnx import check, to_onnx
from ghndsl.emit.onnx import file as onnx_file
from ghndsl.emit.onnx.file import save_onnx
from ghndsl.ir import Graph

TEXT = """arch a() {
    input x: f32[N, 3, 16, 16]
    y = x -> conv(16, 3) as conv -> batch_norm as bn -> relu -> adaptive_avg_pool(1) -> flatten
    output logits = y -> linear(40) as head
}
"""


@pytest.fixture
def graph() -> Graph:
    return ghndsl.loads(TEXT)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("apart", [False, True])
def test_the_file_holds_the_model(graph: Graph, tmp_path: Path, apart: bool) -> None:
    weights = initial_weights(graph, 3)
    save_onnx(tmp_path / "a.onnx", graph, weights, 18, external_data=apart)
    assert files(tmp_path) == (["a.onnx", "a.onnx.data"] if apart else ["a.onnx"])
    found = onnx.load(tmp_path / "a.onnx")
    for one in found.graph.initializer:
        one.ClearField("data_location")
    assert found == to_onnx(graph, weights, 18)
    onnx.checker.check_model(str(tmp_path / "a.onnx"), full_check=True)
    assert check(tmp_path / "a.onnx", graph, weights) < 1e-4


def test_weights_go_beside_the_model_when_they_are_many(graph: Graph, tmp_path: Path) -> None:
    size = sum(one.numel() * one.element_size() for p, one in initial_weights(graph, 0).items() if "num_" not in p)
    save_onnx(tmp_path / "a.onnx", graph, most_bytes=size)
    assert files(tmp_path) == ["a.onnx"]
    save_onnx(tmp_path / "b.onnx", graph, most_bytes=size - 1)
    assert files(tmp_path) == ["a.onnx", "b.onnx", "b.onnx.data"]
    save_onnx(tmp_path / "c.onnx", graph, most_bytes=0, external_data=False)
    assert files(tmp_path) == ["a.onnx", "b.onnx", "b.onnx.data", "c.onnx"]


def test_model_and_data_are_moved_together(graph: Graph, tmp_path: Path) -> None:
    weights = initial_weights(graph, 0)
    (tmp_path / "old").mkdir()
    save_onnx(tmp_path / "old" / "a.onnx", graph, weights, external_data=True)
    (tmp_path / "old").rename(tmp_path / "new")
    assert check(tmp_path / "new" / "a.onnx", graph, weights) < 1e-4
    model = onnx.load(tmp_path / "new" / "a.onnx", load_external_data=False)
    told = [{e.key: e.value for e in one.external_data} for one in model.graph.initializer if one.external_data]
    assert {entry["location"] for entry in told} == {"a.onnx.data"}
    assert all(int(entry["offset"]) % 4096 == 0 for entry in told)


@pytest.mark.parametrize("name", ["a.onnx", "b.onnx"])
def test_weights_beside_go_with_the_model_that_had_them(graph: Graph, tmp_path: Path, name: str) -> None:
    save_onnx(tmp_path / "a.onnx", graph, external_data=True)
    (tmp_path / "a.onnx").rename(tmp_path / name)
    (tmp_path / "b.onnx.data").write_bytes(b"somebody else's")
    save_onnx(tmp_path / "a.onnx", graph, external_data=False)
    there = {"a.onnx", "a.onnx.data", "b.onnx", "b.onnx.data"} if name == "b.onnx" else {"a.onnx", "b.onnx.data"}
    assert set(files(tmp_path)) == there


@pytest.mark.parametrize("apart", [False, True])
def test_a_link_stays_and_leads_to_the_new_model(graph: Graph, tmp_path: Path, apart: bool) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "a.onnx").symlink_to("store/b.onnx")
    for _ in range(2):
        save_onnx(tmp_path / "a.onnx", graph, external_data=apart)
        assert (tmp_path / "a.onnx").is_symlink()
        assert files(tmp_path / "store") == (["b.onnx", "b.onnx.data"] if apart else ["b.onnx"])
    assert check(tmp_path / "store" / "b.onnx", graph, initial_weights(graph, 0)) < 1e-4


@pytest.mark.parametrize("apart", [False, True])
def test_equal_input_makes_equal_bytes(graph: Graph, tmp_path: Path, apart: bool) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        save_onnx(tmp_path / name / "a.onnx", ghndsl.loads(TEXT), initial_weights(graph, 0), external_data=apart)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    one, two = (to_onnx(ghndsl.loads(TEXT)).SerializeToString() for _ in range(2))
    assert one == two


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("before", [False, True])
def test_what_fails_leaves_what_was_there(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool, before: bool
) -> None:
    if before:
        save_onnx(tmp_path / "a.onnx", graph, opset=17, external_data=True)
    there = bytes_of(tmp_path)

    def disagree(made: Path) -> None:
        assert made.exists()
        raise CompileError(Diagnostic("G506", "other numbers"))

    with pytest.raises(CompileError, match="G506"):
        save_onnx(tmp_path / "a.onnx", graph, external_data=apart, approve=disagree)
    assert bytes_of(tmp_path) == there

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(onnx_file, "write_model", full)
    with pytest.raises(CompileError, match="G007") as caught:
        save_onnx(tmp_path / "a.onnx", graph, external_data=apart)
    assert "No space left" in caught.value.diagnostics[0].message
    assert bytes_of(tmp_path) == there


def test_a_model_is_never_beside_the_data_of_another(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption between the two files leaves none rather than a pair that computes nonsense."""
    save_onnx(tmp_path / "a.onnx", graph, external_data=True)
    monkeypatch.setattr("ghndsl.files.os.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        save_onnx(tmp_path / "a.onnx", graph, external_data=True)
    assert files(tmp_path) == ["a.onnx.data"]


@pytest.mark.parametrize("kind", ["f16", "bf16", "f64"])
def test_weights_of_every_element_type_are_written(tmp_path: Path, kind: str) -> None:
    graph = ghndsl.loads(f"arch a() {{ input x: {kind}[N, 4]\n output y = x -> linear(600) as fc }}")
    weights = initial_weights(graph, 0)
    for apart in (False, True):
        save_onnx(tmp_path / "a.onnx", graph, weights, external_data=apart)
        found = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load(tmp_path / "a.onnx").graph.initializer}
        for path, value in weights.items():
            assert torch.equal(torch.from_numpy(found[path].astype("float64")), value.double())


def test_the_model_tells_where_it_comes_from(graph: Graph) -> None:
    facts = {entry.key: entry.value for entry in to_onnx(graph).metadata_props}
    assert facts.keys() == {"name", "id", "source", "ghndsl", "onnx", "torch"}
    again = ghndsl.loads(facts["source"])
    assert again.id == facts["id"] == graph.id
    assert list(again.weights) == list(graph.weights)
