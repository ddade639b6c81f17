"""Node states, a schedule and the parameters of a GRU go in; the states after some rounds of messages come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch.autograd.function import FunctionCtx, once_differentiable

from ghndsl.ghn.schedule import Schedule, Update

Array: TypeAlias = npt.NDArray[np.floating]


class Parameters(NamedTuple):
    """`first`, `first_bias`: the hidden layer of the message MLP. The rest as in `nn.GRUCell`.

    `given` takes that hidden layer: the second layer is linear, so that it is applied to the sum of messages and
    multiplied into the GRU's input matrix.
    """

    first: torch.Tensor
    first_bias: torch.Tensor
    given: torch.Tensor
    given_bias: torch.Tensor
    own: torch.Tensor
    own_bias: torch.Tensor


def propagate(states: torch.Tensor, schedule: Schedule, rounds: int, parameters: Parameters) -> torch.Tensor:
    """Forward-backward propagation: `[nodes, hidden]` to the same, rows in the schedule's order.

    h_v = GRU(h_v, sum of M(h_u) over the neighbours u that v hears), nodes in topological order, then in reverse, so
    many rounds (Zhang et al., ICLR 2019, Eq. 3, 4 and 15); who hears nobody keeps its state. Differentiable once.
    Computed in numpy, the gradient written out: a level has a few rows, for which torch takes ten times the time to
    start an operation, and autograd twice that to record it. Memory is linear in nodes and rounds.
    """
    wanted = torch.is_grad_enabled() and any(x.requires_grad for x in (states, *parameters))
    device = states.device
    result: torch.Tensor = _Propagate.apply(schedule, rounds, wanted, states.cpu(), *(p.cpu() for p in parameters))
    return result.to(device)


@dataclass(slots=True)
class _Step:
    """What an update leaves for the way back, all of it `[nodes updated, ...]`."""

    update: Update
    summed: Array
    before: Array
    gates: Array
    candidate: Array
    own: Array
    after: Array
    hidden: Array


class _Context(FunctionCtx):
    """The steps taken, and the hidden layer they began with, beside the tensors that autograd keeps."""

    steps: list[_Step]
    hidden: Array
    saved_tensors: tuple[torch.Tensor, ...]


class _Propagate(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917
        ctx: _Context, schedule: Schedule, rounds: int, wanted: bool, states: torch.Tensor, *parameters: torch.Tensor
    ) -> torch.Tensor:
        weights = [parameter.detach().numpy() for parameter in parameters]
        now = states.detach().numpy().copy()
        hidden = _hidden(now, weights)
        ctx.hidden, ctx.steps = hidden.copy(), []
        for update in schedule.updates * rounds:
            step = _update(update, now, hidden, weights)
            if wanted:
                ctx.steps.append(step)
        ctx.save_for_backward(states, *parameters)
        return torch.from_numpy(now)

    @staticmethod
    @once_differentiable
    def backward(ctx: _Context, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        states, *parameters = ctx.saved_tensors
        weights = [parameter.detach().numpy() for parameter in parameters]
        to_states = gradients[0].numpy().copy()
        to_hidden = np.zeros_like(ctx.hidden)
        found = [_update_back(step, to_states, to_hidden, weights) for step in reversed(ctx.steps)]
        first = to_hidden * (ctx.hidden > 0)
        to_states += first @ weights[0]
        taken = _parameter_gradients(states, first, ctx.steps[::-1], found)
        return None, None, None, torch.from_numpy(to_states), *taken


def _hidden(states: Array, weights: list[Array]) -> Array:
    hidden = states @ weights[0].T
    hidden += weights[1]
    return np.maximum(hidden, 0, out=hidden)


def _update(update: Update, states: Array, hidden: Array, weights: list[Array]) -> _Step:
    """The GRU for the nodes of one level; `states` and `hidden` are changed in place."""
    _, _, given_weight, given_bias, own_weight, own_bias = weights
    size = states.shape[1]
    before, summed = states[update.nodes], update.heard.of(hidden)
    given = summed @ given_weight.T
    given += given_bias
    own = before @ own_weight.T
    own += own_bias
    # The logistic function by tanh, which cannot overflow.
    gates = given[:, : 2 * size] + own[:, : 2 * size]
    gates *= 0.5
    np.tanh(gates, out=gates)
    gates += 1
    gates *= 0.5
    candidate = gates[:, :size] * own[:, 2 * size :]
    candidate += given[:, 2 * size :]
    np.tanh(candidate, out=candidate)
    after = before - candidate
    after *= gates[:, size:]
    after += candidate
    states[update.nodes] = after
    fresh = _hidden(after, weights)
    hidden[update.nodes] = fresh
    return _Step(update, summed, before, gates, candidate, own, after, fresh)


class _Found(NamedTuple):
    """Gradients with respect to the message's hidden layer before its ReLU, and the GRU's two sums."""

    first: Array
    given: Array
    own: Array


def _update_back(step: _Step, to_states: Array, to_hidden: Array, weights: list[Array]) -> _Found:
    """The gradients of one update; those of states and hidden layers are taken and replaced in place."""
    update, size = step.update, step.before.shape[1]
    reset, keep = step.gates[:, :size], step.gates[:, size:]
    first = to_hidden[update.nodes]
    first *= step.hidden > 0
    after = to_states[update.nodes]
    after += first @ weights[0]
    given = np.empty_like(step.own)
    own = np.empty_like(step.own)
    kept = after * keep
    candidate = (after - kept) * (1 - step.candidate**2)
    given[:, :size] = candidate * step.own[:, 2 * size :]
    given[:, size : 2 * size] = after * (step.before - step.candidate)
    given[:, : 2 * size] *= step.gates * (1 - step.gates)
    given[:, 2 * size :] = candidate
    own[:] = given
    own[:, 2 * size :] *= reset
    kept += own @ weights[4]
    to_states[update.nodes] = kept
    to_hidden[update.nodes] = 0
    to_hidden[update.speakers] += update.answers.of(given @ weights[2])
    return _Found(first, given, own)


def _parameter_gradients(
    states: torch.Tensor, first: Array, steps: list[_Step], found: list[_Found]
) -> tuple[torch.Tensor, ...]:
    """One product for each parameter, over all updates at once."""
    firsts = torch.from_numpy(np.concatenate([first, *(gradient.first for gradient in found)]))
    after = np.concatenate([states.detach().numpy(), *(step.after for step in steps)])
    to_first = firsts.t() @ torch.from_numpy(after), firsts.sum(0)
    width, size = first.shape[1], states.shape[1]
    empty = states.new_zeros(0, 3 * size).numpy()
    given = torch.from_numpy(np.concatenate([empty, *(gradient.given for gradient in found)]))
    own = torch.from_numpy(np.concatenate([empty, *(gradient.own for gradient in found)]))
    summed = torch.from_numpy(np.concatenate([empty[:, :width], *(step.summed for step in steps)]))
    before = torch.from_numpy(np.concatenate([empty[:, :size], *(step.before for step in steps)]))
    return *to_first, given.t() @ summed, given.sum(0), own.t() @ before, own.sum(0)
