"""A class with its parameters, members and steps goes in; its lines of Python come out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ghndsl.emit.source.chains import sequence
from ghndsl.emit.source.forward import Forward, Writer
from ghndsl.emit.source.layout import WIDTH, statement
from ghndsl.emit.source.members import holding
from ghndsl.emit.source.parts import Body, ClassDefinition, Parameter
from ghndsl.emit.source.pieces import Names, Text, python, quoted, written
from ghndsl.language.refold.expressions import Turn, Variable
from ghndsl.language.refold.parts import mapped


def loop_name(turn: Turn) -> str:
    """The name of a loop variable."""
    return turn.stem


_IN_INIT = Names(str, lambda axis: axis.stem, str, loop_name)


def in_init(text: Text) -> str:
    """A text as it stands in `__init__`."""
    return written(text, _IN_INIT)


def class_lines(one: ClassDefinition, doc: str, told: Forward | None) -> Iterator[str]:
    """The lines of a class."""
    yield f"class {one.name}(nn.{'Sequential' if one.body.is_chain else 'Module'}):"
    yield from docstring(doc, 1)
    yield ""
    yield from _init(one)
    if told is not None and one.body.steps is not None:
        yield ""
        yield from _forward(one, told)


def docstring(text: str, depth: int) -> Iterator[str]:
    """The lines of a docstring; the first paragraph begins in the first line."""
    lead = "    " * depth
    safe = text.replace("\\", "\\\\").replace('"""', "'''").strip()
    safe = f"{safe} " if safe.endswith('"') else safe
    lines: list[str] = []
    for line in safe.split("\n"):
        lines += textwrap.wrap(line, WIDTH - len(lead) - 6, break_long_words=False) or [""]
    lines[0] = f'"""{lines[0]}'
    if len(lines) == 1:
        yield f'{lead}{lines[0]}"""'
        return
    yield from [f"{lead}{line}".rstrip() for line in lines]
    yield f'{lead}"""'


def _init(one: ClassDefinition) -> Iterator[str]:
    parameters = [_declared(parameter) for parameter in one.parameters]
    head = f"    def __init__({', '.join(['self', *parameters])}) -> None:"
    if len(head) <= WIDTH:
        yield head
    else:
        inner = ", ".join(["self", *parameters])
        yield "    def __init__("
        if len(inner) + 8 <= WIDTH:
            yield f"        {inner}"
        else:
            yield from [f"        {parameter}," for parameter in ("self", *parameters)]
        yield "    ) -> None:"
    if one.body.is_chain:
        yield from _chain(one.body)
        return
    yield "        super().__init__()"
    yield from [f"        self.{name} = {name}" for name in _stored(one.body)]
    for child in one.body.children:
        if child.count is None:
            yield from statement(holding(child.name, child.kind, in_init(child.made), child.around), 2)
        else:
            yield f"        for i in range({written(child.count, _IN_INIT)}):"
            yield from statement(f"self.add_module(f{quoted(child.name)}, {in_init(child.made)})", 3)


def _chain(body: Body) -> Iterator[str]:
    links = sequence([(child.name, child.made) for child in body.children])
    yield from statement(f"super().__init__({in_init(links)})", 2)


def _declared(parameter: Parameter) -> str:
    default = "" if parameter.default is None else f" = {python(parameter.default.value)}"
    return f"{parameter.name}: {parameter.kind}{default}"


def _stored(body: Body) -> list[str]:
    """The parameters that the steps need."""
    found: dict[str, None] = {}

    def look(part: object) -> object:
        if isinstance(part, Variable):
            found[part.name] = None
        return part

    if body.steps is not None:
        mapped(body.steps, look)
    return list(found)


def _forward(one: ClassDefinition, told: Forward) -> Iterator[str]:
    assert one.body.steps is not None
    given = ", ".join(["self", *[f"{name}: Tensor" for name in told.inputs]])
    count = len(one.body.steps.results)
    result = "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"
    result = result if told.outputs is None else "dict[str, Tensor]"
    head = f"    def forward({given}) -> {result}:"
    if len(head) <= WIDTH:
        yield head
    else:
        yield from ["    def forward(", f"        {given}", f"    ) -> {result}:"]
    for depth, line in Writer(one.body.steps, told).lines():
        yield from [f"{'    ' * (depth + 2)}{line}"] if line.endswith(":") else statement(line, depth + 2)
