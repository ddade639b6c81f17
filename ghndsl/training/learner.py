"""A network, data and settings go in; passes of training, and what is needed to go on after any of them, come out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass

import torch
from torch import nn

from ghndsl.data import Dataset, Split
from ghndsl.emit.module import to_torch
from ghndsl.ir import Graph
from ghndsl.training.anytime import answers
from ghndsl.training.batches import epoch, steps_per_epoch
from ghndsl.training.clock import Clock
from ghndsl.training.distort import distorted
from ghndsl.training.drop_path import Chance, with_drop_path
from ghndsl.training.files import like
from ghndsl.training.losses import Losses
from ghndsl.training.optimiser import optimiser_of, set_rate
from ghndsl.training.settings import Settings
from ghndsl.training.sharing import agree, gathered, part_of, stacked
from ghndsl.training.team import Team


@dataclass(frozen=True)
class Epoch:
    """Mean loss and the task's metric of the main output over the batches of one pass, as they were trained on."""

    loss: float
    accuracy: float


class Learner:
    """The module, its optimiser, the running mean of its weights, and the passes so far.

    Processes that train `together` share each batch, and do what one does but for rounding, for statistics of
    normalisation, which each takes of its share, and for what the network leaves to chance: that is drawn by torch's
    own generator, which is to be seeded before. All of them ask for `tensors`.
    """

    def __init__(
        self,
        graph: Graph,
        data: Dataset,
        settings: Settings,
        seed: int,
        weights: Mapping[str, torch.Tensor] | None,
        together: Team,
    ) -> None:
        self.graph, self.data, self.settings, self.together = graph, data, settings, together
        self.device = together.device
        self.chance = Chance()
        built = with_drop_path(graph, self.chance) if settings.drop_path else graph
        self.module = to_torch(built, weights, seed).train().to(self.device)
        self.optimiser = optimiser_of(self.module, settings)
        self.losses = Losses(answers(graph), data.task, settings)
        self.rng = torch.Generator().manual_seed(seed)
        self.history: list[Epoch] = []
        self.average = {name: tensor.clone() for name, tensor in self._weights().items()} if settings.ema else {}

    @property
    def diverged(self) -> bool:
        """Whether the loss of the last pass was no number."""
        return bool(self.history) and not math.isfinite(self.history[-1].loss)

    def pass_once(self, clock: Clock) -> None:
        """One pass over the training part, up to the first batch at which the loss is no longer a number."""
        settings, number = self.settings, len(self.history)
        per_epoch = steps_per_epoch(len(self.data.train), settings.batch_size)
        self.chance.p = settings.drop_path * number / max(1, settings.epochs - 1)
        losses, seen, tally = 0.0, 0, self.data.task.tally()
        clock.begin()
        for step, batch in enumerate(epoch(self.data.train, settings.batch_size, settings.augment, self.rng)):
            whole = distorted(batch, settings, self.rng)
            given = part_of(whole, self.together).mapped(lambda tensor: tensor.to(self.device))
            clock.lap("data")
            done = number * per_epoch + step
            set_rate(self.optimiser, settings, done, settings.epochs * per_epoch, number)
            answers, loss = self._step(given, len(given) / len(whole), clock)
            self._average(done)
            clock.lap("optimiser")
            losses, seen = losses + loss * len(whole), seen + len(whole)
            tally.add(gathered(answers, len(whole), self.together).cpu(), whole.targets)
            if not math.isfinite(losses):
                break
        agree([*self._buffers(self._weights()), *self._buffers(self.average)], self.together)
        self.history.append(Epoch(losses / seen, tally.value))

    def _step(self, batch: Split, share: float, clock: Clock) -> tuple[torch.Tensor, float]:
        """One update; returns the main output's answers to this process's share of a batch, and the loss of all."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.precision == "bf16"):
            found = self.module(*batch.feed(self.graph).values())
        answers, loss, total = self.losses.of(found, batch.targets)
        value = float(self.together.total(loss.detach() * share))
        clock.lap("forward")
        if total.requires_grad:
            self.optimiser.zero_grad()
            torch.autograd.backward(total * share)
            self.together.add_gradients(list(self.module.parameters()))
            clock.lap("backward")
            if self.settings.clip:
                nn.utils.clip_grad_norm_(self.module.parameters(), self.settings.clip)
            self.optimiser.step()
        return answers.detach(), value

    @torch.no_grad()
    def _average(self, step: int) -> None:
        # Short at first, so that what was drawn at random does not linger.
        decay = min(self.settings.ema, (1 + step) / (10 + step))
        current = self._weights() if self.average else {}
        for name, mean in self.average.items():
            if mean.is_floating_point():
                mean.lerp_(current[name], 1 - decay)
            else:
                mean.copy_(current[name])

    def _buffers(self, weights: Mapping[str, torch.Tensor]) -> list[torch.Tensor]:
        """Those of the tensors by path that are statistics."""
        return [weights[name] for name, _ in self.module.named_buffers() if name in weights]

    def _weights(self) -> dict[str, torch.Tensor]:
        return {name: tensor.detach() for name, tensor in self.module.state_dict().items()}

    def result(self) -> dict[str, torch.Tensor]:
        """Weights and buffers by path, averaged if they are averaged."""
        return {name: tensor.cpu().clone() for name, tensor in (self.average or self._weights()).items()}

    def tensors(self) -> dict[str, torch.Tensor]:
        """All that is needed to go on."""
        found = {"history": torch.tensor([astuple(one) for one in self.history], dtype=torch.float64)}
        found |= {"chance.data": self.rng.get_state(), "chance.network": stacked(torch.get_rng_state(), self.together)}
        if self.device.type == "cuda":
            found["chance.device"] = stacked(torch.cuda.get_rng_state(self.device), self.together)
        found |= {f"weight.{name}": tensor for name, tensor in self._weights().items()}
        found |= {f"average.{name}": tensor for name, tensor in self.average.items()}
        for name, parameter in self.module.named_parameters():
            if self.optimiser.state[parameter].get("momentum_buffer") is not None:
                found[f"momentum.{name}"] = self.optimiser.state[parameter]["momentum_buffer"]
        return found

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Takes up where `tensors` left off. Raises KeyError or ValueError when they are not what `tensors()` gave."""
        for name, tensor in self._weights().items():
            tensor.copy_(like(tensors, f"weight.{name}", tensor))
        for name, mean in self.average.items():
            mean.copy_(like(tensors, f"average.{name}", mean))
        for name, parameter in self.module.named_parameters():
            if f"momentum.{name}" in tensors:
                # In memory as the parameter is, as it was made: other orders may round otherwise.
                moment = torch.empty_like(parameter).copy_(like(tensors, f"momentum.{name}", parameter))
                self.optimiser.state[parameter]["momentum_buffer"] = moment
        self.rng.set_state(like(tensors, "chance.data", self.rng.get_state()))
        torch.set_rng_state(self._own(tensors, "chance.network", torch.get_rng_state()))
        if self.device.type == "cuda":
            state = self._own(tensors, "chance.device", torch.cuda.get_rng_state(self.device))
            torch.cuda.set_rng_state(state, self.device)
        self.history = [Epoch(loss, accuracy) for loss, accuracy in tensors["history"].view(-1, 2).tolist()]

    def _own(self, tensors: Mapping[str, torch.Tensor], name: str, state: torch.Tensor) -> torch.Tensor:
        """This process's row of the generators' states, in memory of its own: torch reads that of a view elsewhere."""
        rows = like(tensors, name, state.expand(self.together.size, *state.shape))
        return rows[self.together.rank].clone()
