"""The name of an engine, a task and how many workers go in; the engine comes out."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.search.engines.base import Engine, Found, Item
from ghndsl.search.engines.cluster import joined
from ghndsl.search.engines.here import Here
from ghndsl.search.engines.local import Local
from ghndsl.search.engines.memory import share
from ghndsl.search.engines.ray import Ray

NAMES = ("local", "ray")


@contextmanager
def ready(name: str, address: str | None = None, *, has_gpus: bool = False) -> Generator[None]:
    """In the context, engines of a name can be begun one after the other: a Ray cluster that is begun for them serves
    all, and ends with it. Errors: as `engine`."""
    _check(name, address)
    if name != "ray":
        yield
        return
    with joined(address, int(has_gpus)):
        yield


def engine(
    name: str,
    task: Callable[[Item], Found],
    workers: int,
    *,
    isolated: bool = True,
    address: str | None = None,
    seconds: float | None = None,
    loaded: Sequence[str] = (),
    has_gpus: bool = False,
) -> Engine[Item, Found]:
    """The engine of a name. One local worker that need not be `isolated` is this process.

    An isolated worker may have its part of the free memory; where the task `has_gpus`, each worker has one of them.
    `address` is that of a Ray cluster, whose size says how many workers there are. An item may take `seconds`. Errors:
    G608 for another name, for an address that the engine does not take, where Ray is not there, and for a cluster
    without GPUs where the task has some.
    """
    _check(name, address)
    if name == "ray":
        return Ray(task, address=address, seconds=seconds, gpus=int(has_gpus), loaded=loaded)
    if workers < 2 and not isolated:
        return Here(task)
    # Drivers of GPUs hold memory of the machine's that no candidate asked for, so there it is not counted.
    memory = share(workers) if isolated and not has_gpus else None
    return Local(task, workers, memory=memory, seconds=seconds, devices=gpus() if has_gpus else (), loaded=loaded)


def _check(name: str, address: str | None) -> None:
    if name not in NAMES:
        raise CompileError(Diagnostic("G608", f"there is no engine `{name}`", help=did_you_mean(name, NAMES)))
    if name != "ray" and address is not None:
        raise CompileError(Diagnostic("G608", f"the engine `{name}` has no address", help="`--engine ray` has one"))


def gpus() -> tuple[str, ...]:
    """The GPUs that this process may use, as `CUDA_VISIBLE_DEVICES` names them."""
    from torch import cuda

    count = cuda.device_count()
    given = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    return tuple((given or [str(index) for index in range(count)])[:count])
