"""The address of a Ray cluster goes in; Ray, joined to it for as long as it is needed, comes out."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Protocol, TypeAlias, cast

from ghndsl.diagnostics import CompileError, Diagnostic

_PATIENCE = 10
"""Seconds that a cluster may take to answer a knock."""
Ref: TypeAlias = object
"""What Ray gives for a value that is, or will be, somewhere in the cluster."""


class Remote(Protocol):
    """A function that Ray calls somewhere in the cluster."""

    def remote(self, *given: object) -> Ref: ...


class Exceptions(Protocol):
    """What Ray raises."""

    RayError: type[Exception]
    RayTaskError: type[Exception]
    OutOfMemoryError: type[Exception]


class Library(Protocol):
    """What is used of Ray, which is loaded when it is needed, and may not be there."""

    exceptions: Exceptions

    def is_initialized(self) -> bool: ...
    def init(self, address: str | None, *, log_to_driver: bool, logging_level: int) -> object: ...
    def shutdown(self) -> None: ...
    def cluster_resources(self) -> Mapping[str, float]: ...
    def put(self, value: object) -> Ref: ...
    def get(self, ref: Ref) -> object: ...
    def wait(self, refs: Sequence[Ref], *, num_returns: int) -> tuple[Sequence[Ref], Sequence[Ref]]: ...
    def cancel(self, ref: Ref, *, force: bool) -> None: ...
    def remote(
        self, *, num_cpus: int, num_gpus: int, max_retries: int, max_calls: int
    ) -> Callable[[object], Remote]: ...


def library() -> Library:
    """Ray. Errors: G608 when it is not installed."""
    try:
        return cast("Library", cast("object", import_module("ray")))
    except ImportError:
        message = "the engine `ray` needs the package Ray"
        raise CompileError(Diagnostic("G608", message, help='`pip install "ghndsl[ray]"`')) from None


@contextmanager
def joined(address: str | None = None, gpus: int = 0) -> Generator[Library]:
    """In the context this program is in the cluster at an address, or, where there is none, in one that is begun on
    this machine and ended with the context. One that the program is in already is left as it is.

    Errors: G608 when Ray is not there, nothing answers at the address, or the cluster has no GPUs where an item needs
    some.
    """
    ray = library()
    with ExitStack() as undo:
        if not ray.is_initialized():
            undo.callback(ray.shutdown)
            _join(ray, address)
        _check_gpus(ray.cluster_resources(), gpus)
        yield ray


def _join(ray: Library, address: str | None) -> None:
    try:
        _reach(address or "")
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, OverflowError, ValueError, RuntimeError) as error:
        where = f"at `{address}`" if address else "on this machine"
        first = next(iter(str(error).strip().splitlines()), "")
        raise CompileError(Diagnostic("G608", f"no Ray cluster answers {where}: {first}")) from None


def _reach(address: str) -> None:
    """Knocks at a host and port, as Ray would try them for minutes; other addresses (`auto`) are Ray's."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()


def _check_gpus(resources: Mapping[str, float], gpus: int) -> None:
    """Refuses what Ray would wait for without an end."""
    if resources.get("GPU", 0) < gpus:
        cores = resources.get("CPU", 0)
        message = f"the Ray cluster has no GPU: there {'is 1 core' if cores == 1 else f'are {cores:g} cores'}"
        help_ = "`--device cpu`, or a cluster of machines with GPUs; `ray status` shows what one has"
        raise CompileError(Diagnostic("G608", message, help=help_))
