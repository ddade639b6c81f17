"""The name of an algorithm, a space, a seed and options go in; the algorithm comes out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.search.algorithms import ways
from ghndsl.search.algorithms.base import Algorithm
from ghndsl.search.algorithms.options import CODE, Given
from ghndsl.search.algorithms.samplers import PREFIX, Optuna
from ghndsl.search.algorithms.stepwise import Setting, Stepwise
from ghndsl.space import Space


def _loaded() -> dict[str, type[Stepwise]]:
    """The class of each file of `ways`, by the file's name."""
    for one in iter_modules(ways.__path__):
        import_module(f"{ways.__name__}.{one.name}")
    places = [(kind, kind.__module__.rpartition(".")) for kind in Stepwise.__subclasses__()]
    return dict(sorted((name, kind) for kind, (folder, _, name) in places if folder == ways.__name__))


ALGORITHMS: Mapping[str, type[Stepwise]] = _loaded()

NAMES = (*ALGORITHMS, f"{PREFIX}TPESampler")
"""What may be asked for. The last stands for all samplers of Optuna."""


def algorithm(name: str, space: Space, objectives: int, seed: int, /, **given: Given) -> Algorithm:
    """The algorithm of a name, for so many objectives, with options, which may be texts.

    Errors: G610 when there is none of the name, when it does not take that many objectives or one of the options, and
    when what it needs is not installed; G303 when no candidate meets every `where`.

    >>> from ghndsl.space.load import loads_space
    >>> text = "choose k from [1, 3]\\n input x: f32[N, 1, 8, 8]\\n output y = x -> conv(4, k)"
    >>> space = loads_space(f"space s() {{ {text} }}")
    >>> [str(candidate) for candidate in algorithm("all", space, 1, 0).propose(5)]
    ['k=1', 'k=3']
    """
    made = _found(name)
    if objectives > 1 and not made.HAS_FRONTS:
        message = f"`{name}` takes one objective, and {objectives} are asked for"
        raise CompileError(Diagnostic(CODE, message, help="`nsga2` takes several"))
    space.check_any()
    return made(Setting(name, space, objectives, seed, given))


def parsed(words: str) -> tuple[str, dict[str, Given]]:
    """The name of an algorithm, and the options that follow it. Errors: G610 for words that are none.

    >>> parsed("evolution population=20 sample=5")
    ('evolution', {'population': '20', 'sample': '5'})
    """
    name, *options = words.split() or [""]
    pairs = [word.partition("=") for word in options]
    wrong = [word for word, (_, equals, _) in zip(options, pairs, strict=True) if not equals]
    if wrong:
        help_ = "options follow the name, as in `evolution population=20`"
        raise CompileError(Diagnostic(CODE, f"`{wrong[0]}` is no option", help=help_))
    return name, {option: value for option, _, value in pairs}


def _found(name: str) -> type[Stepwise]:
    if name.startswith(PREFIX):
        return Optuna
    if name in ALGORITHMS:
        return ALGORITHMS[name]
    listed = f"there are {', '.join(ALGORITHMS)}, and `{PREFIX}NAME` for a sampler of Optuna"
    raise CompileError(Diagnostic(CODE, f"there is no algorithm `{name}`", help=did_you_mean(name, NAMES) or listed))
