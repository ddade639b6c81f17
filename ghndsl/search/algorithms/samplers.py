"""A sampler of Optuna goes in by its name; what it suggests for a space comes out.

Optuna is asked choice by choice (`space.suggest`). It is an extra: `pip install "ghndsl[optuna]"`.
"""

from __future__ import annotations

import inspect
import warnings
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.search.algorithms.fresh import Fresh
from ghndsl.search.algorithms.options import CODE, Given, check_names, plain
from ghndsl.search.algorithms.stepwise import FAILED, Setting, Stepwise
from ghndsl.space import Candidate

if TYPE_CHECKING:
    import optuna

    Samplers: TypeAlias = "Mapping[str, type[optuna.samplers.BaseSampler]]"

PREFIX = "optuna:"
REPEATS = 20
"""Suggestions in a row that bring nothing new, after which a candidate is drawn."""


class Optuna(Stepwise):
    """Trials of a study; one that failed, or does not meet a `where` over measures, is pruned.

    What was suggested before is told to the study again and not proposed again; after `REPEATS` of these in a row a
    candidate is drawn.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._fresh = Fresh(self.space, self.rng)
        self._told: dict[str, tuple[float, ...]] = {}
        self._trials: defaultdict[str, list[optuna.Trial]] = defaultdict(list)
        self._name = setting.name
        self._given = {name: plain(one) if isinstance(one, str) else one for name, one in setting.given.items()}
        self._seed = self.rng.getrandbits(32)
        # What a sampler cannot do is told when it is first asked.
        self._ask(self._begun())

    def read(self, setting: Setting) -> Mapping[str, float]:
        sampler = _sampler(setting.name)
        check_names(setting.name, _options(sampler), setting.given)
        return {}

    def next(self) -> Candidate | None:
        for _ in range(REPEATS):
            trial = self._ask(self._study)
            candidate = self._suggested(trial)
            if candidate is None:
                continue
            is_new, line = self._fresh.note(candidate), str(candidate)
            self._trials[line].append(trial)
            if is_new:
                return candidate
            if line in self._told:
                self._pass_on(line)
            if self._fresh.is_spent:
                break
        return self._fresh.draw()

    def hear(self, candidate: Candidate, values: tuple[float, ...]) -> None:
        line = str(candidate)
        self._told[line] = values
        self._pass_on(line)

    def _pass_on(self, line: str) -> None:
        """Tells the study what a candidate came to, for each trial that suggested it."""
        from optuna.trial import TrialState

        values = self._told[line]
        for trial in self._trials.pop(line, []):
            if FAILED in values:
                self._study.tell(trial, state=TrialState.PRUNED)
                continue
            self._study.tell(trial, values)

    def _suggested(self, trial: optuna.Trial) -> Candidate | None:
        """What a trial suggests; None, and the trial is pruned, where that does not meet a `where` over measures."""
        import optuna

        try:
            with _quiet():
                return self.space.suggest(trial)
        except optuna.TrialPruned:
            self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            return None

    def _ask(self, study: optuna.Study) -> optuna.Trial:
        try:
            with _quiet():
                return study.ask()
        except ValueError as error:
            raise CompileError(Diagnostic(CODE, f"`{self._name}` cannot search here: {error}")) from None

    @cached_property
    def _study(self) -> optuna.Study:
        return self._begun()

    def _begun(self) -> optuna.Study:
        """A study with a sampler of its own, which is seeded where it has a seed."""
        import optuna

        sampler = _sampler(self._name)
        known = inspect.signature(sampler).parameters
        fixed: dict[str, Given] = {"seed": self._seed} if "seed" in known else {}
        if "warn_independent_sampling" in known and known["warn_independent_sampling"].default is True:
            fixed["warn_independent_sampling"] = False
        arguments = fixed | self._given
        try:
            with _quiet():
                made = sampler(**arguments)
                directions: list[Literal["maximize"]] = ["maximize"] * self.objectives
                return optuna.create_study(directions=directions, sampler=made)
        except ImportError as error:
            raise CompileError(Diagnostic(CODE, f"`{self._name}` needs a package that is missing: {error}")) from None
        except (TypeError, ValueError) as error:
            raise CompileError(Diagnostic(CODE, f"`{self._name}` cannot be made: {error}")) from None


def _sampler(name: str) -> type[optuna.samplers.BaseSampler]:
    """The class of a sampler. Errors: G610 where there is none, or no Optuna."""
    wanted, known = name.removeprefix(PREFIX), _samplers(name)
    if wanted in known:
        return known[wanted]
    hint = did_you_mean(wanted, known) or f"there are {', '.join(known)}"
    raise CompileError(Diagnostic(CODE, f"Optuna has no sampler `{wanted}` that needs a seed alone", help=hint))


def _samplers(name: str) -> Samplers:
    """All samplers that are made without arguments, by name."""
    try:
        import optuna
    except ImportError:
        hint = 'it is an extra: `pip install "ghndsl[optuna]"`'
        raise CompileError(Diagnostic(CODE, f"`{name}` needs Optuna, which is not installed", help=hint)) from None
    base = optuna.samplers.BaseSampler
    found = {one: getattr(optuna.samplers, one) for one in sorted(optuna.samplers.__all__) if one.endswith("Sampler")}
    return {one: sampler for one, sampler in found.items() if sampler is not base and _needs_nothing(sampler)}


def _needs_nothing(sampler: type[optuna.samplers.BaseSampler]) -> bool:
    given = inspect.signature(sampler).parameters.values()
    return not inspect.isabstract(sampler) and all(one.default is not inspect.Parameter.empty for one in given)


def _options(sampler: type[optuna.samplers.BaseSampler]) -> Mapping[str, object]:
    """What can be given in words: a number, a truth value or a word, or nothing."""
    found = {name: one.default for name, one in inspect.signature(sampler).parameters.items() if name != "seed"}
    return {name: default for name, default in found.items() if isinstance(default, bool | int | float | str | None)}


@contextmanager
def _quiet() -> Generator[None]:
    """Keeps Optuna from remarks on what it calls experimental, and on each study that it begins."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
