"""A graph and a network that it should be go in; what is not equal in them, and by how much, comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn

import ghndsl
from comparing.names import layer_faults, state_faults
from comparing.theirs import outputs_of
from ghndsl.emit.weights import torch_type
from ghndsl.ir import Graph
from ghndsl.passes.dead import dead

TOLERANCE = 1e-4
"""The largest relative difference of results that count as equal."""
VARIED = 1e-3
"""How much results must differ at least from one sample to the next, relatively: constant ones would tell nothing."""
Inputs = Sequence[torch.Tensor]
Outputs = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Likeness:
    """What is not equal, the largest difference and the least variation of results, and what was computed, by input."""

    faults: tuple[str, ...]
    difference: float = float("inf")
    varied: float = 0.0
    wanted: tuple[Outputs, ...] = ()


def likeness(graph: Graph, theirs: nn.Module, runs: Sequence[Inputs]) -> Likeness:
    """Weights are loaded both ways, and both networks run in evaluation; each input holds two samples or more."""
    different = state_faults(graph, theirs)
    if different:
        return Likeness(tuple(different))
    ours = blank(graph)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    wanted = tuple(outputs_of(theirs, inputs) for inputs in runs)
    faults = layer_faults(ours, theirs)
    difference = 0.0
    for inputs, outputs in zip(runs, wanted, strict=True):
        difference = max(difference, furthest(outputs_of(ours, inputs), outputs))
    varied = min(relative(value[1:], value[:-1]) for outputs in wanted for value in outputs.values())
    if not difference < TOLERANCE:
        faults.append(f"results differ by {difference:.1e}")
    if not VARIED < varied < float("inf"):
        faults.append(f"results vary by {varied:.1e} from sample to sample, which tells nothing")
    return Likeness(tuple(faults), difference, varied, wanted)


def blank(graph: Graph) -> nn.Module:
    """Our module in evaluation, all weights zero, without drawing any."""
    zeros = {path: torch.zeros(weight.shape, dtype=torch_type(weight)) for path, weight in graph.weights.items()}
    return ghndsl.to_torch(graph, zeros).eval()


def furthest(found: Outputs, wanted: Outputs) -> float:
    """The largest relative difference of any output; infinite when there are others."""
    if found.keys() != wanted.keys():
        return float("inf")
    return max(relative(found[name], wanted[name]) for name in wanted)


def relative(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """The largest difference over the largest number wanted; infinite for other shapes and for what is no number."""
    if found.shape != wanted.shape:
        return float("inf")
    gap = (found.double() - wanted.double()).abs().max() / wanted.double().abs().max()
    return float(gap.nan_to_num(nan=float("inf")))


def params_faults(graph: Graph, theirs: nn.Module) -> list[str]:
    """What is wrong with the number of learned numbers."""
    params = sum(weight.numel() for weight in theirs.parameters())
    return [] if graph.params == params else [f"{graph.params:,} params, not {params:,}"]


def macs_of(graph: Graph, outputs: Sequence[str] = ("logits",)) -> int | None:
    """The multiply-accumulates that some outputs take; what others take beside them is left out."""
    kept = tuple(port for port in graph.results if port.name in outputs)
    return dead(replace(graph, results=kept)).macs


def macs_faults(macs: int | None, published: float | None, within: float = 0.01) -> list[str]:
    """What is wrong with multiply-accumulates, of which a number of GMACs, rounded to thousandths, is published."""
    if macs is None or published is None:
        return ["multiply-accumulates are unknown"]
    is_near = abs(macs / 1e9 - published) <= within * published + 0.0005
    return [] if is_near else [f"{macs / 1e9:.3f} GMACs, not {published}"]


def inputs_of(graph: Graph, sizes: Mapping[str, int], seed: int = 0) -> list[torch.Tensor]:
    """Inputs of a network, its symbolic sizes given by name: normal numbers, and small whole ones."""
    generator = torch.Generator().manual_seed(seed)
    made: list[torch.Tensor] = []
    for kind in graph.inputs.values():
        shape = [int(str(size)) for size in kind.substitute(sizes).shape]
        made.append(
            torch.randn(shape, generator=generator)
            if kind.dtype.is_float
            else torch.randint(1, 40, shape, generator=generator)
        )
    return made
