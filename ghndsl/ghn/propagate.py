"""Node states, a schedule and the parameters of a GRU go in; the states after some rounds of messages come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch.autograd.function import FunctionCtx

from ghndsl.ghn.schedule import Schedule, Update

Array: TypeAlias = npt.NDArray[np.floating]


class Parameters(NamedTuple):
    """What messages and states are multiplied by, packed for few products.

    `first` `[message, hidden]` and its bias are the hidden layer of the message MLP. `joint`, `[4 hidden, message +
    hidden]`, and its bias take the sum of those layers beside the state to, in this order, half the argument of the
    reset gate, half that of the update gate, and the two summands of the candidate's.
    """

    first: torch.Tensor
    first_bias: torch.Tensor
    joint: torch.Tensor
    joint_bias: torch.Tensor


def pack(first: torch.nn.Linear, second: torch.nn.Linear, cell: torch.nn.GRUCell) -> Parameters:
    """The parameters of a message MLP, whose second layer has no bias, and a GRU.

    The second layer is linear, so that a sum of messages is the layer applied to the sum: it is multiplied into the
    GRU's matrix. The gates are halved since the logistic function of 2x is (1 + tanh x) / 2, which cannot overflow.
    """
    given, own = cell.weight_ih @ second.weight, cell.weight_hh
    size = cell.hidden_size
    gates = 0.5 * torch.cat([given[: 2 * size], own[: 2 * size]], 1)
    heard = torch.nn.functional.pad(given[2 * size :], (0, size))
    held = torch.nn.functional.pad(own[2 * size :], (given.shape[1], 0))
    gate_bias = 0.5 * (cell.bias_ih + cell.bias_hh)[: 2 * size]
    bias = torch.cat([gate_bias, cell.bias_ih[2 * size :], cell.bias_hh[2 * size :]])
    return Parameters(first.weight, first.bias, torch.cat([gates, heard, held]), bias)


def propagate(states: torch.Tensor, schedule: Schedule, rounds: int, parameters: Parameters) -> torch.Tensor:
    """Forward-backward propagation: `[nodes, hidden]` to the same, rows in the schedule's order.

    h_v = GRU(h_v, sum of M(h_u) over the neighbours u that v hears), nodes in topological order, then in reverse, so
    many rounds (Zhang et al., ICLR 2019, Eq. 3, 4 and 15); who hears nobody keeps its state. Differentiable once.
    Computed in numpy, the gradient written out: a level has a few rows, for which torch takes several times as long
    to start an operation, and autograd again as long to record it. Memory is linear in nodes and rounds.
    """
    wanted = torch.is_grad_enabled() and any(x.requires_grad for x in (states, *parameters))
    device = states.device
    result: torch.Tensor = _Propagate.apply(schedule, rounds, wanted, states.cpu(), *(p.cpu() for p in parameters))
    return result.to(device)


@dataclass(slots=True)
class _Step:
    """What an update leaves for the way back, all of it `[nodes updated, ...]`.

    `taken` is the sum of messages' hidden layers beside the state before, `own` the state's part of the candidate.
    """

    update: Update
    taken: Array
    gates: Array
    own: Array
    candidate: Array
    after: Array
    hidden: Array


class _Context(FunctionCtx):
    """The steps taken, and the hidden layer they began with, beside the tensors that autograd keeps."""

    steps: list[_Step]
    hidden: Array
    saved_tensors: tuple[torch.Tensor, ...]


class _Propagate(torch.autograd.Function):
    @staticmethod
    def forward(
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
    def backward(ctx: _Context, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        states, *parameters = ctx.saved_tensors
        weights = [parameter.detach().numpy() for parameter in parameters]
        to_states = gradients[0].detach().numpy().copy()
        to_hidden = np.zeros_like(ctx.hidden)
        steps = ctx.steps[::-1]
        found = [_update_back(step, to_states, to_hidden, weights) for step in steps]
        first = np.where(ctx.hidden > 0, to_hidden, 0)
        to_states += first @ weights[0]
        firsts = torch.from_numpy(np.concatenate([first, *(one for one, _ in found)]))
        after = torch.from_numpy(np.concatenate([states.detach().numpy(), *(step.after for step in steps)]))
        taken = torch.from_numpy(np.concatenate([np.zeros_like(weights[2][:0]), *(step.taken for step in steps)]))
        joint = torch.from_numpy(np.concatenate([np.zeros_like(weights[2].T[:0]), *(two for _, two in found)]))
        to_weights = firsts.t() @ after, firsts.sum(0), joint.t() @ taken, joint.sum(0)
        return None, None, None, torch.from_numpy(to_states), *to_weights


def _hidden(states: Array, weights: list[Array]) -> Array:
    hidden = states @ weights[0].T
    hidden += weights[1]
    return np.maximum(hidden, 0, out=hidden)


def _update(update: Update, states: Array, hidden: Array, weights: list[Array]) -> _Step:
    """The GRU for the nodes of one level; `states` and `hidden` are changed in place."""
    size = states.shape[1]
    taken = np.concatenate([update.heard.of(hidden), states[update.nodes]], 1)
    sums = taken @ weights[2].T
    sums += weights[3]
    gates = np.tanh(sums[:, : 2 * size])
    gates += 1
    gates *= 0.5
    own = sums[:, 3 * size :]
    candidate = gates[:, :size] * own
    candidate += sums[:, 2 * size : 3 * size]
    np.tanh(candidate, out=candidate)
    after = taken[:, -size:] - candidate
    after *= gates[:, size:]
    after += candidate
    states[update.nodes] = after
    hidden[update.nodes] = fresh = _hidden(after, weights)
    return _Step(update, taken, gates, own, candidate, after, fresh)


def _update_back(step: _Step, to_states: Array, to_hidden: Array, weights: list[Array]) -> tuple[Array, Array]:
    """The gradients of one update with respect to the sums of `first` and of `joint`.

    Those of states and hidden layers after it are replaced by those before it, in place.
    """
    update, gates, candidate, size = step.update, step.gates, step.candidate, step.candidate.shape[1]
    first = to_hidden[update.nodes] * (step.hidden > 0)
    after = first @ weights[0]
    after += to_states[update.nodes]
    kept = after * gates[:, size:]
    sums = np.empty((len(after), 4 * size), after.dtype)
    inner = sums[:, 2 * size : 3 * size]
    np.multiply(after - kept, 1 - candidate * candidate, out=inner)
    np.multiply(inner, step.own, out=sums[:, :size])
    np.multiply(after, step.taken[:, -size:] - candidate, out=sums[:, size : 2 * size])
    sums[:, : 2 * size] *= 2 * gates * (1 - gates)
    np.multiply(inner, gates[:, :size], out=sums[:, 3 * size :])
    taken = sums @ weights[2]
    kept += taken[:, -size:]
    to_states[update.nodes] = kept
    to_hidden[update.nodes] = 0
    to_hidden[update.speakers] += update.answers.of(taken[:, :-size])
    return first, sums
