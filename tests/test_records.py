"""A record is a frozen dataclass in all that can be seen of it, whatever is asked of it first."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import cast

import pytest

from ghndsl.diagnostics import Mark, Source, Span
from ghndsl.records import record


def pair() -> tuple[type, type]:
    """A record and one that extends it, of which nothing was made yet."""

    @record
    class Base:
        x: int
        y: tuple[int, ...] = ()

    @record
    class More(Base):
        z: str = "z"

        def __repr__(self) -> str:
            return "more"

    return Base, More


FIRST: dict[str, Callable[[type, type], object]] = {
    "its fields": lambda base, more: [[field.name for field in dataclasses.fields(one)] for one in (more, base)],
    "what patterns read": lambda base, more: (vars(more), more.__match_args__, base.__match_args__)[1:],
    "whether it is one": lambda base, more: (dataclasses.is_dataclass(more), dataclasses.is_dataclass(base)),
    "one that is equal": lambda base, more: (more(1) == more(1, (), "z"), more(1) == base(1), base(1) == base(1)),
    "a set": lambda base, more: len({more(1), more(1), base(1), base(2)}),
    "its text": lambda base, more: (repr(more(3)), repr(base(3)).rpartition(".")[2]),
    "one that differs": lambda base, more: dataclasses.replace(more(1), x=2).x,
    "one without `__init__`": lambda base, more: dataclasses.fields(object.__new__(more))[2].name,
    "a copy": lambda base, more: copy.copy(more(1)) == more(1),
}
KNOWN = {
    "its fields": [["x", "y", "z"], ["x", "y"]],
    "what patterns read": (("x", "y", "z"), ("x", "y")),
    "whether it is one": (True, True),
    "one that is equal": (True, False, True),
    "a set": 3,
    "its text": ("more", "Base(x=3, y=())"),
    "one that differs": 2,
    "one without `__init__`": "z",
    "a copy": True,
}


@pytest.mark.parametrize("what", FIRST)
def test_what_is_asked_first(what: str) -> None:
    assert FIRST[what](*pair()) == KNOWN[what]


@pytest.mark.parametrize("change", [lambda one: setattr(one, "x", 2), lambda one: delattr(one, "x")])
def test_it_is_frozen(change: Callable[[object], None]) -> None:
    for one in (kind(1) for kind in pair()):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change(one)


def test_one_that_extends_it_by_hand() -> None:
    class Named(pair()[0]):  # type: ignore[misc]
        def __init__(self, name: str) -> None:
            super().__init__(len(name))

        def __repr__(self) -> str:
            return f"<{super().__repr__().rpartition('.')[2]}>"

    assert (repr(Named("abc")), Named("abc") == Named("xyz")) == ("<Named(x=3, y=())>", True)


def test_many_threads_at_once() -> None:
    """Whoever comes while a class is written waits, or finds it whole."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(60):
            base, more = pair()
            ready = Barrier(4)

            def make(kinds: tuple[type, type] = (base, more), ready: Barrier = ready) -> list[object]:
                ready.wait()
                made = [(kind(1), kind(1)) for kind in kinds]
                return [one == other and hash(one) == hash(other) and one.x == 1 for one, other in made]

            with ThreadPoolExecutor(4) as pool:
                for done in [pool.submit(make) for _ in range(4)]:
                    assert done.result() == [True, True]
    finally:
        sys.setswitchinterval(interval)


def test_what_another_process_made() -> None:
    """Nothing was made of the class here when the first thing of it is read."""
    code = (
        "import pickle, sys\nfrom dataclasses import replace\none, other = pickle.load(sys.stdin.buffer)\n"
        "assert one == other and hash(one) == hash(other)\nprint(repr(replace(one, text='y')))"
    )

    span = Span(Source("a", "b"), 0, 1)
    made = pickle.dumps((Mark(span, "x"), Mark(span, "x")))
    done = subprocess.run([sys.executable, "-c", code], input=made, capture_output=True, check=True, timeout=120)
    assert cast("bytes", done.stdout).decode().strip().endswith("text='y')")
