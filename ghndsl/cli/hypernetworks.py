"""The command `train-ghn`: a hypernetwork learns from spaces and networks."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ghndsl.cli import options
from ghndsl.cli.bars import steps
from ghndsl.cli.output import emit, note, note_resized
from ghndsl.cli.ranges import ranges, refuse_ranges
from ghndsl.cli.resuming import note_new, resumable

if TYPE_CHECKING:
    from ghndsl.ghn import TrainedGHN
    from ghndsl.search.teaching import Lesson
    from ghndsl.training.team import Team


Sources: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="SPACE or NET...",
        help="What to learn from: spaces (`digits`, `space.nas`) and networks (`resnet18`).",
        show_default=False,
    ),
]
Output: TypeAlias = Annotated[
    Path, typer.Option("-o", "--output", metavar="G.safetensors", help="The checkpoint to write.")
]
Model: TypeAlias = Annotated[
    str, typer.Option("--model", help="`ghn` (ours), or as published: `ghn1`, `ghn2`, `ghn3`, `logah`.")
]
Steps: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--steps",
        min=1,
        help="Steps of training: 1000, or 4000 where a space is trained on at a reduced scale.",
        show_default=False,
    ),
]
Minutes: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--minutes", callback=options.positive, help="Time to train for, instead of steps.", show_default=False
    ),
]
MetaBatch: TypeAlias = Annotated[int, typer.Option("--meta-batch", min=1, help="Networks a step.")]
BatchSize: TypeAlias = Annotated[int, typer.Option("--batch-size", min=1, help="Samples for each network.")]
Rate: TypeAlias = Annotated[
    float, typer.Option("--lr", min=0, callback=options.finite, help="The peak of the learning rate (AdamW).")
]
Average: TypeAlias = Annotated[
    float,
    typer.Option(
        "--ema", min=0, max=0.9999999, callback=options.finite, help="Decay of the averaged parameters; 0: none."
    ),
]
HeldOut: TypeAlias = Annotated[
    int, typer.Option("--held-out", min=0, max=1000, help="Candidates never trained on, by which training is watched.")
]
StopAfter: TypeAlias = Annotated[
    int | None,
    typer.Option("--stop-after", min=1, help="Leave after this step; `--resume` goes on.", show_default=False),
]
Grow: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--grow",
        metavar="NAME=A..B",
        help="A parameter of spaces that grows over the training; repeatable.",
        show_default=False,
    ),
]
Settings: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A parameter of those sources that have it; repeatable.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="train-ghn")(train_ghn)


def train_ghn(
    sources: Sources,
    output: Output,
    data: options.Data = "digits",
    model: Model = "ghn",
    steps_: Steps = None,
    minutes: Minutes = None,
    meta_batch: MetaBatch = 4,
    batch_size: BatchSize = 64,
    lr: Rate = 3e-3,
    ema: Average = 0.0,
    precision: Annotated[
        options.Precision, typer.Option("--precision", help="`bf16` is mixed precision.")
    ] = options.Precision.F32,
    device: options.Device = options.Processor.CPU,
    vary: options.Vary = None,
    grow: Grow = None,
    held_out: HeldOut = 8,
    stop_after: StopAfter = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")] = False,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Trains a graph hypernetwork on random candidates of spaces, at a scale that is cheap to search, and on networks.

    Examples: `ghndsl train-ghn digits --data digits -o ghn.safetensors`,
    `ghndsl train-ghn nasbench201 --data cifar10 --data-root ~/data --minutes 15 -o ghn.safetensors`,
    `torchrun --nproc-per-node 4 -m ghndsl train-ghn darts resnet18 --set size=32 --data set.npz -o g.safetensors`.
    """
    from ghndsl.data import load
    from ghndsl.files import check_writable
    from ghndsl.ghn import GHNSettings, train_ghn
    from ghndsl.ghn.presets import model as named
    from ghndsl.search.mixing import mixed
    from ghndsl.search.teaching import lesson
    from ghndsl.space.load import parse_settings
    from ghndsl.training.team import team

    check_writable(output)
    config = named(model)
    varied, grown = ranges(vary, "--vary"), ranges(grow, "--grow")
    _refuse_budgets(steps_, minutes, grows=bool(grown))
    given, limits = parse_settings(set_ or []), options.limits_of(limit)
    refuse_ranges(given, varied, grown, sources)
    loaded = load(data, data_root, seed, download=download)
    found = lesson(sources, given, limits, loaded, varied, grown, held_out, seed)
    settings = GHNSettings(
        steps=steps_ or max(GHNSettings().steps, found.steps),
        minutes=minutes,
        meta_batch=meta_batch,
        batch_size=batch_size,
        lr=lr,
        ema=ema,
        precision=precision.value,
    )
    unit = "" if minutes is None else "s"
    with (
        team(device.value) as together,
        resumable(output, resume=resume, speaks=together.is_first),
        steps(unit) as begin,
    ):
        _introduce(found, output, together, meta_batch, resume=resume)
        trained = train_ghn(
            mixed(found.sources, seed, settings.steps * meta_batch),
            loaded,
            settings,
            seed,
            config=config,
            origin=found.origin,
            held_out=found.apart,
            examples=found.examples,
            # What grows does so over all steps: there may not be more of them later.
            about={**found.about, "steps of growth": str(settings.steps if grown else "none")},
            together=together,
            stop_after=stop_after,
            progress=begin("Training the hypernetwork") if together.is_first else None,
            checkpoint=output,
            resume=output if resume and output.is_file() else None,
        )
    if together.is_first:
        _tell(trained, found, together, output, as_json=as_json)


def _refuse_budgets(steps_: int | None, minutes: float | None, *, grows: bool) -> None:
    """Refuses two budgets, and time where the number of steps must be known."""
    if steps_ is not None and minutes is not None:
        raise typer.BadParameter("give either --steps or --minutes", param_hint="--minutes")
    if grows and minutes is not None:
        raise typer.BadParameter("what grows must know the number of steps: give --steps", param_hint="--grow")


def _introduce(found: Lesson, output: Path, together: Team, meta_batch: int, *, resume: bool) -> None:
    """Says what is learned from, and refuses more processes than networks."""
    if meta_batch < together.size:
        raise typer.BadParameter(f"{together.size} processes need as many networks", param_hint="--meta-batch")
    if not together.is_first:
        return
    for one in found.teachers:
        note_resized(found.data, one.data)
        of = f" ({one.address})" if len(found.teachers) > 1 else ""
        note(f"training at {one.scale or 'the default scale'}{of}")
    note_new(output, resume=resume)


def _tell(trained: TrainedGHN, found: Lesson, together: Team, output: Path, *, as_json: bool) -> None:
    """Says what was trained, and how it does on the candidates that were held out."""
    recent = trained.losses[-50:]
    loss = sum(recent) / len(recent) if recent else math.nan
    keys: dict[str, object] = {
        "steps": len(trained.losses),
        "resumed_at": trained.resumed_at,
        "loss": loss,
        "seconds": trained.seconds,
        "file": str(output),
        "scale": found.teachers[0].scale,
        "sources": [{"name": one.address, "scale": one.scale} for one in found.teachers],
        "processes": together.size,
        "refused": trained.refused,
        "diverged": trained.diverged,
        "held_out": _held_out(trained, found),
    }
    steps_ = f"{len(trained.losses):,} steps"
    steps_ += f", those after {trained.resumed_at:,}" if trained.resumed_at else ""
    words = f"{steps_} in {trained.seconds:.1f} s, loss {loss:.3f}{_watched(trained, found)}"
    emit(keys, as_json=as_json, show=lambda: print(f"{words}; wrote {output}"))
    if trained.diverged:
        note("warning: the loss was no longer a number: learn again with a smaller --lr")


def _held_out(trained: TrainedGHN, found: Lesson) -> dict[str, object]:
    last = trained.watched[-1] if trained.watched else None
    looks = [{"step": look.step, "loss": look.loss, "accuracy": look.accuracy} for look in trained.watched]
    return {
        "candidates": len(found.apart),
        "metric": found.data.task.metric,
        "loss": last and last.loss,
        "accuracy": last and last.accuracy,
        "history": looks,
    }


def _watched(trained: TrainedGHN, found: Lesson) -> str:
    """The last look at the held-out candidates, in words."""
    from ghndsl.data import figure

    if not trained.watched:
        return ""
    last, metric = trained.watched[-1], found.data.task.metric
    words = f"{metric} {figure(metric, last.accuracy)}, loss {last.loss:.3f}"
    return f"; {len(found.apart)} held-out candidates: {words}"
