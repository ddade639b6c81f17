"""The options that several commands share, and the values they stand for."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from ghndsl.language import Limits


class Precision(StrEnum):
    """What activations are computed in."""

    F32 = "f32"
    BF16 = "bf16"


class Processor(StrEnum):
    """What computes."""

    CPU = "cpu"
    CUDA = "cuda"


Device: TypeAlias = Annotated[Processor, typer.Option("--device", help="What computes.")]
Net: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="NET",
        help="`FILE.arch`, `FILE.arch:NAME`, a shipped network (`resnet18`), a candidate (`SPACE@17`) or a run's "
        "finding (`RUN:best`, `RUN:3`).",
        show_default=False,
    ),
]
NetOrSpace: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="NET or SPACE",
        help="A network (`resnet18`, `net.arch`, `digits@17`, `RUN:best`) or a space (`digits`, `space.nas`).",
        show_default=False,
    ),
]
SpaceAddress: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="SPACE", help="`FILE.nas`, `FILE.nas:NAME` or a shipped space (`digits`).", show_default=False
    ),
]
Settings: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the definition; repeatable.", show_default=False),
]
LimitWords: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=VALUE",
        help="A bound on what a text may ask for, such as `nodes=200K`; repeatable.",
        show_default=False,
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Seed: TypeAlias = Annotated[int, typer.Option("--seed", help="The seed of all that is left to chance.")]
Data: TypeAlias = Annotated[
    str,
    typer.Option(
        "--data",
        help="`digits` (embedded), a torchvision set (`cifar10`), a folder with a folder of images a class, or an "
        "`.npz` of images, a table or tokens, with x_train (or NAME_train for each input of the network) and y_train "
        "(docs: data).",
    ),
]
DataRoot: TypeAlias = Annotated[
    str | None, typer.Option("--data-root", help="The folder that torchvision's sets lie in.", show_default=False)
]
Download: TypeAlias = Annotated[bool, typer.Option("--download", help="Fetch a torchvision set that is not there.")]
WeightsFile: TypeAlias = Annotated[
    Path | None, typer.Option("--weights", metavar="W.safetensors", help="Weights to use.", show_default=False)
]
GHNFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--ghn", metavar="G.safetensors", help="A hypernetwork (of `train-ghn`).", show_default=False),
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Processes that score candidates; as many as are worth it, by default.",
        show_default=False,
    ),
]
_LEARNING = "400, or 4000 where the space is scored at a reduced scale."
Steps: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--steps", min=1, help=f"Steps to train a hypernetwork or shared weights: {_LEARNING}", show_default=False
    ),
]
GHNSteps: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--ghn-steps",
        min=1,
        help=f"Steps to train the hypernetwork, or what else a scorer trains: {_LEARNING}",
        show_default=False,
    ),
]
Vary: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="NAME=A..B",
        help="A parameter of spaces drawn anew for each candidate, as `nodes=5..9` of `ghn_cifar`; repeatable.",
        show_default=False,
    ),
]
Budgets: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--budgets",
        metavar="LEAST..MOST",
        help="Multiply-adds a sample between which networks with exits are judged, as `10M..140M`.",
        show_default=False,
    ),
]
Scorer: TypeAlias = Annotated[
    str,
    typer.Option(
        "--scorer",
        help="`best`, `ghn`, `tuned`, `one_shot`, `smash`, `sgd`, `early`, `synflow`, `jacob_cov`, `grad_norm`, "
        "`meco`, `params`, `macs`, or a vote of them such as `ghn+0.5*params`; `a+b>c` votes again, with c, "
        "on the best quarter (`a>b>c` on the same quarter of all).",
    ),
]


def finite(value: float | None) -> float | None:
    """The value of an option, which is to be no infinity and a number; anything else is wrong usage."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no finite number")
    return value


def positive(value: float | None) -> float | None:
    """The same of an option that is to be more than 0."""
    if value is not None and value <= 0:
        raise typer.BadParameter(f"{value:g} is not more than 0")
    return finite(value)


def limits_of(words: list[str] | None) -> Limits:
    """The limits that `--limit` gives; a wrong one is wrong usage."""
    from ghndsl.space.load import parse_limits

    try:
        return parse_limits(words or [])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--limit") from None
