"""A hypernetwork in training: losses go in, updates of its parameters and what is needed to go on later come out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import astuple

import torch
from torch import nn

from ghndsl.ghn.network import GHN
from ghndsl.ghn.settings import GHNSettings
from ghndsl.ghn.watching import Watched
from ghndsl.training.files import like
from ghndsl.training.interrupts import whole
from ghndsl.training.team import Team

_ALONE = Team()
_STEP, _MEANS = "step", ("exp_avg", "exp_avg_sq")
_MOMENTS = (_STEP, *_MEANS)


class TrainingState:
    """The hypernetwork, its optimiser, the running mean of its parameters and the losses so far, one a step."""

    def __init__(self, ghn: GHN, settings: GHNSettings) -> None:
        self.ghn = ghn
        self.settings = settings
        self.losses: list[float] = []
        self.watched: list[Watched] = []
        self.parameters = dict(ghn.named_parameters())
        # Decay is for matrices: embeddings and biases have no size to be held in check.
        decayed = [p for name, p in self.parameters.items() if p.ndim > 1 and "encoder.embedding" not in name]
        kept = [p for name, p in self.parameters.items() if p.ndim <= 1 or "encoder.embedding" in name]
        groups = [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": kept, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=settings.lr, fused=True)
        self.average = {name: p.detach().clone() for name, p in self.parameters.items()} if settings.ema else {}

    def update(self, loss: torch.Tensor, done: float, together: Team = _ALONE) -> None:
        """One step; `done` is the share of the budget that is used. Losses and gradients are summed over the processes
        that train together. A gradient that is no number changes nothing. A step that is interrupted is done as a
        whole, or not at all."""
        value = float(together.total(loss.detach()))
        is_sound = self._gradients(loss, together)
        with whole():
            if is_sound:
                self._step(done)
            self.losses.append(value)

    def _gradients(self, loss: torch.Tensor, together: Team) -> bool:
        """Finds the gradients, bounded; whether there are any, and they are numbers."""
        self.optimiser.zero_grad()
        if loss.requires_grad:
            torch.autograd.backward(loss)
        together.add_gradients(list(self.parameters.values()))
        if all(parameter.grad is None for parameter in self.parameters.values()):
            return False
        norm = nn.utils.clip_grad_norm_(self.parameters.values(), self.settings.clip or math.inf)
        return math.isfinite(norm)

    def _step(self, done: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.rate(done)
        self.optimiser.step()
        # Short at first, so that what was drawn at random does not linger.
        decay = min(self.settings.ema, (1 + len(self.losses)) / (10 + len(self.losses)))
        for name, mean in self.average.items():
            mean.lerp_(self.parameters[name].detach(), 1 - decay)

    @property
    def last_look(self) -> int:
        """The step of the last look at held-out candidates."""
        return self.watched[-1].step if self.watched else 0

    @property
    def diverged(self) -> bool:
        """Whether the last hundred losses were no numbers."""
        return len(self.losses) >= 100 and not any(map(math.isfinite, self.losses[-100:]))

    @property
    def is_sound(self) -> bool:
        """Whether the last loss, if there is one, and all parameters are numbers."""
        sound = all(bool(parameter.isfinite().all()) for parameter in self.parameters.values())
        return sound and all(map(math.isfinite, self.losses[-1:]))

    def result(self) -> GHN:
        """The hypernetwork as it is to be used: with averaged parameters, if they are averaged."""
        if not self.average:
            return self.ghn
        ghn = deepcopy(self.ghn)
        ghn.load_state_dict(self.average)
        return ghn

    def tensors(self) -> dict[str, torch.Tensor]:
        """All that is needed to go on, beside the result."""
        found = {"losses": torch.tensor(self.losses, dtype=torch.float64)}
        if self.watched:
            found["watched"] = torch.tensor([astuple(look) for look in self.watched], dtype=torch.float64)
        for name, parameter in self.parameters.items():
            found |= {
                f"{moment}.{name}": self.optimiser.state[parameter][moment] for moment in self._moments(parameter)
            }
            if self.average:
                found[f"current.{name}"] = parameter
        return found

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Takes up where `tensors` left off; the hypernetwork has the result's parameters.

        Raises KeyError or ValueError when they are not what `tensors()` gave.
        """
        self.losses = tensors["losses"].flatten().tolist()
        looks = tensors["watched"].view(-1, 3).tolist() if "watched" in tensors else []
        self.watched = [Watched(int(step), loss, accuracy) for step, loss, accuracy in looks]
        for name, parameter in self.parameters.items():
            if self.average:
                parameter.data.copy_(like(tensors, f"current.{name}", parameter))
            if any(f"{moment}.{name}" in tensors for moment in _MOMENTS):
                step = like(tensors, f"{_STEP}.{name}", torch.zeros((), device=parameter.device))
                means = {moment: like(tensors, f"{moment}.{name}", parameter) for moment in _MEANS}
                self.optimiser.state[parameter] = {_STEP: step, **means}

    def _moments(self, parameter: nn.Parameter) -> tuple[str, ...]:
        return _MOMENTS if parameter in self.optimiser.state else ()
