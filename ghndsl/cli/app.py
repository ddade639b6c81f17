"""The commands of `ghndsl`, put together."""

from __future__ import annotations

import typer

from ghndsl.cli import learning, networks, searching, spaces

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


for room in (networks, spaces, learning, searching):
    room.register(app)
