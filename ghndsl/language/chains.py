"""A chain or a labelled link goes in; the value at its end comes out, or the stage that it is without a source."""

from __future__ import annotations

from ghndsl.diagnostics import Span
from ghndsl.ir import Scope
from ghndsl.language import tree
from ghndsl.language.calls import Calls
from ghndsl.language.unknown import quoted_hint
from ghndsl.language.values import At, Composite, Named, Result, Shared, describe, is_stage, is_tensor, join


class Chains(Calls):
    """Follows chains in the frame at hand."""

    def call(self, node: tree.Call, at: At | None, *, is_link: bool = False) -> Result:
        """A call, its weights under `at` when it has a label; a stage when it lacks a tensor.

        As a link of a chain it means an operator, even where a function of numbers has the same name.
        """
        raise NotImplementedError

    def _link(self, node: tree.Expression) -> Result:
        """The value of a link without a label."""
        if not isinstance(node, tree.Call):
            return self.value(node)
        self.step(node.span)
        return self.call(node, None, is_link=True)

    def labelled(self, node: tree.Labelled) -> Result:
        place = self.place()
        inner, at = self._below_labels(node, place)
        if isinstance(inner, tree.Call):
            value = self.call(inner, at)
        elif isinstance(inner, tree.Chain):
            value = self.chain(inner, at)
        else:
            value = self.value(inner)
            self._check_named(inner, value, node.label)
            self._check_unlabelled(value, node.label)
        if not is_stage(value):
            return value
        label = at.path[len(place.path) :].lstrip(".")
        return self.sane(Shared(value, at, self.new_key(), self.frame.scope, label), node.span)

    def _below_labels(self, node: tree.Expression, at: At) -> tuple[tree.Expression, At]:
        """What stands below labels, and its place: a label in parentheses lies under the one that follows them."""
        inner: tree.Expression = node
        while isinstance(inner, tree.Labelled):
            at = at.under(self.label(inner.label))
            inner = inner.value
        return inner, at

    def _check_named(self, inner: tree.Expression, value: Result, label: tree.Label) -> None:
        """Refuses a label of what is there already, and so makes no weights."""
        if not is_stage(value) and not isinstance(inner, tree.Call | tree.Chain):
            raise self.refuse("G132", f"a label names a call or a stage, not {describe(value)}", label.span)

    def _check_unlabelled(self, value: Result, label: tree.Label) -> None:
        """Refuses a second label for a stage that has one: its weights could not lie under both."""
        shared = _labelled_here(value, self.frame.scope)
        if shared is not None:
            path = shared.at.path.removeprefix(self.frame.at.path).removeprefix(".")
            message = (
                f"this stage has the label `{path or 'self'}` already, and is one set of weights wherever it is used"
            )
            hint = "leave out one of the two labels; a stage without a label makes fresh weights at each use"
            raise self.refuse("G132", message, label.span, help=hint)

    def label(self, node: tree.Label) -> str:
        """A label as text, its computed parts filled in."""
        parts: list[str] = []
        for pieces in node.parts:
            part = ""
            for piece in pieces:
                value = piece if isinstance(piece, str) else self.value(piece)
                if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
                    raise self.refuse("G132", f"a label is made of words and numbers, not {describe(value)}", node.span)
                part += str(value)
            if part == "self" and len(node.parts) > 1:
                message = "`self` stands alone as a label: it puts weights directly under the enclosing one"
                hint = "the names of weights need no `self.` before them"
                raise self.refuse("G132", message, node.span, help=hint)
            if not part.replace("_", "a").replace("-", "a").isalnum():
                raise self.refuse("G132", f"`{part}` cannot be part of a label", node.span)
            parts.append(part)
        return join(*parts)

    def _chain(self, node: tree.Chain) -> Result:
        return self.chain(node, None)

    def chain(self, node: tree.Chain, at: At | None) -> Result:
        """A chain: a value when its first link is one, else a stage. `at` numbers its links by position."""
        first = node.links[0]
        value = self._stage_link(first, at) if isinstance(first, tree.Labelled) else self._link(first)
        if is_stage(value):
            rest = [self._stage_link(link) for link in node.links[1:]]
            stages = (value, *[link for link in rest if is_stage(link)])
            return self.sane(Composite(stages), node.span)
        span = first.span
        for position, link in enumerate(node.links[1:]):
            value = self._apply_link(link, value, span, at and at.under(str(position)), at)
            span = link.span
        return value

    def _stage_link(self, node: tree.Expression, at: At | None = None) -> Result:
        """A link of a chain without a source: its label counts from where the chain is used; of a source, from `at`."""
        inner, place = self._below_labels(node, at or self.place())
        if isinstance(inner, tree.Call) and inner is not node:
            value = self.call(inner, place, is_link=True)
        elif isinstance(inner, tree.Chain) and inner is not node:
            value = self.chain(inner, place)
        else:
            value = self._link(inner)
        if not is_stage(value):
            if isinstance(node, tree.Labelled) and is_tensor(value):
                self._check_named(inner, value, node.label)
                return value
            raise self.refuse("G121", f"a link of a chain is a stage, not {describe(value)}", node.span)
        if not isinstance(node, tree.Labelled):
            return value
        self._check_unlabelled(value, node.label)
        return Named(value, self._labels(node))

    def _labels(self, node: tree.Expression) -> str:
        """The labels of a link as one path, the last one first."""
        labels: list[str] = []
        while isinstance(node, tree.Labelled):
            labels.append(self.label(node.label))
            node = node.value
        return join(*[label for label in labels if label != "self"]) or "self"

    def _apply_link(
        self, link: tree.Expression, source: Result, source_span: Span, at: At | None, base: At | None
    ) -> Result:
        inner, place = link, at
        if isinstance(link, tree.Labelled):
            inner, place = self._below_labels(link, base or self.place())
        stage = self._link(inner)
        if isinstance(link, tree.Labelled):
            self._check_unlabelled(stage, link.label)
        marks = ((source_span, source),)
        if isinstance(stage, tuple) and stage and all(map(is_stage, stage)):
            stages = [one for one in stage if is_stage(one)]
            results = [
                self.apply(one, (source,), place and place.under(str(i)), link.span, marks)
                for i, one in enumerate(stages)
            ]
            return tuple(results)
        if not is_stage(stage):
            wrong, value = _culprit(inner, stage)
            message = f"a link of a chain is a stage, not {describe(value)}"
            raise self.refuse(
                "G121", message, wrong.span if wrong is not inner else link.span, help=_link_hint(wrong, value)
            )
        return self.apply(stage, (source,), place, link.span, marks)


def _labelled_here(value: Result, home: Scope) -> Shared | None:
    """The labelled stage that a value is, or that all of it is made of, where one call of a definition labelled it."""
    if isinstance(value, Shared):
        return value if value.home is home else None
    parts = value.stages if isinstance(value, Composite) else value if isinstance(value, tuple) else ()
    found = [_labelled_here(part, home) for part in parts]
    return found[0] if found and all(found) else None


def _culprit(link: tree.Expression, value: Result) -> tuple[tree.Expression, Result]:
    """What is no stage in a link: an item, when it is a list of which some are."""
    if isinstance(link, tree.Sequence) and isinstance(value, tuple) and any(map(is_stage, value)):
        return next(pair for pair in zip(link.items, value, strict=True) if not is_stage(pair[1]))
    return link, value


def _link_hint(link: tree.Expression, value: Result) -> str | None:
    """A help line for what stands as a link and is no stage."""
    if isinstance(link, tree.Call) and is_tensor(value):
        return "the chain gives the tensor: `x -> relu`, or `relu(x)` alone"
    return quoted_hint(value)
