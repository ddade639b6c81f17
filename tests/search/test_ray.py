"""The engine of a Ray cluster: as the local one, whatever is lost. Skipped where Ray is not installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
import working
from seeking import kept, other, results, seek

from ghndsl.diagnostics import CompileError
from ghndsl.search.engines import Failure, Ray

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def cluster() -> Generator[object]:
    """Two nodes of one core each, beside the one of this process, which has none."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        # A lost node is noticed after two seconds, and not after half a minute.
        health = {
            "health_check_initial_delay_ms": 0,
            "health_check_period_ms": 500,
            "health_check_failure_threshold": 4,
        }
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "_system_config": health})
        for _ in range(2):
            made.add_node(num_cpus=1)
        ray.init(made.address, log_to_driver=False)
        yield made
        ray.shutdown()
        made.shutdown()


def test_a_cluster_that_does_not_answer_is_refused() -> None:
    """Before the one of these tests is there."""
    for address in ("127.0.0.1:1", "127.0.0.1:99999"):
        with pytest.raises(CompileError, match="G608"):
            Ray[int, int](working.squared, address=address)


def test_whatever_a_task_does_the_others_go_on(cluster: object) -> None:
    items = ["well", "raises", "exits", "torch is full", "gives what cannot be sent", "threads"]
    with closing(Ray[str, object](working.deed)) as worked:
        for key, name in enumerate(items):
            worked.submit(key, name)
        found = {outcome.key: outcome for outcome in (worked.next() for _ in items)}
        with pytest.raises(ValueError, match="no item is in work"):
            worked.next()
    assert [found[key].attempts for key in range(6)] == [1, 1, 2, 2, 1, 1]
    kinds = [value.kind if isinstance(value := found[key].value, Failure) else value for key in range(6)]
    assert kinds == ["done", "error", "crash", "memory", "error", "1"]
    assert found[1].value == Failure("error", "ValueError: too wide", found[1].value.text)


def test_workers_killed_are_made_good(cluster: object, tmp_path: Path) -> None:
    with closing(Ray[int, int](working.Once(tmp_path, "is killed"))) as worked:
        for key in range(4):
            worked.submit(key, key)
        found = {outcome.key: outcome for outcome in (worked.next() for _ in range(4))}
    assert {key: (one.value, one.attempts) for key, one in found.items()} == {key: (key * key, 2) for key in range(4)}


def test_what_takes_too_long_is_ended(cluster: object) -> None:
    with closing(Ray[str, object](working.deed, seconds=2)) as worked:
        worked.submit(0, "is endless")
        endless = worked.next()
        worked.submit(1, "well")
        assert worked.next().value == "done"
    assert (endless.value, endless.attempts) == (Failure("time", "it took longer than 2 s"), 1)


def test_a_search_finds_the_same_on_a_cluster(cluster: object, tmp_path: Path) -> None:
    plan = other(short=3, short_steps=5, candidates=8)
    seek(tmp_path / "here", plan=plan)
    seek(tmp_path / "there", plan=plan, engine="ray")
    assert kept(tmp_path / "there") == kept(tmp_path / "here")
    assert results(tmp_path / "there") == results(tmp_path / "here")


def test_a_task_that_no_worker_can_begin_is_refused(cluster: object) -> None:
    with closing(Ray[int, int](working.Unfit("raises"))) as worked:
        worked.submit(0, 0)
        with pytest.raises(CompileError, match="G607"):
            worked.next()


def test_a_node_that_is_lost_is_made_good(cluster: object, tmp_path: Path) -> None:
    """It ends while an item is worked on there; the other does that item."""
    os.mkfifo(tmp_path / "begun")
    os.mkfifo(tmp_path / "never")
    with closing(Ray[int, int](working.Stuck(tmp_path))) as worked:
        worked.submit(0, 7)
        raylet = int((tmp_path / "begun").read_text(encoding="ascii"))
        (lost,) = [node for node in cluster.worker_nodes if node.all_processes["raylet"][0].process.pid == raylet]
        cluster.remove_node(lost, allow_graceful=False)
        outcome = worked.next()
    assert (outcome.value, outcome.attempts) == (49, 2)
