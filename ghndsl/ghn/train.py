"""A way to draw candidates, a data set and settings go in; a hypernetwork that makes weights for them comes out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from ghndsl.data import Dataset, Split, check_fit, image_input, main_output
from ghndsl.emit.run import run
from ghndsl.ghn.checkpoint import load, load_training, save
from ghndsl.ghn.config import GHNConfig, fit
from ghndsl.ghn.network import GHN, Origin
from ghndsl.ghn.settings import GHNSettings
from ghndsl.ghn.state import TrainingState
from ghndsl.ir import Graph
from ghndsl.ops import Mode
from ghndsl.training.batches import augmented
from ghndsl.training.progress import Progress, silent
from ghndsl.training.threads import threads
