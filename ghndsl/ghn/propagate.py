"""Node states, a schedule and the parameters of a GRU go in; the states after some rounds of messages come out."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.autograd.function import FunctionCtx
from torch.nn import functional

from ghndsl.ghn.schedule import Schedule, Update

Array: TypeAlias = npt.NDArray[np.floating]


class Parameters(NamedTuple):
    """What states and messages are multiplied by, packed for few products; the last column of each is the bias.

    `first`, `[message, hidden + 1]`, is the hidden layer of the message MLP. `joint`, `[4 hidden, message + hidden +
    1]`, takes the sum of such layers beside the state to, in this order, half the arguments of the reset and update
    gate, the candidate's argument with the reset gate half open, and what that gate adds as it goes from half to open.
    """

    first: torch.Tensor
    joint: torch.Tensor


def pack(first: nn.Linear, second: nn.Linear, cell: nn.GRUCell) -> Parameters:
    """The parameters of a message MLP, whose second layer has no bias, and a GRU.

    The second layer is linear, so that a sum of messages is the layer applied to the sum: it is multiplied into the
    GRU's matrix. The gates are halved since the logistic function of 2x is (1 + tanh x) / 2, which cannot overflow.
    """
    given, own = cell.weight_ih @ second.weight, cell.weight_hh
    cut = 2 * cell.hidden_size
    gates = 0.5 * torch.cat([given[:cut], own[:cut], (cell.bias_ih + cell.bias_hh)[:cut, None]], 1)
    heard = torch.cat([functional.pad(given[cut:], (0, own.shape[1])), cell.bias_ih[cut:, None]], 1)
    held = 0.5 * torch.cat([functional.pad(own[cut:], (given.shape[1], 0)), cell.bias_hh[cut:, None]], 1)
    return Parameters(torch.cat([first.weight, first.bias[:, None]], 1), torch.cat([gates, heard + held, held]))


def propagate(states: torch.Tensor, schedule: Schedule, rounds: int, parameters: Parameters) -> torch.Tensor:
    """Forward-backward propagation: `[nodes, hidden]` to the same, rows in the schedule's order.

    h_v = GRU(h_v, sum of M(h_u) over the neighbours u that v hears), nodes in topological order, then in reverse, so
    many rounds (Zhang et al., ICLR 2019, Eq. 3, 4 and 15); who hears nobody keeps its state. Differentiable once.
    Computed in numpy, the gradient written out: a level has a few rows, for which torch takes several times as long
    to start an operation, and autograd again as long to record it. Memory is linear in nodes and rounds.
    """
    device = states.device
    result: torch.Tensor = _Propagate.apply(schedule.updates * rounds, states.cpu(), *(p.cpu() for p in parameters))
    return result.to(device)


class _Tape:
    """What the updates compute, one after another in rows, and the gradients that follow from it.

    `taken` is the sum of messages' hidden layers, the state before, and one; `sums` `[rows, 4, hidden]` its product
    with `joint`, the gates' already under tanh; `hidden` is the next message's hidden layer before its ReLU.
    """

    def __init__(self, updates: tuple[Update, ...], weights: list[Array]) -> None:
        stops = np.cumsum([len(update) for update in updates]).tolist()
        self.places = [slice(stop - len(update), stop) for update, stop in zip(updates, stops, strict=True)]
        count, dtype = stops[-1] if stops else 0, weights[0].dtype
        self.taken = np.ones((count, weights[1].shape[0]), dtype)
        self.sums = np.empty((count, 4, weights[1].shape[1] // 4), dtype)
        self.candidate = np.empty((count, weights[1].shape[1] // 4), dtype)
        self.hidden = np.empty((count, weights[0].shape[1]), dtype)

    @property
    def before(self) -> Array:
        """The states before the updates."""
        return self.taken[:, self.hidden.shape[1] : -1]

    @property
    def after(self) -> Array:
        """The states after the updates, and one."""
        after = self.candidate + (0.5 + 0.5 * self.sums[:, 1]) * (self.before - self.candidate)
        return np.concatenate([after, np.ones_like(after[:, :1])], 1)

    def slopes(self) -> tuple[Array, Array, Array]:
        """The share of the state that is kept; how the new state follows the update gate's and the candidate's
        argument; how that argument follows the reset gate's and what the gate adds.
        """
        keep, gates = 0.5 + 0.5 * self.sums[:, 1], 1 - self.sums[:, :2] ** 2
        by_gate = 0.5 * (self.before - self.candidate) * gates[:, 1]
        by_candidate = (1 - keep) * (1 - self.candidate**2)
        inner = np.stack([self.sums[:, 3] * gates[:, 0], self.sums[:, 0]], 1)
        return keep, np.stack([by_gate, by_candidate], 1), inner


class _Context(FunctionCtx):
    """The updates made and their tape, beside the tensors that autograd keeps."""

    updates: tuple[Update, ...]
    tape: _Tape
    saved_tensors: tuple[torch.Tensor, ...]


class _Propagate(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: _Context, updates: tuple[Update, ...], states: torch.Tensor, *parameters: torch.Tensor
    ) -> torch.Tensor:
        # Copies, as products with transposed views take longer.
        weights = [parameter.detach().t().contiguous().numpy() for parameter in parameters]
        tape = _Tape(updates, weights)
        now = _with_one(states)
        hidden = np.maximum(now @ weights[0], 0)
        for update, place in zip(updates, tape.places, strict=True):
            _update(update, place, tape, (now, hidden), weights)
        ctx.updates, ctx.tape = updates, tape
        ctx.save_for_backward(states, *parameters)
        return torch.from_numpy(now[:, :-1].copy())

    @staticmethod
    def backward(ctx: _Context, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        states, *parameters = ctx.saved_tensors
        weights = [parameter.detach().numpy() for parameter in parameters]
        tape, first = ctx.tape, _with_one(states)
        to_states = gradients[0].detach().numpy().copy()
        to_messages = np.zeros((len(states), len(weights[0])), to_states.dtype)
        hidden = (tape.hidden > 0).astype(to_states.dtype)
        sums = np.empty_like(tape.sums)
        _way_back(ctx, (to_states, to_messages), (hidden, sums), weights)
        to_messages *= first @ weights[0].T > 0
        to_states += to_messages @ weights[0][:, :-1]
        to_first = _product(to_messages, first) + _product(hidden, tape.after)
        return None, torch.from_numpy(to_states), to_first, _product(sums.reshape(len(sums), -1), tape.taken)


def _with_one(states: torch.Tensor) -> Array:
    return np.concatenate([states.detach().numpy(), np.ones((len(states), 1), states.detach().numpy().dtype)], 1)


def _product(a: Array, b: Array) -> torch.Tensor:
    """The gradient of a matrix, by torch, whose number of threads is set."""
    return torch.from_numpy(a).t() @ torch.from_numpy(b)


def _update(update: Update, place: slice, tape: _Tape, now: tuple[Array, Array], weights: list[Array]) -> None:
    """The GRU for the nodes of one level; states and hidden layers are changed in place."""
    states, messages = now
    width, size = messages.shape[1], states.shape[1] - 1
    taken, sums, candidate = tape.taken[place], tape.sums[place], tape.candidate[place]
    update.heard.into(messages, taken[:, :width])
    taken[:, width:] = states[update.nodes]
    np.matmul(taken, weights[1], out=sums.reshape(len(sums), -1))
    gates = sums[:, :2]
    np.tanh(gates, out=gates)
    np.multiply(gates[:, 0], sums[:, 3], out=candidate)
    candidate += sums[:, 2]
    np.tanh(candidate, out=candidate)
    # The update gate is (1 + tanh) / 2.
    half = taken[:, width : width + size] - candidate
    half *= 0.5
    after = half * gates[:, 1]
    after += half
    after += candidate
    states[update.nodes, :size] = after
    hidden = np.matmul(states[update.nodes], weights[0], out=tape.hidden[place])
    messages[update.nodes] = np.maximum(hidden, 0)


def _way_back(ctx: _Context, given: tuple[Array, Array], found: tuple[Array, Array], weights: list[Array]) -> None:
    """From the last update to the first: gradients of states and messages are replaced by those before, in place.

    `found` receives the gradients of the tape's `hidden`, whose ReLU's slopes it holds before, and of `sums`.
    """
    to_states, to_messages = given
    keep, outer, inner = ctx.tape.slopes()
    width = to_messages.shape[1]
    for update, place in zip(reversed(ctx.updates), reversed(ctx.tape.places), strict=True):
        hidden, sums = found[0][place], found[1][place]
        hidden *= to_messages[update.nodes]
        after = hidden @ weights[0][:, :-1]
        after += to_states[update.nodes]
        np.multiply(after[:, None], outer[place], out=sums[:, 1:3])
        np.multiply(sums[:, 2:3], inner[place], out=sums[:, ::3])
        taken = sums.reshape(len(sums), -1) @ weights[1]
        after *= keep[place]
        after += taken[:, width:-1]
        to_states[update.nodes] = after
        to_messages[update.nodes] = 0
        to_messages[update.speakers] += update.answers.of(taken[:, :width])
