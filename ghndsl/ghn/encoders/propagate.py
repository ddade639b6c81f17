"""Node states, the stages of a plan and a GRU's parameters go in; the states after some rounds of messages come out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.autograd.function import FunctionCtx

from ghndsl.ghn.encoders.step import Array, Parameters, Tape, step, step_back, with_one
from ghndsl.ghn.plan import Stage


def propagate(states: torch.Tensor, stages: Sequence[Stage], rounds: int, parameters: Parameters) -> torch.Tensor:
    """Stage after stage of stacked forward-backward propagation: `[rows, hidden]` to the same.

    Within a stage h_v = GRU(h_v, sum of M(h_u) over the neighbours u that v hears), nodes in topological order, then
    in reverse, so many rounds (Zhang et al., ICLR 2019, Eq. 3, 4 and 15); who hears nobody keeps its state. Before,
    the mean of the states of an earlier segment is added to each virtual node that stands for it (section 4.3).

    Computed in numpy, the gradient (once) written out: a level has a few rows, for which torch takes several times
    as long to start an operation, and autograd again as long to record it. Memory is linear in rows and rounds.
    """
    device = states.device
    result: torch.Tensor = _Propagate.apply(tuple(stages), rounds, states.cpu(), *(p.cpu() for p in parameters))
    return result.to(device)


_UNTOLD = np.errstate(invalid="ignore", over="ignore")
"""What is no number is told by the loss."""


class _Context(FunctionCtx):
    """What the way back needs beside the tensors that autograd keeps."""

    stages: tuple[Stage, ...]
    rounds: int
    tapes: list[Tape]
    first: Array
    saved_tensors: tuple[torch.Tensor, ...]


class _Propagate(torch.autograd.Function):
    @staticmethod
    @_UNTOLD
    def forward(
        ctx: _Context, stages: tuple[Stage, ...], rounds: int, states: torch.Tensor, *parameters: torch.Tensor
    ) -> torch.Tensor:
        weights = [parameter.detach().numpy() for parameter in parameters]
        now, tapes = with_one(states.detach().numpy()), list[Tape]()
        ctx.first = now.copy()
        embeddings = np.zeros((stages[-1].segments.stop if stages else 0, states.shape[1]), now.dtype)
        for stage in stages:
            mine = now[stage.rows]
            mine[stage.receivers, :-1] += embeddings[stage.givers]
            ctx.first[stage.rows] = mine
            messages = np.maximum(mine @ weights[0], 0)
            tape = Tape(stage.schedule.updates * rounds, weights)
            for update, place in tape.steps:
                step(update, place, tape, (mine, messages), weights)
            embeddings[stage.segments] = stage.schedule.members.of(mine[:, :-1]) * stage.schedule.share
            tapes.append(tape)
        ctx.stages, ctx.rounds, ctx.tapes = stages, rounds, tapes
        ctx.save_for_backward(states, *parameters)
        return torch.from_numpy(now[:, :-1].copy())

    @staticmethod
    @_UNTOLD
    def backward(ctx: _Context, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        _, *parameters = ctx.saved_tensors
        weights = [parameter.detach().t().contiguous().numpy() for parameter in parameters]
        to_states = gradients[0].detach().numpy().copy()
        to_messages = np.zeros((len(to_states), weights[0].shape[0]), to_states.dtype)
        to_embeddings = np.zeros(
            (ctx.stages[-1].segments.stop if ctx.stages else 0, to_states.shape[1]), to_states.dtype
        )
        for stage, tape in zip(reversed(ctx.stages), reversed(ctx.tapes), strict=True):
            mine, messages = to_states[stage.rows], to_messages[stage.rows]
            mine += (to_embeddings[stage.segments] * stage.schedule.share)[stage.schedule.segment]
            tape.begin_back()
            for update, place in reversed(tape.steps):
                step_back(update, place, tape, (mine, messages), weights)
            messages *= ctx.first[stage.rows] @ weights[0].T > 0
            mine += messages @ weights[0][:, :-1]
            np.add.at(to_embeddings, stage.givers, mine[stage.receivers])
        to_first = [(ctx.first, to_messages), *((tape.after, tape.to_hidden) for tape in ctx.tapes)]
        to_joint = [(tape.taken, tape.to_sums.reshape(-1, len(weights[1]))) for tape in ctx.tapes]
        return None, None, torch.from_numpy(to_states), _product(to_first), _product(to_joint)


def _product(pairs: Sequence[tuple[Array, Array]]) -> torch.Tensor:
    """The gradient of a matrix, over all updates at once, by torch, whose number of threads is set."""
    given, found = (torch.from_numpy(np.concatenate([pair[side] for pair in pairs])) for side in (0, 1))
    return given.t() @ found
