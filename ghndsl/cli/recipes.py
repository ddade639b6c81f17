"""How networks are trained: the options that say so, and the settings that they stand for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ghndsl.cli import options
from ghndsl.cli.output import note

if TYPE_CHECKING:
    from ghndsl.ir import Graph
    from ghndsl.training import Settings

Preset: TypeAlias = Annotated[
    str, typer.Option("--preset", help="How to train: `quick`, `standard`, `cifar` or `imagenet`.")
]
Epochs: TypeAlias = Annotated[
    int | None, typer.Option("--epochs", min=1, help="Passes, instead of the preset's.", show_default=False)
]
Precision: TypeAlias = Annotated[
    options.Precision | None,
    typer.Option("--precision", help="`bf16` is mixed precision; the preset's by default.", show_default=False),
]
Average: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--ema",
        min=0,
        max=0.99999,
        help="Average weights, each step by as much as `.999`; the preset's by default.",
        show_default=False,
    ),
]


def recipe(preset: str, epochs: int | None, precision: options.Precision | None, average: float | None) -> Settings:
    """The settings of a preset, but for what is given otherwise. Errors: those of `preset`."""
    from ghndsl.training import preset as named

    found = named(preset)
    found = found if epochs is None else replace(found, epochs=epochs)
    found = found if precision is None else replace(found, precision=precision.value)
    return found if average is None else replace(found, ema=average)


def note_idle(graph: Graph, settings: Settings, parameters: Collection[str]) -> None:
    """Remarks on settings that the network gives no occasion for, but might with its `parameters`."""
    from ghndsl.training.drop_path import can_drop
    from ghndsl.training.losses import has_auxiliary

    if settings.drop_path and not can_drop(graph):
        note(f"`{graph.name}` has no branches that drop path could leave out")
    if settings.auxiliary and not has_auxiliary(graph):
        hint = "; `--set auxiliary=true` gives it one" if "auxiliary" in parameters else ""
        note(f"`{graph.name}` has no auxiliary output: the main one is trained alone{hint}")
