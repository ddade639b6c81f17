"""A folded graph goes in; the syntax tree of its text comes out."""

from __future__ import annotations

from ghndsl.language import tree
from ghndsl.language.phrasing.expressions import NOWHERE, expression, name, tensor_type
from ghndsl.language.phrasing.lines import last_uses
from ghndsl.language.phrasing.loop_names import loop_names
from ghndsl.language.phrasing.names import Names
from ghndsl.language.phrasing.stages import Stages
from ghndsl.language.phrasing.statements import Statements
from ghndsl.language.refold.expressions import Turn
from ghndsl.language.refold.program import Body, Definition, Parameter, Program
from ghndsl.language.refold.words import identifier


def phrased(program: Program) -> tree.File:
    """The tree of a text that is elaborated to the graph that the program makes."""
    stages = Stages(program.definitions)
    reserved = {one.name for one in program.definitions.values()}
    blocks = [_block(one, stages, reserved) for one in program.definitions.values()]
    return tree.File(NOWHERE, (), (*blocks, _arch(program, stages, reserved)))


def _definition(
    kind: str, word: str, parameters: tuple[tree.Parameter, ...], body: tuple[tree.Statement, ...]
) -> tree.Definition:
    return tree.Definition(NOWHERE, kind, word, parameters, body, "", NOWHERE)


def _block(one: Definition, stages: Stages, reserved: set[str]) -> tree.Definition:
    static = {parameter.name for parameter in one.parameters}.union(*one.sizes.values())
    names, loops = _names(one.body, {*reserved, *static}, one.body.inputs - one.tensors)
    # What begins with `_` may be left unused.
    given = [names.give(v, names.new(-1) if v in names.last else f"_{v or ''}") for v in range(one.tensors)]
    tensors = [_tensor(word, one.sizes.get(place)) for place, word in enumerate(given)]
    parts = [
        names.give(value, names.new(-1, [wish, *(f"{wish}_{n}" for n in range(2, 9))]))
        for value, wish in enumerate(one.stages, one.tensors)
    ]
    operators = [tree.Parameter(NOWHERE, word, tree.WordType(NOWHERE, "op"), None) for word in parts]
    parameters = (*tensors, *operators, *map(_parameter, one.parameters))
    return _definition("block", one.name, parameters, Statements(one.body, names, stages, {}, iter(loops)).block())


def _names(body: Body, taken: set[str], stages: int = 0) -> tuple[Names, list[dict[Turn, str]]]:
    """What names the values of a body, and the names of its loops' variables."""
    loops = list(loop_names(body, taken))
    counters = {word for names in loops for word in names.values()}
    return Names(last_uses(body, range(body.inputs - stages, body.inputs)), {*taken, *counters}), loops


def _tensor(word: str, sizes: tuple[str, ...] | None) -> tree.Parameter:
    kind = None if sizes is None else tree.ShapeType(NOWHERE, None, tuple(map(name, sizes)))
    return tree.Parameter(NOWHERE, word, kind, None)


def _parameter(one: Parameter) -> tree.Parameter:
    default = None if one.default is None else expression(one.default, {})
    return tree.Parameter(NOWHERE, one.name, tree.WordType(NOWHERE, one.word), default)


def _arch(program: Program, stages: Stages, reserved: set[str]) -> tree.Definition:
    symbols = {symbol for _, kind in program.inputs for symbol in kind.symbols}
    inputs = [word for word, _ in program.inputs]
    names, loops = _names(program.body, {*reserved, *symbols, *inputs})
    for value, word in enumerate(inputs):
        names.give(value, word)
    body = Statements(program.body, names, stages, {}, iter(loops)).main()
    ports = [tree.Input(NOWHERE, name(word), tensor_type(kind)) for word, kind in program.inputs]
    return _definition("arch", identifier(program.name), (), (*ports, *body))
