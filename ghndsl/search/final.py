"""What a run was asked goes in; the plan of its last rung, by which other networks are trained alike, comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TypeAlias, cast

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.plan import Plan
from ghndsl.search.store import Asked
from ghndsl.search.store.faults import damaged
from ghndsl.search.store.schema import FILE
from ghndsl.training import Settings
from ghndsl.training.anytime import Budgets
from ghndsl.training.settings import Augment, Precision


def final_plan(run: Path, asked: Asked) -> Plan:
    """The settings, seeds, budgets, device and processes of the last rung; all else is any plan's. What a run of an
    earlier version was not asked is as it was then, which is what defaults are.

    Errors: G602 for settings that this version does not know, G609 for what is no plan.
    """
    plan = asked.plan
    try:
        budgets = cast("list[float] | None", plan.get("budgets"))
        return Plan(
            final=_settings(run, cast("Mapping[str, object]", plan["final"])),
            seed=asked.seed,
            seeds=int(cast("int", plan.get("seeds", 1))),
            device=str(plan.get("device", "cpu")),
            processes=int(cast("int", plan.get("processes", 1))),
            budgets=None if budgets is None else Budgets(*map(float, budgets)),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise damaged(run / FILE, f"its plan: {type(error).__name__}: {error}") from None


_Fields: TypeAlias = tuple[
    int, int, float, float, float, float, float, bool, Augment, float, bool, float, int, bool, int, float, float,
    float, Precision,
]  # fmt: skip


def _settings(run: Path, kept: Mapping[str, object]) -> Settings:
    """The settings of these values by name."""
    names = {one.name for one in fields(Settings)}
    notes = tuple(f"{name}: {value}" for name, value in kept.items() if name not in names)
    if notes:
        message = f"the networks of {run} were trained by settings that this version does not know"
        help_ = "use the version that the run was begun with"
        raise CompileError(Diagnostic("G602", message, notes=notes, help=help_))
    return Settings(*cast("_Fields", tuple(kept.get(one.name, one.default) for one in fields(Settings))))
