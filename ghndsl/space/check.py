"""An address of a text goes in; all that is wrong or doubtful in it comes out, errors first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ghndsl.diagnostics import CompileError, Diagnostic, Span
from ghndsl.language import tree
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.lint import Watching, static_warnings, text_faults, unread_places
from ghndsl.language.modules import Module, load_module
from ghndsl.language.values import Result
from ghndsl.records import record
from ghndsl.space.load import load_network, place_of

if TYPE_CHECKING:
    from ghndsl.space.checking.proof import Proof


@record
class Sampling:
    """How many candidates of each space are built beside what is always looked at, drawn from which seed.

    `told` hears of each: the name of the space, how many were built, and of how many.
    """

    n: int = 0
    seed: int = 0
    told: Callable[[str, int, int], None] = field(default=lambda _space, _done, _all: None, compare=False)


@record
class Checked:
    """What was found in a text, errors first, and what was shown of each space that has none."""

    diagnostics: tuple[Diagnostic, ...]
    proofs: tuple[Proof, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether there are no errors."""
        return not any(one.severity == "error" for one in self.diagnostics)


def check_file(
    address: str, settings: Mapping[str, Result], limits: Limits = DEFAULT, *, strict: bool = False
) -> list[Diagnostic]:
    """What is wrong and what is doubtful in a text, errors first; with `strict`, warnings are errors.

    Its architectures are elaborated and all candidates of its spaces planned, or the one that is named; blocks that
    none of them calls are looked into as far as that can be done without arguments.

    >>> check_file("resnet18", {})
    []
    """
    return list(checked(address, settings, limits, strict=strict).diagnostics)


def checked(
    address: str,
    settings: Mapping[str, Result],
    limits: Limits = DEFAULT,
    sampling: Sampling | None = None,
    *,
    strict: bool = False,
) -> Checked:
    """What `check_file` finds, and what was shown of each space without errors.

    >>> print(*[proof.in_words for proof in checked("nasbench201", {}).proofs])
    proved: all 15,625 candidates are well-shaped
    """
    try:
        found = _checked(address, settings, limits, sampling or Sampling())
    except CompileError as error:
        return Checked(error.diagnostics)
    if not strict:
        return found
    strictly = [replace(one, severity="error") if one.severity == "warning" else one for one in found.diagnostics]
    return Checked(tuple(strictly), found.proofs)


def _checked(address: str, settings: Mapping[str, Result], limits: Limits, sampling: Sampling) -> Checked:
    if "@" in address:
        load_network(address, settings, limits)
        return Checked(())
    path, name = place_of(address)
    check = _looked_into(load_module(path, limits), settings, name, limits, sampling)
    return Checked(tuple(check.diagnostics()), tuple(check.proofs))


def check_module(
    module: Module, settings: Mapping[str, Result], name: str | None = None, limits: Limits = DEFAULT
) -> list[Diagnostic]:
    """What is wrong and what is doubtful in a module that is read already; raises `CompileError` if no name fits."""
    return _looked_into(module, settings, name, limits, Sampling()).diagnostics()


def _looked_into(
    module: Module, settings: Mapping[str, Result], name: str | None, limits: Limits, sampling: Sampling
) -> _Check:
    check = _Check(module, limits, unread_places(module), sampling, list(module.faults))
    found = [one for one in module.definitions.values() if one.kind in ("arch", "space") and name in (None, one.name)]
    if name is not None and not found:
        module.main(("arch", "space"), name)
    if not module.definitions and not module.faults:
        hint = "a network is an `arch`: `arch net() { ... }`"
        raise CompileError(Diagnostic("G105", f"{module.source.name} defines nothing", help=hint))
    known = {parameter.name for definition in found for parameter in definition.parameters}
    for definition in found:
        own = {parameter.name for parameter in definition.parameters}
        check.run(definition, {key: value for key, value in settings.items() if key in own or key not in known})
    return check


@dataclass
class _Check:
    """One text under examination; `unread` are the places of the names that nothing reads."""

    module: Module
    limits: Limits
    unread: frozenset[Span]
    sampling: Sampling
    errors: list[Diagnostic] = field(default_factory=list[Diagnostic])
    warnings: list[Diagnostic] = field(default_factory=list[Diagnostic])
    proofs: list[Proof] = field(default_factory=list["Proof"])

    def run(self, definition: tree.Definition, settings: Mapping[str, Result]) -> None:
        """Looks for what is wrong in an architecture or a space; if nothing is, for parts that feed no output."""
        try:
            if definition.kind == "arch":
                watching = Watching(self.module, definition, settings, {}, self.limits, self.unread)
                idle = watching.idle(watching.graph())
                self.warnings += [*idle.warnings.values(), *idle.doubts.values()]
                return
            self._run_space(definition, settings)
        except CompileError as error:
            self.errors += error.diagnostics

    def _run_space(self, definition: tree.Definition, settings: Mapping[str, Result]) -> None:
        # A text without a space needs none of this to be checked.
        from ghndsl.space.checking.idle import idle_in_all
        from ghndsl.space.space import Space

        space, sampling = Space(self.module, definition, settings, self.limits), self.sampling
        faults, built = space.check(), 0
        if sampling.n and not faults:
            tried = space.try_out(sampling.n, sampling.seed, lambda done, n: sampling.told(space.name, done, n))
            faults, built = tried.faults, tried.built
        self.errors += faults
        if not faults:
            proof = space.proof(built, sampling.n)
            self.proofs.append(proof)
            self.warnings += [*idle_in_all(space, self.unread), *proof.remarks()]

    def diagnostics(self) -> list[Diagnostic]:
        """All that was found, with what the text alone tells, each cause once."""
        errors = _names_once(_each_once((*self.errors, *text_faults(self.module, self.limits))))
        warnings = _each_once((*static_warnings(self.module, errors), *self.warnings))
        return [*errors[: self.limits.errors], *warnings[: self.limits.errors]]


def _names_once(errors: list[Diagnostic]) -> list[Diagnostic]:
    """The errors, a name that means nothing told at its first place in a text, its other places marked there."""
    alike: dict[object, list[Diagnostic]] = {}
    for one in errors:
        is_name = one.code == "G110" and one.span is not None
        key = (one.message, one.help, one.span.source) if is_name and one.span else len(alike)
        alike.setdefault(key, []).append(one)
    return [first.also_at([one.span for one in others if one.span]) for first, *others in alike.values()]


def _each_once(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    first: dict[tuple[str, Span | None], Diagnostic] = {}
    for one in found:
        first.setdefault((one.code, one.span), one)
    return list(first.values())
