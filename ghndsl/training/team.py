"""The processes that train together go in; means over all of them, and who writes, come out."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import distributed

from ghndsl.diagnostics import CompileError, Diagnostic


class LostError(CompileError):
    """Another process of a team ended before its work was done."""


@dataclass(frozen=True)
class Team:
    """One of `size` processes, the one of number `rank`, on `device`; a process by itself is a team of one.

    `beside` of them, this one included, share this machine's cores. What waits for other processes raises `LostError`
    (G607) when one of them has ended.
    """

    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    beside: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes files and speaks."""
        return self.rank == 0

    def share(self, numbers: range) -> range:
        """The numbers that fall to this process: all of them once, among all processes.

        >>> Team(1, 2).share(range(4, 9))
        range(5, 9, 2)
        """
        return numbers[self.rank :: self.size]

    def total(self, value: torch.Tensor) -> torch.Tensor:
        """The sum of a tensor over the processes."""
        if self.size == 1:
            return value
        summed = value.detach().to(self.device).clone()
        _sum(summed)
        return summed.to(value.device)

    def agreed(self, value: float) -> float:
        """The first process's value."""
        return float(self.total(torch.tensor(value if self.is_first else 0.0, dtype=torch.float64)))

    def add_gradients(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Makes the gradient of each parameter the sum of what the processes have; none where none of them has one.

        All in one message, so that processes wait for each other once a step.
        """
        if self.size == 1:
            return
        given = [parameter.grad for parameter in parameters]
        both = zip(parameters, given, strict=True)
        flat = [(torch.zeros_like(parameter) if grad is None else grad).flatten() for parameter, grad in both]
        known = flat[0].new_tensor([float(gradient is not None) for gradient in given])
        message = torch.cat([*flat, known]).to(self.device)
        _sum(message)
        *sums, known = torch.split(message.to(known.device), [*map(len, flat), len(given)])
        for parameter, total, has in zip(parameters, sums, known.tolist(), strict=True):
            parameter.grad = total.view_as(parameter) if has else None


@contextmanager
def team(device: str = "cpu") -> Generator[Team]:
    """The processes that `torchrun` started, joined until the end of the context; else this one alone.

    They speak by NCCL on GPUs, each on its own, and by Gloo else. Errors: G412 for a device that is not there.
    """
    size = _told("WORLD_SIZE", 1)
    if size == 1:
        yield alone(device)
        return
    rank, where = _told("RANK", 0), _device(device, _told("LOCAL_RANK", 0))
    with _speaking(where):
        yield Team(rank, size, where, _told("LOCAL_WORLD_SIZE", 1))


def alone(device: str = "cpu") -> Team:
    """This process by itself. Errors: G412 for a device that is not there.

    >>> alone().is_first
    True
    """
    return Team(0, 1, _device(device, 0))


@contextmanager
def joined(meeting: Path, rank: int, size: int, device: str = "cpu") -> Generator[Team]:
    """The processes of this machine that meet at a file, which is not there before; joined until the context ends.

    Errors: G412 for a device that is not there.
    """
    where = _device(device, rank)
    with _speaking(where, f"file://{meeting}", rank, size):
        yield Team(rank, size, where, size)


@contextmanager
def _speaking(where: torch.device, address: str | None = None, rank: int = -1, size: int = -1) -> Generator[None]:
    """In the context the processes hear each other; without an address they are those that `torchrun` told of."""
    distributed.init_process_group("nccl" if where.type == "cuda" else "gloo", address, rank=rank, world_size=size)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def _told(name: str, otherwise: int) -> int:
    """A whole number that `torchrun` tells its processes."""
    text = os.environ.get(name, str(otherwise))
    if not text.isdecimal():
        message = f"the environment variable `{name}` is `{text}`, and must be a whole number"
        raise CompileError(Diagnostic("G412", message, help="`torchrun` sets it; without `torchrun`, unset it"))
    return int(text)


def _sum(message: torch.Tensor) -> None:
    """Puts the sum over the processes in the place of each one's part."""
    try:
        distributed.all_reduce(message)
    except RuntimeError as error:
        # This is how torch says that a connection is gone.
        raise LostError(Diagnostic("G607", "another process of this training ended")) from error


def check_device(name: str, number: int = 0) -> None:
    """Refuses a device that is not there, without touching it. Errors: G412.

    >>> check_device("cpu")
    """
    if name != "cpu" and (not torch.cuda.is_available() or number >= torch.cuda.device_count()):
        raise CompileError(Diagnostic("G412", f"there is no device `{name}`", help="`--device cpu` is always there"))


def _device(name: str, number: int) -> torch.device:
    check_device(name, number)
    if name == "cpu":
        return torch.device("cpu")
    torch.cuda.set_device(number)
    return torch.device(name, number)
