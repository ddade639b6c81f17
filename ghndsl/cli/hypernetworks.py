"""The commands `train-ghn` and `generate`: a hypernetwork is trained, and makes a network's weights."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghndsl.cli import options
from ghndsl.cli.networks import network
from ghndsl.cli.output import emit, note, note_resized, steps
from ghndsl.cli.teachers import Teacher, origin_of, ranges, taught, teachers

if TYPE_CHECKING:
    import torch

    from ghndsl.data import Dataset
    from ghndsl.ghn import TrainedGHN
    from ghndsl.ir import Graph
    from ghndsl.training.team import Team


class Precision(StrEnum):
    """What the candidates' activations are computed in."""

    F32 = "f32"
    BF16 = "bf16"


class Device(StrEnum):
    """What computes."""

    CPU = "cpu"
    CUDA = "cuda"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(name="train-ghn")(train_ghn)
    app.command()(generate)


def train_ghn(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SPACE or NET...",
            help="What to learn from: spaces (`digits`, `space.nas`) and networks (`resnet18`).",
            show_default=False,
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="G.safetensors", help="The checkpoint to write.")],
    data: options.Data = "digits",
    model: Annotated[
        str, typer.Option("--model", help="`ghn` (ours), or as published: `ghn1`, `ghn2`, `ghn3`, `logah`.")
    ] = "ghn",
    steps_: Annotated[
        int | None,
        typer.Option(
            "--steps",
            min=1,
            help="Steps of training: 1000, or 4000 where a space is trained on at a reduced scale.",
            show_default=False,
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0, help="Time to train for, instead of steps.")
    ] = None,
    meta_batch: Annotated[int, typer.Option("--meta-batch", min=1, help="Networks a step.")] = 4,
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Samples for each network.")] = 64,
    lr: Annotated[float, typer.Option("--lr", min=0, help="The peak of the learning rate (AdamW).")] = 3e-3,
    ema: Annotated[
        float, typer.Option("--ema", min=0, max=0.9999999, help="Decay of the averaged parameters; 0: none.")
    ] = 0.0,
    precision: Annotated[Precision, typer.Option("--precision", help="`bf16` is mixed precision.")] = Precision.F32,
    device: Annotated[Device, typer.Option("--device", help="What computes.")] = Device.CPU,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="NAME=A..B",
            help="A parameter of spaces drawn anew for each candidate, as `nodes=5..9`; repeatable.",
            show_default=False,
        ),
    ] = None,
    grow: Annotated[
        list[str] | None,
        typer.Option(
            "--grow",
            metavar="NAME=A..B",
            help="A parameter of spaces that grows over the training; repeatable.",
            show_default=False,
        ),
    ] = None,
    held_out: Annotated[
        int, typer.Option("--held-out", min=0, help="Candidates never trained on, by which training is watched.")
    ] = 8,
    stop_after: Annotated[
        int | None,
        typer.Option("--stop-after", min=1, help="Leave after this step; `--resume` goes on.", show_default=False),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")] = False,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
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
    from ghndsl.training.team import team

    check_writable(output)
    config = named(model)
    varied, grown = ranges(vary, "--vary"), ranges(grow, "--grow")
    if steps_ is not None and minutes is not None:
        raise typer.BadParameter("give either --steps or --minutes", param_hint="--minutes")
    if grown and minutes is not None:
        raise typer.BadParameter("what grows must know the number of steps: give --steps", param_hint="--grow")
    loaded = load(data, data_root, seed, download=download)
    found = teachers(sources, set_ or [], limit, loaded, varied, grown)
    settings = GHNSettings(
        steps=steps_ or max(GHNSettings().steps, *(one.steps for one in found)),
        minutes=minutes,
        meta_batch=meta_batch,
        batch_size=batch_size,
        lr=lr,
        ema=ema,
        precision=precision.value,
    )
    spared, apart = taught(found, held_out, seed)
    with team(device.value) as together:
        if meta_batch < together.size:
            raise typer.BadParameter(f"{together.size} processes need as many networks", param_hint="--meta-batch")
        if together.is_first:
            _introduce(found, loaded)
        if together.is_first and resume and not output.is_file():
            note(f"there is no {output} to go on from: this begins anew")
        with steps() as begin:
            trained = train_ghn(
                mixed(spared, seed, settings.steps * meta_batch),
                loaded,
                settings,
                seed,
                config=config,
                origin=origin_of(found),
                held_out=apart,
                together=together,
                stop_after=stop_after,
                progress=begin("Training the hypernetwork") if together.is_first else None,
                checkpoint=output,
                resume=output if resume and output.is_file() else None,
            )
        if together.is_first:
            _tell(trained, found, apart, loaded, together, output, as_json=as_json)


def _introduce(found: Sequence[Teacher], loaded: Dataset) -> None:
    for one in found:
        note_resized(loaded, one.data)
        note(f"training at {one.scale or 'the default scale'}" + (f" ({one.address})" if len(found) > 1 else ""))


def _tell(
    trained: TrainedGHN,
    found: Sequence[Teacher],
    apart: Sequence[Graph],
    data: Dataset,
    together: Team,
    output: Path,
    *,
    as_json: bool,
) -> None:
    """Says what was trained, and how it does on the candidates that were held out."""
    from ghndsl.data import figure

    recent = trained.losses[-50:]
    loss = sum(recent) / len(recent) if recent else None
    # JSON has no word for what is no number.
    told = loss if loss is not None and math.isfinite(loss) else None
    metric = data.task.metric
    looks = [{"step": look.step, "loss": look.loss, "accuracy": look.accuracy} for look in trained.watched]
    last = trained.watched[-1] if trained.watched else None
    keys: dict[str, object] = {
        "steps": len(trained.losses),
        "loss": told,
        "seconds": trained.seconds,
        "file": str(output),
        "scale": found[0].scale,
        "sources": [{"name": one.address, "scale": one.scale} for one in found],
        "processes": together.size,
        "refused": trained.refused,
        "diverged": trained.diverged,
        "held_out": {
            "candidates": len(apart),
            "metric": metric,
            "loss": last and last.loss,
            "accuracy": last and last.accuracy,
            "history": looks,
        },
    }
    words = f"{len(trained.losses):,} steps in {trained.seconds:.1f} s, loss {math.nan if loss is None else loss:.3f}"
    if last is not None:
        words += f"; {len(apart)} held-out candidates: {metric} {figure(metric, last.accuracy)}, loss {last.loss:.3f}"
    emit(keys, as_json=as_json, show=lambda: print(f"{words}; wrote {output}"))
    if trained.diverged:
        note("warning: the loss was no longer a number: learn again with a smaller --lr")


def generate(
    net: options.Net,
    ghn: Annotated[Path, typer.Option("--ghn", metavar="G.safetensors", help="A hypernetwork (of `train-ghn`).")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="W.safetensors", help="The weights to write.")],
    noise: Annotated[
        float, typer.Option("--noise", min=0, help="Noise in kernels, as a share of their size; helps training.")
    ] = 0.0,
    orthogonal: Annotated[
        bool, typer.Option("--orthogonal", help="The nearest kernels with orthogonal rows; helps training.")
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help="Take statistics of normalisation from these training samples, so that the network works as it is.",
            show_default=False,
        ),
    ] = None,
    seed: options.Seed = 0,
    data_root: options.DataRoot = None,
    download: options.Download = False,
    set_: options.Settings = None,
    limit: options.LimitWords = None,
    as_json: options.Json = False,
) -> None:
    """Generates all weights of a network with a hypernetwork, without training it.

    Examples: `ghndsl generate digits@17 --ghn run/ghn.safetensors --data digits -o weights.safetensors`, and as a start
    `ghndsl generate resnet18 --ghn ghn.safetensors --noise 0.1 --orthogonal -o start.safetensors`.
    """
    import torch

    from ghndsl.files import check_writable
    from ghndsl.ghn import GHN
    from ghndsl.ghn.starting import noisy
    from ghndsl.ghn.starting import orthogonal as straightened
    from ghndsl.training import save_weights

    check_writable(output)
    graph = network(net, set_, limit)
    maker = GHN.load(ghn)
    started = time.perf_counter()
    with torch.no_grad():
        tensors = maker(graph)
    seconds = time.perf_counter() - started
    _refuse_what_is_no_number(ghn, tensors)
    tensors = noisy(graph, tensors, noise, seed) if noise else tensors
    tensors = straightened(graph, tensors) if orthogonal else tensors
    tensors = _calibrated(graph, tensors, data, data_root, seed, download=download) if data else tensors
    save_weights(output, tensors, graph)
    found = {"file": str(output), "weights": len(tensors), "params": graph.params, "seconds": seconds}
    words = f"wrote {len(tensors):,} weights, {graph.params:,} params, to {output} in {seconds:.2f} s"
    emit(found, as_json=as_json, show=lambda: note(words))


def _refuse_what_is_no_number(ghn: Path, tensors: dict[str, torch.Tensor]) -> None:
    from ghndsl.diagnostics import CompileError, Diagnostic

    strange = next((path for path, tensor in tensors.items() if not bool(tensor.isfinite().all())), None)
    if strange is not None:
        message = f"{ghn} makes weights that are no numbers, `{strange}` first: its training diverged"
        raise CompileError(Diagnostic("G421", message, help="train it again, with a smaller --lr"))


def _calibrated(
    graph: Graph, tensors: dict[str, torch.Tensor], data: str, root: str | None, seed: int, *, download: bool
) -> dict[str, torch.Tensor]:
    """The weights with statistics of normalisation as the data's first training samples give them."""
    from ghndsl.data import check_fit, fitted, load
    from ghndsl.training.score import calibrated

    loaded = load(data, root, seed, download=download)
    samples = fitted(loaded, graph)
    check_fit(samples, graph)
    return calibrated(graph, tensors, samples.train)
