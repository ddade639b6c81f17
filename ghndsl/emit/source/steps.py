"""What a module does, call by call: the data of a `forward`."""

from __future__ import annotations

from ghndsl.emit.source.pieces import Text
from ghndsl.language.refold.parts import Part
from ghndsl.records import record


@record
class Step(Part):
    """One call: its text and the values it makes. `called` names the member that is called, `module` a module that
    would do the same. `unpacking` says how Python takes several results apart, `word` names the operator.
    """

    text: Text
    results: tuple[int, ...]
    called: tuple[str, ...]
    module: Text | None
    unpacking: str
    word: str


@record
class Steps(Part):
    """What a module does: the first `inputs` values are given, `results` are given back."""

    inputs: int
    steps: tuple[Step, ...]
    results: tuple[int, ...]


@record
class Loop(Step):
    """Steps that are run for each of some modules: the first tensor of the text is carried from turn to turn."""

    over: str
    body: Steps


class MustBeFlatError(Exception):
    """A module at this path could not compute alone after all."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
