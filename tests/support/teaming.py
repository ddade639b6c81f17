"""Work goes in; what two processes that train together found comes out, as if `torchrun` had started them."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

import torch
from commanding import Done, call
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from ghndsl import loads_space
from ghndsl.data import load
from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.ghn import GHNConfig, GHNSettings, train_ghn
from ghndsl.ghn.watching import Watched
from ghndsl.ir import Graph
from ghndsl.search.mixing import Drawing, mixed
from ghndsl.training.team import Team, team

T = TypeVar("T")
_PATIENCE = 60
"""Seconds until a process must have answered."""

SPACE = """
space few(width: int = 2) {
    input image: f32[N, 1, 8, 8]
    choose size from [1, 3]
    choose act from [relu, gelu, dropout(0.1)]
    x = image -> conv(width, size, padding=size // 2) -> batch_norm -> act
    choose more {
        no: x
        yes: x -> conv(6, 1) -> act
    }
    output logits = more -> adaptive_avg_pool(2) -> flatten -> linear(10)
}
"""
CONFIG = GHNConfig(hidden=8, message=8, rounds=1, width=8, rank=4)


def together(work: Callable[[Team], T], size: int = 2) -> list[T]:
    """What each of the processes found; each ends when it has done its work, and all end in a minute or two."""
    context = get_context("forkserver")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}
    common = {**place, "WORLD_SIZE": str(size), "LOCAL_WORLD_SIZE": str(size)}
    pipes = [context.Pipe(duplex=False) for _ in range(size)]
    processes: list[BaseProcess] = []
    for rank, (_, theirs) in enumerate(pipes):
        environment = {**common, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        processes.append(context.Process(target=_joined, args=(environment, work, theirs)))
    try:
        for process in processes:
            process.start()
        assert all(ours.poll(_PATIENCE) for ours, _ in pipes), "a process says nothing"
        return [ours.recv() for ours, _ in pipes]
    finally:
        for process in processes:
            process.join(10)
            process.kill()


def launched(folder: Path, *words: str, size: int = 2) -> list[Done]:
    """What the command answers in each of the processes in which `torchrun`'s own agent starts it."""
    config = LaunchConfig(
        1, 1, size, run_id="tests", rdzv_backend="c10d", rdzv_endpoint="localhost:0", max_restarts=0,
        start_method="forkserver", signals_to_handle="SIGHUP",
    )  # fmt: skip
    found: dict[int, Done] = elastic_launch(config, _called)(folder, *words)
    return [found[rank] for rank in range(size)]


def _called(folder: Path, *words: str) -> Done:
    torch.set_num_threads(1)
    return call(folder, *words)


def _joined(environment: Mapping[str, str], work: Callable[[Team], T], answer: Connection) -> None:
    os.environ.update(environment)
    torch.set_num_threads(1)
    with team() as mine:
        answer.send(work(mine))


@dataclass(frozen=True)
class Outcome:
    """What a process's training came to: numbers, or the code of its refusal."""

    losses: tuple[float, ...] = ()
    watched: tuple[Watched, ...] = ()
    parameters: tuple[float, ...] = ()
    refused: int = 0
    error: str = ""


@dataclass(frozen=True)
class Training:
    """A small training on the data of a file; the last of several processes draws nothing from `failing` on."""

    settings: GHNSettings
    data: Path
    checkpoint: Path | None = None
    failing: int = 10**9

    def __call__(self, mine: Team) -> Outcome:
        """What this process found."""
        sample = mixed([Drawing(loads_space(SPACE))], 0, total=100)

        def drawn(number: int) -> Graph:
            if number >= self.failing and mine.rank == mine.size - 1:
                raise CompileError(Diagnostic("G303", "no more"))
            return sample(number)

        data, held = load(str(self.data)), [sample(1_000)]
        try:
            found = train_ghn(
                drawn, data, self.settings, config=CONFIG, held_out=held, together=mine, checkpoint=self.checkpoint
            )
        except CompileError as error:
            return Outcome(error=error.diagnostics[0].code)
        numbers = torch.cat([parameter.detach().flatten() for parameter in found.ghn.parameters()])
        return Outcome(found.losses, found.watched, tuple(numbers.tolist()), found.refused)


def summed(mine: Team) -> dict[str, object]:
    """What parameters' gradients, totals and agreed values come to: each process gives what its rank says."""
    parameters = [torch.nn.Parameter(torch.ones(shape)) for shape in ((2, 3), (4,), (), (5,))]
    parameters[0].grad = torch.arange(6.0).view(2, 3) * (mine.rank + 1)
    if mine.rank == 1:
        parameters[2].grad = torch.tensor(7.0)
    parameters[3].grad = torch.full((5,), 0.1) if mine.rank == 0 else torch.full((5,), float("nan"))
    own = torch.tensor([1.5, mine.rank])
    mine.add_gradients(parameters)
    return {
        "gradients": [None if one.grad is None else one.grad.tolist() for one in parameters],
        "total": mine.total(own).tolist(),
        "own": own.tolist(),
        "agreed": mine.agreed(0.1 + mine.rank),
        "share": [*mine.share(range(3, 10))],
        "beside": mine.beside,
        "is_first": mine.is_first,
    }
