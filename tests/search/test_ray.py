"""The engine of a Ray cluster: as the local one, whatever is lost. Skipped where Ray is not installed."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import working
from refusing import refused
from seeking import kept, other, results, seek

from ghndsl.search.engines import Failure, Outcome, Ray
from ghndsl.training.progress import Progress, silent

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def cluster() -> Generator[Cluster]:
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


@pytest.fixture
def gpu(cluster: Cluster) -> Generator[None]:
    """A node with a core and, as it tells Ray, a GPU."""
    node = cluster.add_node(num_cpus=1, num_gpus=1)
    yield
    cluster.remove_node(node)


def outcomes(worked: Ray[object, object], items: Sequence[object]) -> list[Outcome[object]]:
    """The outcome of each item, in their order; each comes once."""
    with closing(worked):
        for key, item in enumerate(items):
            worked.submit(key, item)
        found = [worked.next() for _ in items]
        with pytest.raises(ValueError, match="no item is in work"):
            worked.next()
    return sorted(found, key=lambda outcome: outcome.key)


def told(outcome: Outcome[object]) -> tuple[object, int]:
    """A value, or the kind of a failure, and how often the item was tried."""
    value = outcome.value
    return value.kind if isinstance(value, Failure) else value, outcome.attempts


def test_a_cluster_that_does_not_answer_is_refused() -> None:
    """Before the one of these tests is there."""
    for address in ("127.0.0.1:1", "127.0.0.1:99999"):
        refused("G608", partial(Ray, working.squared, address=address))


def test_a_search_finds_the_same_on_one_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is begun on this machine, once, and ended before candidates are trained from scratch, which is done here."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    begun: list[object] = []
    there: dict[str, bool] = {}
    begin = ray.init

    def init(address: str | None, **options: object) -> object:
        begun.append(address)
        return begin(address, **options)

    def watch(title: str) -> Progress:
        there[title] = ray.is_initialized()
        return silent

    monkeypatch.setattr(ray, "init", init)
    plan = other(short=3, short_steps=5, candidates=8)
    seek(tmp_path / "there", plan=plan, engine="ray", watch=watch)
    assert begun == [None]
    assert [*there.values()] == [True, True, False], there
    seek(tmp_path / "here", plan=plan)
    assert kept(tmp_path / "there") == kept(tmp_path / "here")
    assert results(tmp_path / "there") == results(tmp_path / "here")


DEEDS = (
    ("well", ("done", 1), ""),
    ("raises", ("error", 1), "ValueError: too wide"),
    ("faults", ("crash", 2), "its process was ended by SIGSEGV"),
    ("its keeper is killed", ("crash", 2), "The worker died unexpectedly"),
    ("torch is full", ("memory", 2), "can't allocate memory"),
    ("gives what cannot be sent", ("error", 1), "what was found cannot be sent"),
    ("threads", ("1", 1), ""),
    ("has a limit", (sys.platform == "linux", 1), ""),
)


def test_whatever_a_task_does_the_others_go_on(cluster: Cluster) -> None:
    found = outcomes(Ray(working.deed), [name for name, *_ in DEEDS])
    assert [told(outcome) for outcome in found] == [wanted for _, wanted, _ in DEEDS]
    for (name, _, message), outcome in zip(DEEDS, found, strict=True):
        said = outcome.value.message if isinstance(outcome.value, Failure) else ""
        assert message in said, name


@pytest.mark.parametrize("name", ["is killed", "its keeper is killed"])
def test_an_item_is_tried_once_more(cluster: Cluster, name: str, tmp_path: Path) -> None:
    found = outcomes(Ray(working.Once(tmp_path, name)), range(3))
    assert [told(outcome) for outcome in found] == [(0, 2), (1, 2), (4, 2)]


def test_what_takes_too_long_is_ended(cluster: Cluster) -> None:
    """What has waited for as long, as there are two cores, is not taken for it."""
    endless, waiting = ["is endless"] * 4, ["exits", "its keeper is killed", "well"]
    found = outcomes(Ray(working.deed, seconds=2), [*endless, *waiting])
    assert found[0].value == Failure("time", "it took longer than 2 s")
    assert [told(outcome) for outcome in found] == [("time", 1)] * 4 + [("crash", 2)] * 2 + [("done", 1)]
    assert all(2 <= outcome.seconds < 10 for outcome in found[:4])


def test_a_gpu_is_for_one_process_and_limits_no_memory(gpu: None) -> None:
    deeds = ["device", "has a limit", "breaks its GPU", "number", "number"]
    made = outcomes(Ray(working.deed, gpus=1), deeds)
    *found, one, other_ = map(told, made)
    assert found == [("0", 1), (False, 1), ("crash", 2)]
    assert isinstance(made[2].value, Failure)
    assert "CUDA error: an illegal memory access was encountered" in made[2].value.message
    assert one != other_


def test_a_cluster_without_gpus_is_refused(cluster: Cluster) -> None:
    assert "the Ray cluster has no GPU: there are 2 cores" in refused("G608", partial(Ray, working.squared, gpus=1))
    assert ray.is_initialized(), "it is not ours to leave"


def test_closing_ends_what_would_never_end(cluster: Cluster, tmp_path: Path) -> None:
    with closing(stuck(tmp_path)) as worked:
        worked.submit(0, 7)
        _, number = (tmp_path / "begun").read_text(encoding="ascii").split()
        end = os.pidfd_open(int(number))
    assert select.select([end], [], [], 30)[0]
    os.close(end)


def stuck(folder: Path) -> Ray[int, int]:
    """An engine whose items say that they are begun, and wait."""
    os.mkfifo(folder / "begun")
    os.mkfifo(folder / "never")
    return Ray(working.Stuck(folder))


def test_a_task_that_no_worker_can_begin_is_refused(cluster: Cluster) -> None:
    with closing(Ray[int, int](working.Unfit("raises"))) as worked:
        worked.submit(0, 0)
        assert "no worker process can begin: ValueError: too wide" in refused("G607", worked.next)


def test_a_node_that_is_lost_is_made_good(cluster: Cluster, tmp_path: Path) -> None:
    """It ends while an item is worked on there; the other does that item."""
    with closing(stuck(tmp_path)) as worked:
        worked.submit(0, 7)
        raylet, _ = map(int, (tmp_path / "begun").read_text(encoding="ascii").split())
        (lost,) = [node for node in cluster.worker_nodes if node.all_processes["raylet"][0].process.pid == raylet]
        cluster.remove_node(lost, allow_graceful=False)
        outcome = worked.next()
    assert (outcome.value, outcome.attempts) == (49, 2)
