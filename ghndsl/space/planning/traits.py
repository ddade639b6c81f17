"""The marks of what a name or an expression may stand for; whatever is said of several of them at once comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntFlag

from ghndsl import ops
from ghndsl.language import tree
from ghndsl.language.modules import Module


class Trait(IntFlag):
    """What something may be, and whether it may differ from one way of a choice to another."""

    NONE = 0
    TENSOR = 1
    """A tensor, or a list of them."""
    OTHER = 2
    """A number, a graph, or whatever else is neither a tensor nor a stage."""
    STAGE = 4
    WIDE = 8
    """A stage that may lack more than one tensor, so that it is still one with a tensor given."""
    LISTING = 128
    """A stage that may make as many tensors as its arguments and the shape of its tensor say."""
    MAKER = 16
    """A stage that may make choices or drop candidates when it is used."""
    SHAPED = 32
    """A tensor whose shape may depend on the choice."""
    TAINTED = 64
    """What may depend on the choice itself."""

    @property
    def is_tensor(self) -> bool:
        """Whether it can be nothing but tensors."""
        return not self & (Trait.OTHER | Trait.STAGE)

    @property
    def may_be_tensor(self) -> bool:
        """Whether it may be tensors; an empty list counts as them."""
        return bool(self & Trait.TENSOR) or self.is_tensor

    @property
    def as_tensor(self) -> Trait:
        """A tensor that is computed from it, or several."""
        if not self & (Trait.SHAPED | Trait.TAINTED):
            return Trait.TENSOR
        return Trait.TENSOR | (Trait.TAINTED if self & Trait.LISTING else Trait.SHAPED)


def together(traits: Iterable[Trait]) -> Trait:
    """What one of several may be."""
    found = Trait.NONE
    for one in traits:
        found |= one
    return found


@dataclass(eq=False)
class Body:
    """A definition, with what its names may be and what it may return.

    From `left` on in its text, whether anything runs depends on the choice, since it may have returned before. A loose
    one is used by whoever has it as a stage.
    """

    module: Module
    definition: tree.Definition
    names: dict[str, Trait] = field(default_factory=dict[str, Trait])
    result: Trait = Trait.NONE
    left: int | None = None
    is_loose: bool = False

    def __post_init__(self) -> None:
        self.parameters = frozenset(parameter.name for parameter in self.definition.parameters)
        self.bound = self.parameters | {name.id for part in tree.walk(self.definition) for name in _bound(part)}

    @property
    def as_stage(self) -> Trait:
        """What its name stands for, whether it makes choices left aside."""
        return Trait.STAGE | Trait.WIDE if len(self.definition.tensor_names) > 1 else Trait.STAGE


def _bound(node: tree.Syntax) -> tuple[tree.Name, ...]:
    """The names that a part of a definition itself gives a value."""
    if isinstance(node, tree.Input):
        return (node.name,)
    return node.names if isinstance(node, tree.Assign | tree.For | tree.Choose | tree.Comprehension) else ()


def operator_traits(cls: type[ops.Operator]) -> Trait:
    """What the name of an operator stands for."""
    listing = Trait.LISTING if cls is ops.Split else Trait.NONE
    return Trait.STAGE | listing | (Trait.WIDE if (cls.tensors or 0) > 1 else Trait.NONE)


def bodies_below(module: Module, definition: tree.Definition) -> dict[int, Body]:
    """The definition and all that it may come to call, by identity."""
    found = {id(definition): Body(module, definition)}
    stack = [(module, definition)]
    while stack:
        module, definition = stack.pop()
        for name in mentioned(definition):
            other = module.find(name)
            if other is not None and id(other[0]) not in found:
                found[id(other[0])] = Body(other[1], other[0])
                stack.append((other[1], other[0]))
    return found


def makers(bodies: Iterable[Body]) -> frozenset[str]:
    """The names of the definitions that choose or drop candidates, or name one that does."""
    names = {body.definition.name: mentioned(body.definition) for body in bodies}
    found = {body.definition.name for body in bodies if any(map(_is_making, tree.walk(body.definition)))}
    while True:
        more = {name for name, inner in names.items() if name not in found and inner & found}
        if not more:
            return frozenset(found)
        found |= more


def _is_making(node: tree.Syntax) -> bool:
    return isinstance(node, tree.Choose | tree.Where)


def mentioned(definition: tree.Definition) -> set[str]:
    """The names in a definition."""
    return {part.id for part in tree.walk(definition) if isinstance(part, tree.Name)}
