"""The commands of `ghndsl`, put together."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps

import typer

from ghndsl.cli import (
    checking,
    counting,
    exporting,
    generating,
    hypernetworks,
    learning,
    moving,
    networks,
    ranking,
    rivals,
    runs,
    searching,
    showing,
    texts,
)

INTERRUPTED = 130


def _ended_by_hand(command: Callable[..., object]) -> Callable[..., object]:
    """The command, which ends well when nobody reads on, and with the exit code of an interrupted program after Ctrl-C,
    whatever typer makes of it."""

    @wraps(command)
    def run(*words: object, **options: object) -> object:
        try:
            found = command(*words, **options)
            sys.stdout.flush()
            return found
        except BrokenPipeError:
            # Python flushes once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return None
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            sys.exit(INTERRUPTED)

    return run


app = typer.Typer(
    name="ghndsl",
    help="A language for neural architectures and spaces of them: check, count, draw, train, search and export.",
    epilog="Start with `ghndsl search digits -o run`, then `ghndsl export run:best --onnx best.onnx`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
) -> None:
    if version:
        from ghndsl import __version__

        print(__version__)
        raise typer.Exit


for room in (
    showing,
    networks,
    exporting,
    checking,
    counting,
    moving,
    texts,
    learning,
    hypernetworks,
    generating,
    ranking,
    searching,
    rivals,
    runs,
):
    room.register(app)

for info in app.registered_commands:
    if info.callback is not None:
        info.callback = _ended_by_hand(info.callback)
