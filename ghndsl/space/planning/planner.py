"""A space's definition goes in; the diagram of its choices comes out, found by elaborating all candidates at once."""

from __future__ import annotations

from collections.abc import Mapping

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.language import tree
from ghndsl.language.calls import OutOfBoundsError
from ghndsl.language.context import RefusalError
from ghndsl.language.elaborate import top_frame
from ghndsl.language.limits import Limits
from ghndsl.language.modules import Module
from ghndsl.language.recursion import deep_recursion
from ghndsl.language.settings import bind_settings
from ghndsl.language.values import Result
from ghndsl.records import record
from ghndsl.space.checking.faults import faults
from ghndsl.space.measures.costs import Costs
from ghndsl.space.planning.bodies import Plan
from ghndsl.space.planning.bundles import bundled
from ghndsl.space.planning.clashes import motif_clash
from ghndsl.space.planning.dependence import check_independent
from ghndsl.space.planning.ledger import Ledger
from ghndsl.space.planning.sharing import Doubt, Followed
from ghndsl.space.planning.unmet import Unmet
from ghndsl.space.planning.uses import Context, FinerError, Key, Uses
from ghndsl.space.ways.diagram import Diagram

_MOST_ROUNDS = 100
"""Times that a space is planned anew because a later use of a motif tells apart what the first one does not."""


@record
class Planned:
    """The choices of a space; no diagram when no candidate is left.

    `is_filtered` and `is_measured` say whether a `where` is about choices, or about measures of the graph; `unmet`
    knows those over choices that no candidate met. What feasible candidates cost is known where there may be one about
    measures. `doubts` are the weights that some candidate may give two shapes, unseen.
    """

    diagram: Diagram | None
    is_filtered: bool
    is_measured: bool
    faults: tuple[Diagnostic, ...]
    unmet: Unmet
    costs: Costs | None = None
    doubts: tuple[Doubt, ...] = ()


def plan(
    module: Module, definition: tree.Definition, settings: Mapping[str, Result], limits: Limits, *, feasible: bool
) -> Planned:
    """All candidates of a space, or with `feasible` those that meet every `where` over choices.

    Faults are looked for in feasible candidates only. Raises `CompileError` when no plan can be made.
    """
    contexts: dict[Key, list[Context]] = {}
    steps = 0
    followed: Followed = frozenset()
    is_followed = True
    for _ in range(_MOST_ROUNDS):
        uses = Uses(limits, top_frame(module, definition), definition, contexts, feasible=feasible)
        uses.steps, uses.followed = steps, followed
        try:
            with deep_recursion():
                wrong = [*module.faults, *bind_settings(uses, definition, settings)]
                whole = uses.whole()
                if feasible and is_followed and not uses.shapes.several <= followed:
                    followed |= uses.shapes.several
                    continue
                diagram = whole.diagram
                found = (*wrong, *_faults(diagram, definition, limits, counted=not uses.is_cut))
                if diagram and not found:
                    diagram = bundled(diagram)
                if not found:
                    check_independent(module, definition, uses.bundles.values())
                return Planned(
                    diagram,
                    uses.is_filtered,
                    uses.is_measured,
                    found,
                    uses.unmet,
                    _costs(whole, uses.ledger),
                    uses.shapes.doubts(followed),
                )
        except FinerError as finer:
            contexts.setdefault(finer.key, []).append(finer.context)
            steps = uses.steps
        except (RefusalError, OutOfBoundsError) as refused:
            if followed:
                # Told apart by their weights, ways may be too many; what is not followed is not proved.
                followed, is_followed = frozenset(), False
                continue
            raise CompileError(refused.diagnostic) from None
        except RecursionError:
            raise CompileError(Diagnostic("G004", "this is nested too deeply", definition.name_span)) from None
    message = "the uses of a motif give its choices too many different meanings, so the space cannot be counted"
    raise CompileError(Diagnostic("G306", message, definition.name_span))


def _costs(whole: Plan, ledger: Ledger | None) -> Costs | None:
    if ledger is None or whole.way is None:
        return None
    return Costs(whole.way, frozenset(ledger.unknown), ledger.is_partial)


def _faults(
    diagram: Diagram | None, definition: tree.Definition, limits: Limits, *, counted: bool
) -> tuple[Diagnostic, ...]:
    found = faults(diagram, limits.errors, counted=counted) if diagram else []
    clash = motif_clash(diagram) if diagram and not found else None
    if clash:
        message = f"two choices would have the path `{clash[1]}`, in the motif `{clash[0]}` and below a label"
        found.append(Diagnostic("G134", message, definition.name_span, help="choose another label"))
    return tuple(found)
