"""An expression goes in; what its value may be, and whether that may depend on one choice, comes out."""

from __future__ import annotations

from collections.abc import Sequence

from ghndsl import ops
from ghndsl.diagnostics import Span
from ghndsl.language import tree
from ghndsl.language.modules import Module
from ghndsl.space.planning.traits import Body, Trait, bodies_below, makers, operator_traits, together

_TRUTHS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or", "not")
_Given = Sequence[tuple[str | None, Trait]]


class DependentError(Exception):
    """Something that chooses, or drops candidates, may depend on a choice."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


class Tainting:
    """Reads the expressions of one body at a time; what is known of any body only grows.

    `under` says that whether an expression is computed at all depends on the choice. Raises `DependentError`.
    """

    def __init__(self, module: Module, definition: tree.Definition) -> None:
        self.bodies = bodies_below(module, definition)
        self.makers = makers(self.bodies.values())
        self.body = self.bodies[id(definition)]
        self.loose_tensors = self.loose_values = Trait.NONE
        self.has_changed = False

    # What is known

    def give(self, body: Body, name: str, traits: Trait) -> None:
        """Adds to what a name of a body may be."""
        known = body.names.get(name, Trait.NONE)
        if traits & ~known:
            body.names[name] = known | traits
            self.has_changed = True

    def give_parameter(self, body: Body, parameter: tree.Parameter, traits: Trait) -> None:
        """The same of a parameter; the sizes that its type names are told from its tensor."""
        told = traits & (Trait.SHAPED | Trait.TAINTED)
        self.give(body, parameter.name, Trait.TENSOR | told if parameter.is_tensor else traits)
        if parameter.is_tensor and parameter.type is not None:
            self.name_sizes(body, parameter.type, traits)

    def name_sizes(self, body: Body, kind: tree.TypeSyntax, traits: Trait) -> None:
        """Binds the names in the shape of something."""
        told = Trait.OTHER | Trait.TAINTED if traits & (Trait.SHAPED | Trait.TAINTED) else Trait.OTHER
        for part in tree.walk(kind):
            if isinstance(part, tree.Name) and tree.names_size(part.id):
                self.give(body, part.id, told)

    def loosen(self, body: Body) -> None:
        """A block is handed on as a stage: whoever has it may use it."""
        self.has_changed = self.has_changed or not body.is_loose
        body.is_loose = True

    def _found(self, name: str) -> Body | None:
        """The definition that a name may mean here."""
        found = None if name in self.body.parameters else self.body.module.find(name)
        return found and self.bodies[id(found[0])]

    # Expressions

    def all(self, nodes: Sequence[tree.Expression], *, under: bool) -> Trait:
        """What one of several expressions may be."""
        return together([self.traits(node, under=under) for node in nodes])

    def traits(self, node: tree.Expression | tree.Slice | None, *, under: bool) -> Trait:
        """What an expression may be."""
        match node:
            case tree.Name():
                return self._name(node, under=under)
            case tree.Comprehension():
                return self._comprehension(node, under=under)
            case tree.Call():
                return self._call(node, None, under=under)
            case tree.Index():
                return self._index(node, under=under)
            case tree.Binary():
                return self._binary(node, under=under)
            case tree.Conditional():
                return self._conditional(node, under=under)
            case tree.Chain():
                return self._chain(node, under=under)
            case _:
                return self._simple(node, under=under)

    def _simple(
        self,
        node: tree.Constant | tree.Sequence | tree.Slice | tree.Member | tree.Unary | tree.Labelled | None,
        *,
        under: bool,
    ) -> Trait:
        match node:
            case None:
                return Trait.NONE
            case tree.Constant():
                return Trait.OTHER
            case tree.Sequence():
                return self.all(node.items, under=under)
            case tree.Slice():
                return together([self.traits(part, under=under) for part in (node.start, node.stop, node.step)])
            case tree.Member():
                value = self.traits(node.value, under=under)
                return value if node.name == "ops" else Trait.OTHER | (value & Trait.TAINTED)
            case tree.Unary():
                return self.traits(node.operand, under=under)
            case tree.Labelled():
                inner, is_under = self._unlabelled(node, under=under)
                return self.traits(inner, under=is_under)

    def _name(self, node: tree.Name, *, under: bool) -> Trait:
        traits, found = self.body.names.get(node.id, Trait.NONE), self._found(node.id)
        if found is not None:
            self.loosen(found)
            traits |= found.as_stage | (Trait.MAKER if node.id in self.makers else Trait.NONE)
        elif node.id not in self.body.bound:
            traits |= operator_traits(ops.TABLE[node.id]) if node.id in ops.TABLE else Trait.OTHER
        return self._kept(node, traits, under=under)

    def _kept(self, node: tree.Syntax, traits: Trait, *, under: bool) -> Trait:
        """Refuses what may choose, where it depends on the choice whether it does."""
        if under and traits & Trait.MAKER:
            raise DependentError(node.span)
        return traits

    def _comprehension(self, node: tree.Comprehension, *, under: bool) -> Trait:
        items = self.traits(node.iterable, under=under)
        for name in node.names:
            self.give(self.body, name.id, items)
        test = self.traits(node.test, under=under or Trait.TAINTED in items)
        told = (items | test) & Trait.TAINTED
        return self.traits(node.item, under=under or bool(told)) | told

    def _index(self, node: tree.Index, *, under: bool) -> Trait:
        value = self.traits(node.value, under=under)
        told = together([self.traits(part, under=under) for part in node.subscripts]) & Trait.TAINTED
        return self._kept(node, value | told, under=bool(told))

    def _binary(self, node: tree.Binary, *, under: bool) -> Trait:
        left = self.traits(node.left, under=under)
        is_skipped = node.operator in ("and", "or") and Trait.TAINTED in left
        both = left | self.traits(node.right, under=under or is_skipped)
        return Trait.OTHER | (both & Trait.TAINTED) if node.operator in _TRUTHS else both

    def _conditional(self, node: tree.Conditional, *, under: bool) -> Trait:
        told = self.traits(node.test, under=under) & Trait.TAINTED
        return self.all((node.then, node.otherwise), under=under or bool(told)) | told

    def _unlabelled(self, node: tree.Expression, *, under: bool) -> tuple[tree.Expression, bool]:
        """What stands below labels; where one depends on the choice, so do the paths of choices made there."""
        while isinstance(node, tree.Labelled):
            pieces = [piece for part in node.label.parts for piece in part if not isinstance(piece, str)]
            under = under or Trait.TAINTED in self.all(pieces, under=under)
            node = node.value
        return node, under

    # Calls

    def _chain(self, node: tree.Chain, *, under: bool) -> Trait:
        value = self.traits(node.links[0], under=under)
        for link in node.links[1:]:
            inner, is_under = self._unlabelled(link, under=under)
            after = self._applied(inner, value, under=is_under)
            if Trait.STAGE in value:
                after |= Trait.STAGE | value | self.traits(inner, under=is_under)
            value = after
        return value

    def _applied(self, link: tree.Expression, source: Trait, *, under: bool) -> Trait:
        """What a link of a chain makes of a source."""
        if isinstance(link, tree.Call):
            return self._call(link, source, under=under)
        if isinstance(link, tree.Name) and link.id not in self.body.bound:
            return self._named(link, (), source, under=under)
        return self._unknown(link, self.traits(link, under=under), (), source)

    def _call(self, node: tree.Call, source: Trait | None, *, under: bool) -> Trait:
        given = [(one.name, self.traits(one.value, under=under)) for one in node.arguments]
        if isinstance(node.callee, tree.Name) and node.callee.id not in self.body.bound:
            return self._named(node.callee, given, source, under=under)
        return self._unknown(node, self.traits(node.callee, under=under), given, source)

    def _named(self, name: tree.Name, given: _Given, source: Trait | None, *, under: bool) -> Trait:
        found = self._found(name.id)
        if found is None:
            return _of_table(name.id, given, source)
        self._kept(name, Trait.MAKER if name.id in self.makers else Trait.NONE, under=under)
        if source is None or found.definition.tensor_names:
            return self._block(found, given, source)
        return self._unknown(name, self._block(found, given, None), (), source)

    def _block(self, body: Body, given: _Given, source: Trait | None) -> Trait:
        """What a block returns, or the stage that it is when it may lack a tensor."""
        definition = body.definition
        by_name = dict(given)
        listed = [traits for name, traits in given if name is None]
        tensors = together([one for one in listed if one.may_be_tensor]) | (source or Trait.NONE)
        least, most = (_leading(listed, is_sure=is_sure) for is_sure in (True, False))
        others = 0
        for parameter in definition.parameters:
            if parameter.name in by_name:
                self.give_parameter(body, parameter, by_name[parameter.name])
            elif parameter.is_tensor:
                self.give_parameter(body, parameter, tensors)
            else:
                self.give_parameter(body, parameter, together(listed[least + others : most + others + 1]))
                others += 1
        wanted = [name for name in definition.tensor_names if name not in by_name]
        if source is not None or least >= len(wanted):
            return body.result
        self.loosen(body)
        maker = Trait.MAKER if definition.name in self.makers else Trait.NONE
        return body.result | body.as_stage | maker | together([traits for _, traits in given])

    def _unknown(self, node: tree.Syntax, callee: Trait, given: _Given, source: Trait | None) -> Trait:
        """What a stage that is known by a value alone makes."""
        self._kept(node, callee, under=Trait.TAINTED in callee)
        listed = [traits for _, traits in given]
        tensors = together([one for one in listed if one.may_be_tensor]) | (source or Trait.NONE)
        values = together([one for one in listed if not one.is_tensor])
        known = self.loose_tensors, self.loose_values
        self.loose_tensors, self.loose_values = known[0] | tensors, known[1] | values
        self.has_changed = self.has_changed or known != (self.loose_tensors, self.loose_values)
        loose = [body for body in self.bodies.values() if body.is_loose]
        made = (callee | tensors | values).as_tensor | together([body.result for body in loose])
        made |= callee & Trait.TAINTED if loose else Trait.NONE
        is_whole = source is not None or (any(one.is_tensor for one in listed) and Trait.WIDE not in callee)
        return made if is_whole else made | Trait.STAGE | callee | tensors | values


def _leading(listed: Sequence[Trait], *, is_sure: bool) -> int:
    """How many arguments are tensors, those that others follow, for sure or perhaps."""
    tests = [one.is_tensor if is_sure else one.may_be_tensor for one in listed]
    return tests.index(False) if False in tests else len(tests)


def _of_table(name: str, given: _Given, source: Trait | None) -> Trait:
    """What an operator makes, or a function of the language."""
    listed = [traits for _, traits in given]
    every = together(listed) | (source or Trait.NONE)
    if name not in ops.TABLE:
        return Trait.OTHER | (every & Trait.TAINTED if name == "len" else every)
    wanted, stage = ops.TABLE[name].tensors, operator_traits(ops.TABLE[name])
    made = (every | stage).as_tensor
    count = sum(one.is_tensor for one in listed)
    if source is not None or count >= (1 if wanted is None else wanted):
        return made
    return made | stage | Trait.OTHER | every
