"""The graph hypernetwork as an estimator: candidates run with the weights it makes for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from ghndsl.data import Dataset
from ghndsl.ghn import GHN, GHNConfig, GHNSettings, Origin, train_ghn
from ghndsl.search.draw import Drawn, training_sample
from ghndsl.search.scorers.base import Estimator, Setting, finite
from ghndsl.search.titles import TITLES
from ghndsl.space import Space
from ghndsl.training import Metrics, score
from ghndsl.training.threads import threads


@dataclass
class Generated(Estimator):
    """Minus the loss on training samples under generated weights: for classes their log-likelihood (Zhang et al., ICLR
    2019, section 3).

    The paper takes held-out images. On NAS-Bench-201 the loss on images of the training ranks better: see
    `docs/ranking.md`.
    """

    name: str
    ghn: GHN
    space: Space
    data: Dataset

    @classmethod
    def prepare(cls, setting: Setting) -> Generated:
        """`ghn`: the setting's hypernetwork, or one trained now."""
        return cls("ghn", hypernetwork(setting), setting.scale.cheap, setting.scale.data)

    def measure(self, drawn: Drawn) -> dict[str, float]:
        """The name: minus the loss; `accuracy` (the task's metric) and `loss` of the generated weights, with the name
        of another estimator than `ghn` before them."""
        return self.named(self.metrics(drawn))

    def metrics(self, drawn: Drawn) -> Metrics:
        """How the candidate does."""
        graph = drawn.at(self.space)
        with threads(1), torch.no_grad():
            return score(graph, self.ghn(graph), self.data)

    def named(self, found: Metrics) -> dict[str, float]:
        """Metrics by name."""
        prefix = "" if self.name == "ghn" else f"{self.name}_"
        return {
            self.name: finite(-found.loss),
            f"{prefix}accuracy": found.accuracy,
            f"{prefix}loss": -finite(-found.loss),
        }


def hypernetwork(setting: Setting) -> GHN:
    """The hypernetwork of a setting: in hand, from its file, or trained now."""
    if isinstance(setting.ghn, GHN):
        return setting.ghn
    if isinstance(setting.ghn, Path):
        return GHN.load(setting.ghn)
    return trained(setting, None, TITLES["train_ghn"])


def trained(setting: Setting, config: GHNConfig | None, title: str) -> GHN:
    """A hypernetwork trained on the cheap scale, for the setting's steps."""
    scale = setting.scale
    return train_ghn(
        training_sample(scale.cheap, setting.seed),
        scale.data,
        GHNSettings(steps=scale.steps if setting.steps is None else setting.steps),
        setting.seed,
        config=config,
        origin=Origin(scale.full.name, scale.full.text_hash),
        progress=setting.watch(title),
    ).ghn
