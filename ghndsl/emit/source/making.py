"""The modules of a tree go in, inner ones first; the text that makes each, and the classes that it needs, come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ghndsl.emit.source.batches import batches
from ghndsl.emit.source.bodies import Bodies
from ghndsl.emit.source.chains import is_short, named, sequence
from ghndsl.emit.source.context import Code
from ghndsl.emit.source.definitions import Definitions
from ghndsl.emit.source.loops import looped
from ghndsl.emit.source.members import is_own, kind_of, reference
from ghndsl.emit.source.modules import Holder, Leaf, Member, Unit
from ghndsl.emit.source.parts import Body, Child
from ghndsl.emit.source.pieces import Slot, Text, quoted
from ghndsl.emit.source.sequences import listed
from ghndsl.emit.source.steps import Step, Steps
from ghndsl.ops.python import tensor_call


class Making:
    """Makes texts and classes."""

    def __init__(self, root: Unit, steps: Mapping[Unit, Steps], bodies: Bodies, taken: set[str]) -> None:
        self.root = root
        self.steps = steps
        self.bodies = bodies
        self.definitions = Definitions(taken)
        self.made: dict[Member, Text] = {}
        blocks = [one.scope.name for one in steps if one.scope is not None]
        self.counts = Counter(blocks)

    def run(self) -> None:
        """Makes all modules but the outermost."""
        for batch in batches(self.root):
            texts = {module: self._in_place(module) for module in batch}
            counts = Counter(text.skeleton for text in texts.values() if text is not None)
            bodies: list[tuple[Unit | Holder, Body]] = []
            for module, text in texts.items():
                if text is None or not (len(module.members) == 1 or is_short(text, counts[text.skeleton])):
                    bodies.append((module, self.body(module)))
                else:
                    self.made[module] = text
            self.made.update(self.definitions.add(bodies))

    def body(self, module: Unit | Holder) -> Body:
        """What the class of a module holds and does."""
        steps = self.steps[module] if isinstance(module, Unit) else None
        links = None
        if steps is not None and isinstance(module, Unit) and module is not self.root:
            links = self._links(module, steps)
        if steps is not None and links is not None:
            words = ["" if step.called else step.word for step in steps.steps]
            children = [Child(name, made, "module", word) for (name, made), word in zip(links, words, strict=True)]
            return Body(tuple(children), None, is_chain=True)
        return looped(module, Body(tuple(self._children(module)), steps, is_chain=False))

    def _children(self, module: Unit | Holder) -> Iterator[Child]:
        for name, member in module.members.items():
            weight = member.weight if isinstance(member, Leaf) else None
            kind = "module" if weight is None else "parameter" if weight.trainable else "buffer"
            yield Child(name, self._text(member), kind)
            if isinstance(member, Leaf):
                yield from self._within(module, (name,), member)

    def _within(self, module: Unit | Holder, names: tuple[str, ...], leaf: Leaf) -> Iterator[Child]:
        """What paths put into one of torch's modules."""
        for name, inner in leaf.members.items():
            around = reference(Code((), self.bodies.helpers), module, names)
            yield Child(name, self._text(inner), "module", around=around)
            yield from self._within(module, (*names, name), inner)

    def _text(self, member: Member) -> Text:
        if isinstance(member, Leaf) and member not in self.made:
            self.made[member] = self._leaf(member)
        return self.made[member]

    def _leaf(self, leaf: Leaf) -> Text:
        code = Code((), self.bodies.helpers)
        if leaf.weight is not None:
            return code.text(tensor_call(leaf.node.op, code, leaf.weight))
        words = leaf.node.op.source_module(code, *leaf.node.input_types)
        assert words is not None
        return code.text(words)

    # Modules that need no class

    def _in_place(self, module: Unit | Holder) -> Text | None:
        if isinstance(module, Unit):
            links = self._links(module, self.steps[module])
            is_block = module.scope is not None and self.counts[module.scope.name] > 1
            if links is None or (is_block and len(links) > 1):
                return None
            return Text(("nn.Sequential(", sequence(links), ")"))
        kind = kind_of(module)
        members = [(name, self._text(member)) for name, member in module.members.items()]
        if kind == "list":
            return Text(("nn.ModuleList([", listed([made for _, made in members]), "])"))
        if kind == "class":
            return None
        pairs = listed([Text((f"{quoted(name)}: ", made)) for name, made in members])
        return Text((f"nn.{'ModuleDict' if kind == 'dict' else 'ParameterDict'}({{", pairs, "})"))

    def _links(self, unit: Unit, steps: Steps) -> list[tuple[str, Text]] | None:
        """The names and makings of modules that do one after the other what a module does, if that is all it does."""
        if steps.inputs != 1 or len(steps.results) != 1 or any(is_own(name) for name in unit.members):
            return None
        if any(isinstance(member, Leaf) and member.members for member in unit.members.values()):
            return None
        value = 0
        found: list[tuple[str, Text]] = []
        for step in steps.steps:
            link = self._link(unit, step, value)
            if link is None or len(step.results) != 1:
                return None
            found.append(link)
            (value,) = step.results
        called = [name for name, _ in found if name]
        if (value,) != steps.results or sorted(called) != sorted(unit.members) or not called:
            return None
        return named(found, [step.word for step in steps.steps])

    def _link(self, unit: Unit, step: Step, value: int) -> tuple[str, Text] | None:
        """One module of a chain that goes on from a value; without a name when it is not among the members."""
        if not step.called:
            slots = [piece for piece in step.text.pieces if isinstance(piece, Slot)]
            return ("", step.module) if step.module is not None and slots == [Slot(value)] else None
        if len(step.called) != 1:
            return None
        (name,) = step.called
        code = Code((), self.bodies.helpers)
        plain = code.text(f"{reference(code, unit, (name,))}({code.mark(Slot(value))})")
        return (name, self._text(unit.members[name])) if step.text == plain else None
