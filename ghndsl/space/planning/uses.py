"""Calls go in; each becomes a question of the body it stands in, or takes the answer of an earlier use of the motif."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from ghndsl.diagnostics import Span
from ghndsl.ir import Scope
from ghndsl.language import tree
from ghndsl.language.calls import OutOfBoundsError
from ghndsl.language.context import Frame
from ghndsl.language.limits import Limits
from ghndsl.language.values import BlockName, Result
from ghndsl.records import record
from ghndsl.space.checking.faults import faults, is_certain
from ghndsl.space.planning.bodies import Bodies, Plan, carried
from ghndsl.space.planning.reuse import Joint, OtherDomainError, Reuse, TooLargeError
from ghndsl.space.planning.runs import DeadError
from ghndsl.space.planning.states import Motifs, MotifUse, exact
from ghndsl.space.ways.diagram import Ask, Call, Diagram, End, Pick, in_order

_MOST_SHOWN = 12
"""Options that are shown of a choice."""

Key: TypeAlias = tuple[str, int, int]
"""A motif or a labelled stage: its name, its definition, and for a stage the definition that it is labelled in."""


@record
class Context:
    """A later use of a motif: what it was given, and where."""

    block: BlockName
    names: Mapping[str, Result]
    scope: Scope

    def key(self) -> object:
        """Equal for uses that were given the same."""
        return id(self.block.definition), tuple([(name, exact(value)) for name, value in self.names.items()])


class FinerError(Exception):
    """A later use tells apart what is one group at the first: the space must be planned with it in mind."""

    def __init__(self, key: Key, context: Context) -> None:
        super().__init__(key)
        self.key = key
        self.context = context


@record
class _Site:
    """A call; `name` is what its choices are shared under, empty when they are not."""

    block: BlockName
    frame: Frame
    span: Span
    name: str

    @property
    def prefix(self) -> str:
        return self.frame.at.choices

    @property
    def is_motif(self) -> bool:
        return self.block.definition.kind == "motif"


class Uses(Bodies):
    """Makes the choices of a block anew at each call, those of a motif or a labelled stage at the first alone."""

    def __init__(
        self,
        limits: Limits,
        frame: Frame,
        definition: tree.Definition,
        contexts: Mapping[Key, list[Context]],
        *,
        feasible: bool,
    ) -> None:
        super().__init__(limits, frame, definition, feasible=feasible)
        self.contexts = contexts
        self._reuse = Reuse(self.make)
        self._uses: dict[object, MotifUse] = {}

    def run_block(self, block: BlockName, frame: Frame, span: Span) -> Result:
        is_motif = block.definition.kind == "motif"
        name = frame.at.choices if is_motif else f"%{frame.at.choices}" if self.shared else ""
        site = _Site(block, frame, span, name)
        made = self.motifs.get(name) if name else None
        return self._first(site) if made is None else self._again(site, made)

    def _first(self, site: _Site) -> Result:
        """A call whose choices are to be made."""
        before = carried(self.motifs)
        own = plan = self.plan_of(site.block, site.frame, before, site.span)
        for context in self.contexts.get(self._key(site), ()):
            other = replace(site.frame, names=dict(context.names), scope=context.scope)
            plan = self._finer(plan, self.plan_of(context.block, other, before, site.span))
        if plan.diagram is None:
            raise DeadError
        group = plan.diagram.group if isinstance(plan.diagram, End) else self._asked(site, plan)
        if plan.way is None or isinstance(plan.diagram, End):
            self._pay(site, own)
        self.motifs = {**self.motifs, **plan.groups[group].motifs}
        if site.name and _has_picks(plan.diagram):
            self.motifs[site.name] = self._use(site, plan.diagram, group, before)
        return plan.groups[group].result

    def _asked(self, site: _Site, plan: Plan) -> int:
        assert plan.diagram is not None
        if not site.is_motif:
            if self.shared and self.shared[-1].key != self.token:
                message = "a labelled stage with choices is used outside of the block that labelled it"
                hint = "make it a `motif`: its choices are shared by all uses"
                raise self.refuse("G306", message, site.span, help=hint)
            self.once((site.prefix, plan.diagram), site.span)
        self._pay(site, plan, decides=True)
        return self._group_after(site, plan.diagram, len(plan.groups))

    def _pay(self, site: _Site, plan: Plan, *, decides: bool = False) -> None:
        self.pay(site.prefix, plan.way, is_absolute=site.is_motif, decides=decides)

    def _group_after(self, site: _Site, diagram: Diagram, width: int) -> int:
        """The group that the choices of a call end in, in this run."""
        return self.ask(Call(site.prefix, diagram, width, site.is_motif), _groups(diagram))

    def _use(self, site: _Site, ways: Diagram, group: int, before: Motifs) -> MotifUse:
        definition = id(site.block.definition)
        key = (definition, ways, group, frozenset(before.items()))
        return self._uses.setdefault(key, MotifUse(definition, ways, group, before))

    def _key(self, site: _Site) -> Key:
        return site.name, id(site.block.definition), 0 if site.is_motif else id(self.body)

    # Later uses

    def _again(self, site: _Site, made: MotifUse) -> Result:
        """A call whose choices are made: its result is that of the same ways."""
        if site.is_motif and made.definition != id(site.block.definition):
            message = f"there are two motifs named `{site.name}`: their choices would have the same paths"
            raise self.refuse("G134", message, site.span)
        plan = self.plan_of(site.block, site.frame, made.before, site.span)
        if plan.diagram is made.ways:
            return self._known(site, plan, made.group)
        joint = self._joint(site, made, plan)
        rests = list(dict.fromkeys(rest for _, rest in joint.pairs))
        if len(rests) > 1:
            raise self._finer_error(site)
        if rests[0] is None:
            raise DeadError
        self._report_all(site, joint.diagram)
        if isinstance(rests[0], End):
            return self._known(site, plan, rests[0].group)
        return self._more(site, made, plan, rests[0])

    def _report_all(self, site: _Site, ways: Diagram) -> None:
        """Reports the faults of a later use; where some ways meet one, they are told apart at the first if possible."""
        found = faults(ways, self.limits.errors, site.name.removeprefix("%"))
        if not all(is_certain(ways, fault) for fault in found):
            finer = self._finer_error(site)
            if isinstance(finer, FinerError):
                raise finer
            self.is_cut = True
        for fault in found:
            self.report(fault)

    def _known(self, site: _Site, plan: Plan, group: int) -> Result:
        self._pay(site, plan)
        self.motifs = {**plan.groups[group].motifs, **self.motifs}
        return plan.groups[group].result

    def _more(self, site: _Site, made: MotifUse, plan: Plan, rest: Ask) -> Result:
        """A later use that makes choices which the first did not come to."""
        if _other_motifs(rest) & self.motifs.keys():
            message = f"`{site.block.name}` makes choices here that another motif shares; they cannot be counted"
            raise OutOfBoundsError(self.refuse("G306", message, site.span).diagnostic)
        group = self._group_after(site, rest, len(plan.groups))
        self._pay(site, plan)
        ways = self._only(made, rest)
        self.motifs = {**plan.groups[group].motifs, **self.motifs}
        self.motifs[site.name] = self._use(site, ways, group, made.before)
        return plan.groups[group].result

    def _joint(self, site: _Site, made: MotifUse, plan: Plan) -> Joint:
        """The ways of the first use that lead here, followed through this one."""
        try:
            return self._reuse.joint(self._only(made, self.make.end(0)), self._flat(plan, with_faults=True))
        except OtherDomainError as other:
            path = (
                other.later.path if other.later.is_absolute or not site.is_motif else f"{site.name}.{other.later.path}"
            )
            message = f"the choice `{path}` has other options here than where it was first made"
            first, later = (", ".join(pick.domain.options[:_MOST_SHOWN]) for pick in (other.first, other.later))
            hint = f"there it is one of {first}; here of {later}"
            raise self.refuse("G305", message, site.span, help=hint) from None
        except TooLargeError:
            message = f"the choices of `{site.block.name}` are too many to compare its uses; they cannot be counted"
            raise OutOfBoundsError(self.refuse("G306", message, site.span).diagnostic) from None

    def _only(self, made: MotifUse, end: Diagram) -> Diagram:
        """The ways of a use that lead here, flat, followed by `end`."""
        ends = [end if group == made.group else None for group in range(1 + max(_groups(made.ways)))]
        found = self._reuse.flat(made.ways, ends, faults=False)
        assert found is not None
        return found

    def _flat(self, plan: Plan, *, with_faults: bool) -> Diagram | None:
        ends = [self.make.end(group) for group in range(len(plan.groups))]
        return plan.diagram and self._reuse.flat(plan.diagram, ends, faults=with_faults)

    def _finer_error(self, site: _Site) -> Exception:
        key, context = self._key(site), Context(site.block, dict(site.frame.names), site.frame.scope)
        if context.key() not in [known.key() for known in self.contexts.get(key, ())]:
            return FinerError(key, context)
        message = (
            f"the choices of `{site.block.name}` mean other things here than at its first use; they cannot be counted"
        )
        return OutOfBoundsError(self.refuse("G306", message, site.span).diagnostic)

    def _finer(self, plan: Plan, later: Plan) -> Plan:
        """The plan with its groups split by what they mean to a later use."""
        mine = self._flat(plan, with_faults=True)
        if mine is None:
            return plan
        try:
            joint = self._reuse.joint(mine, self._reuse.by_faults(self._flat(later, with_faults=True)))
        except (OtherDomainError, TooLargeError):
            return plan
        return Plan(joint.diagram, [plan.groups[group] for group, _ in joint.pairs])


def _groups(diagram: Diagram) -> list[int]:
    return sorted({end.group for end in in_order(diagram) if isinstance(end, End)})


def _has_picks(diagram: Diagram) -> bool:
    questions = [part.question for part in in_order(diagram) if isinstance(part, Ask)]
    return any(isinstance(q, Pick) or (isinstance(q, Call) and _has_picks(q.inner)) for q in questions)


def _other_motifs(diagram: Diagram) -> set[str]:
    """The motifs whose choices a flat diagram makes, beside its own."""
    questions = [part.question for part in in_order(diagram) if isinstance(part, Ask)]
    return {q.path.partition(".")[0] for q in questions if isinstance(q, Pick) and q.is_absolute}
