"""A library goes in by name; how fast it draws candidates of NAS-Bench-201 whose choices are read comes out, as JSON.

    python benchmarks/counted/peers.py ConfigSpace

This file needs nothing but the library, so that each can be installed apart. The space is the same for all: six
categorical choices of five. Each is drawn from as its own documentation says, uniformly, and each draw is read.
"""

from __future__ import annotations

import json
import logging
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import TypeAlias

EDGES = ("e1_0", "e2_0", "e2_1", "e3_0", "e3_1", "e3_2")
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
LEAST_SECONDS = 0.5

Draw: TypeAlias = Callable[[int], list[dict[str, str | None]]]
# `candidate.choices` reads `none` as no value, as it does in the language.


def ghndsl() -> Draw:
    from ghndsl import load_space

    space, rng = load_space("nasbench201"), random.Random(0)
    return lambda count: [candidate.choices for candidate in space.draws(count, rng)]


def configspace() -> Draw:
    from ConfigSpace import ConfigurationSpace

    space = ConfigurationSpace(space={edge: list(OPERATIONS) for edge in EDGES}, seed=0)
    return lambda count: [dict(configuration) for configuration in space.sample_configuration(max(2, count))]


def optuna() -> Draw:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def one() -> dict[str, str | None]:
        trial = study.ask()
        return {edge: trial.suggest_categorical(edge, OPERATIONS) for edge in EDGES}

    return lambda count: [one() for _ in range(count)]


def pyglove() -> Draw:
    import pyglove

    space = pyglove.Dict(**{edge: pyglove.oneof(list(OPERATIONS)) for edge in EDGES})
    return lambda count: [dict(drawn) for drawn in pyglove.random_sample(space, count, seed=0)]


def neps() -> Draw:
    import neps
    from neps.space.neps_spaces.neps_space import resolve
    from neps.space.neps_spaces.sampling import RandomSampler

    space = type("Cell", (neps.PipelineSpace,), {edge: neps.Categorical(choices=OPERATIONS) for edge in EDGES})()
    sampler = RandomSampler(predefined_samplings={})
    return lambda count: [dict(resolve(space, sampler)[0].get_attrs()) for _ in range(count)]


def nni() -> Draw:
    from nni.mutable import Categorical, MutableDict

    space = MutableDict({edge: Categorical(list(OPERATIONS), label=edge) for edge in EDGES})
    return lambda count: [space.random() for _ in range(count)]


PEERS: dict[str, tuple[str, str, Callable[[], Draw]]] = {
    "ghndsl": ("ghndsl", "`space.draws`, `candidate.choices`", ghndsl),
    "ConfigSpace": ("ConfigSpace", "`sample_configuration(n)`, `dict`", configspace),
    "Optuna": ("optuna", "`RandomSampler`, `ask`, `suggest_categorical`", optuna),
    "PyGlove": ("pyglove", "`random_sample`, `dict`", pyglove),
    "NePS": ("neural-pipeline-search", "`RandomSampler`, `resolve`, `get_attrs`", neps),
    "NNI": ("nni", "`MutableDict.random`", nni),
}
"""By name: the package, what is called, and what makes the function that draws."""


def main() -> None:
    package, _, make = PEERS[sys.argv[1]]
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        installed = version(package)
        draw = make()
    except (PackageNotFoundError, ImportError) as error:
        print(json.dumps({"missing": str(error).splitlines()[0]}))
        return
    count = 32
    while (seconds := timed(draw, count)) < LEAST_SECONDS:
        count *= 2
    print(json.dumps({"version": installed, "rate": count / min(seconds, timed(draw, count))}))


def timed(draw: Draw, count: int) -> float:
    """Seconds of the processor for so many draws, which are looked at afterwards."""
    start = time.process_time()
    drawn = draw(count)
    seconds = time.process_time() - start
    for one in drawn:
        if len(one) != len(EDGES) or not {str(value).lower() for value in one.values()} <= set(OPERATIONS):
            raise ValueError(f"{one} is no candidate")
    if count > 1_000 and len(Counter(tuple(map(str, one.values())) for one in drawn)) < 500:
        raise ValueError("these are no independent draws")
    return seconds


if __name__ == "__main__":
    main()
