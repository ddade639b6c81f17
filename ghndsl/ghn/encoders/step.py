"""The nodes of a level, what they hear and a GRU's parameters go in; their new states, and the gradients, come out."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from ghndsl.ghn.updates import Update

Array: TypeAlias = npt.NDArray[np.floating]

Pair: TypeAlias = tuple[Array, Array]
"""States, and the hidden layers of the messages they send, or the gradients of both."""


class Parameters(NamedTuple):
    """What states and messages are multiplied by, packed for few products; the last row of each is the bias.

    `first`, `[hidden + 1, message]`, is the hidden layer of the message MLP. `joint`, `[message + hidden + 1,
    4 hidden]`, takes the sum of such layers beside the state to, in this order, half the arguments of the reset and
    update gate, the candidate's argument with the reset gate half open, and what that gate adds as it opens.
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
    packed = torch.cat([gates, heard + held, held]), torch.cat([first.weight, first.bias[:, None]], 1)
    return Parameters(packed[1].t().contiguous(), packed[0].t().contiguous())


def with_one(states: Array) -> Array:
    """The states with a column of ones, which biases are multiplied by."""
    return np.concatenate([states, np.ones_like(states[:, :1])], 1)


class Tape:
    """What updates compute, one after another in rows, and the gradients that follow from it.

    `taken` is the sum of messages' hidden layers, the state before, and one; `sums` `[rows, 4, hidden]` its product
    with `joint`, the gates' already under tanh; `hidden` is the next message's hidden layer before its ReLU.
    """

    def __init__(self, updates: tuple[Update, ...], weights: list[Array]) -> None:
        stops = np.cumsum([len(update) for update in updates]).tolist()
        places = [slice(stop - len(update), stop) for update, stop in zip(updates, stops, strict=True)]
        self.steps = list(zip(updates, places, strict=True))
        first, joint = weights
        count, size = stops[-1] if stops else 0, joint.shape[1] // 4
        self.taken = np.ones((count, len(joint)), joint.dtype)
        self.sums = np.empty((count, 4, size), joint.dtype)
        self.candidate = np.empty((count, size), joint.dtype)
        self.hidden = np.empty((count, first.shape[1]), joint.dtype)

    @property
    def before(self) -> Array:
        """The states before the updates."""
        return self.taken[:, self.hidden.shape[1] : -1]

    @property
    def after(self) -> Array:
        """The states after the updates, and one."""
        return with_one(self.candidate + (0.5 + 0.5 * self.sums[:, 1]) * (self.before - self.candidate))

    def begin_back(self) -> None:
        """Makes ready for `step_back`: all that does not depend on gradients, for all updates at once.

        `keep` is the share of the state that is kept; `outer` how the new state follows the update gate's and the
        candidate's argument; `inner` how that argument follows the reset gate's and what the gate adds. `to_hidden`
        and `to_sums` receive gradients, the first holds the slopes of the ReLU before.
        """
        self.keep, gates = 0.5 + 0.5 * self.sums[:, 1], 1 - self.sums[:, :2] ** 2
        by_gate = 0.5 * (self.before - self.candidate) * gates[:, 1]
        self.outer = np.stack([by_gate, (1 - self.keep) * (1 - self.candidate**2)], 1)
        self.inner = np.stack([self.sums[:, 3] * gates[:, 0], self.sums[:, 0]], 1)
        self.to_hidden = (self.hidden > 0).astype(self.hidden.dtype)
        self.to_sums = np.empty_like(self.sums)


def step(update: Update, place: slice, tape: Tape, now: Pair, weights: list[Array]) -> None:
    """The GRU for the nodes of one level; states, with ones, and hidden layers are changed in place."""
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


def step_back(update: Update, place: slice, tape: Tape, given: Pair, transposed: list[Array]) -> None:
    """The way back through a step: gradients of states and hidden layers after it become those before, in place."""
    to_states, to_messages = given
    width = to_messages.shape[1]
    hidden, sums = tape.to_hidden[place], tape.to_sums[place]
    hidden *= to_messages[update.nodes]
    after = hidden @ transposed[0][:, :-1]
    after += to_states[update.nodes]
    np.multiply(after[:, None], tape.outer[place], out=sums[:, 1:3])
    np.multiply(sums[:, 2:3], tape.inner[place], out=sums[:, ::3])
    taken = sums.reshape(len(sums), -1) @ transposed[1]
    after *= tape.keep[place]
    after += taken[:, width:-1]
    to_states[update.nodes] = after
    to_messages[update.nodes] = 0
    to_messages[update.speakers] += update.answers.of(taken[:, :width])
