"""A graph goes in; the text of a Python file comes out, whose classes compute the same with the same weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.emit.source.bodies import Bodies
from ghndsl.emit.source.classes import class_lines
from ghndsl.emit.source.context import Code
from ghndsl.emit.source.documentation import Documentation
from ghndsl.emit.source.forward import Forward
from ghndsl.emit.source.helping import needed
from ghndsl.emit.source.making import Making
from ghndsl.emit.source.modules import Unit, UnprintableError, walk
from ghndsl.emit.source.naming import RESERVED, argument_names, class_name
from ghndsl.emit.source.parts import ClassDefinition
from ghndsl.emit.source.steps import MustBeFlatError, Steps
from ghndsl.emit.source.units import Units
from ghndsl.ir import Graph, Node
from ghndsl.passes.dead import dead


def to_source(graph: Graph) -> str:
    """The text of a Python file with the network as a module of torch: blocks as classes, repeated ones as loops.

    It imports torch alone. The class, the last in the file, is named as the graph; its `state_dict` has the paths and
    shapes of the pruned graph's weights, and its outputs are those of `to_torch(graph)`: a tensor, or several by name.
    What no class of torch can be is refused (`CompileError`, G508).

    >>> import ghndsl
    >>> graph = ghndsl.loads("arch tiny() { input x: f32[N, 4]\\n output y = x -> linear(2) as fc -> relu }")
    >>> print(*to_source(graph).splitlines()[-3:], sep="\\n")
    <BLANKLINE>
        def forward(self, x: Tensor) -> Tensor:
            return F.relu(self.fc(x))
    """
    try:
        return _File(graph).text()
    except UnprintableError as error:
        raise CompileError(Diagnostic("G508", f"{error}, so no source is made of it", error.node.span)) from error


class _File:
    """The file of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = dead(graph)
        self.helpers: set[str] = set()
        self.has_module = {node: _has_module(node) for node in self.graph.nodes}
        self.bodies = Bodies(self.graph, self.has_module, self.helpers)

    def text(self) -> str:
        root, steps = self._units()
        name = class_name(self.graph.name)
        making = Making(root, steps, self.bodies, {name, *RESERVED, *needed(self.helpers)})
        making.run()
        main = ClassDefinition(name, (), making.body(root), root)
        blocks: list[str] = []
        docs = Documentation(self.graph)
        for one in making.definitions.made:
            blocks.append("\n".join(class_lines(one, docs.of(one.first), _told(one))))
        blocks.append("\n".join(class_lines(main, self._description(), self._interface())))
        text = "\n".join(blocks)
        used = {helper for helper in self.helpers if re.search(rf"\b{helper}\(", text)}
        body = "\n\n\n".join([*needed(used).values(), *blocks])
        return f"{self._head()}\n\n{_imports(body)}\n\n\n{body}\n"

    def _units(self) -> tuple[Unit, dict[Unit, Steps]]:
        """The tree of modules with the steps of each; what turns out not to compute alone is flat in the next try."""
        flat: set[str] = set()
        while True:
            root = Units(self.graph, self.has_module, flat).root()
            self.helpers.clear()
            steps: dict[Unit, Steps] = {}
            found: set[str] = set()
            for unit in walk(root):
                try:
                    steps.update({unit: self.bodies.steps(unit)} if isinstance(unit, Unit) else {})
                except MustBeFlatError as error:
                    found.add(error.path)
            if not found:
                return root, steps
            flat.update(found)

    def _head(self) -> str:
        name = class_name(self.graph.name)
        lines = [f"`{self.graph.name}` as a module of torch.", ""]
        lines += [f"    model = {name}()", '    model.load_state_dict(torch.load("weights.pt", weights_only=True))']
        lines += ["", "Weights in a `.safetensors` file are read by `safetensors.torch.load_file`."]
        return "\n".join(
            [f"# {self.graph.name} {self.graph.id}, written by ghndsl {version('ghndsl')}.", *_plain(lines)]
        )

    def _description(self) -> str:
        inputs = [f"    {name}: {kind}" for name, kind in self.graph.inputs.items()]
        outputs = [f"    {name}: {kind}" for name, kind in self.graph.outputs.items()]
        doc = self.graph.doc.strip() or f"The architecture `{self.graph.name}`."
        return "\n".join([doc, "", "Takes:", *inputs, "", "Gives:", *outputs])

    def _interface(self) -> Forward:
        names = tuple(argument_names([port.name for port in self.graph.arguments], ()))
        outputs = tuple([port.name for port in self.graph.results])
        return Forward(names, outputs if len(outputs) > 1 else None)


def _has_module(node: Node) -> bool:
    return node.op.source_module(Code(node.input_types, set()), *node.input_types) is not None


def _told(one: ClassDefinition) -> Forward | None:
    if one.body.steps is None:
        return None
    letters = "xyzuvw"[: one.body.steps.inputs]
    return Forward(tuple(letters))


def _plain(lines: list[str]) -> Iterator[str]:
    yield f'"""{lines[0]}'
    yield from lines[1:]
    yield '"""'


def _imports(body: str) -> str:
    """The imports that a text needs, as ruff sorts them."""
    standard = ["import math"] if re.search(r"\bmath\.", body) else []
    standard += ["from collections import OrderedDict"] if "OrderedDict(" in body else []
    standard += ["from typing import cast"] if re.search(r"\bcast\(", body) else []
    torch = ["import torch"] if re.search(r"\btorch\.", body) else []
    torch += ["import torch.nn.functional as F"] if re.search(r"\bF\.", body) else []
    torch += ["from torch import Tensor, nn" if re.search(r"\bTensor\b", body) else "from torch import nn"]
    return "\n".join([*standard, *([""] if standard else []), *torch])
