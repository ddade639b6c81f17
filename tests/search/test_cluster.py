"""A cluster is joined for a search and left when it ends, however it ends; what nobody could wait for is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
from refusing import refused
from seeking import seek

from ghndsl.diagnostics import CompileError
from ghndsl.search.crew import Crew


@dataclass
class Joining:
    """What Ray does of joining and leaving, and no more; `raised` is what befalls it on the way."""

    on: bool = False
    raised: BaseException | None = None
    resources: Mapping[str, float] = field(default_factory=lambda: {"CPU": 2.0})
    calls: list[str] = field(default_factory=list[str])

    def is_initialized(self) -> bool:
        return self.on

    def init(self, address: str | None, **options: object) -> None:
        self.on = True
        self.calls.append("joins")
        if self.raised is not None:
            raise self.raised

    def shutdown(self) -> None:
        self.on = False
        self.calls.append("leaves")

    def cluster_resources(self) -> Mapping[str, float]:
        return self.resources


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch) -> Callable[[Joining], Joining]:
    """Puts it in the place of Ray."""

    def lend(one: Joining) -> Joining:
        monkeypatch.setitem(sys.modules, "ray", one)
        return one

    return lend


@pytest.mark.parametrize("is_on", [False, True])
@pytest.mark.parametrize("error", [ValueError("of no kind that is known"), KeyboardInterrupt()], ids=repr)
def test_a_search_that_breaks_off_leaves(
    error: BaseException, is_on: bool, lent: Callable[[Joining], Joining], tmp_path: Path
) -> None:
    """Unless the program was there before."""
    ray = lent(Joining(on=is_on))

    def breaks(title: str) -> NoReturn:
        assert ray.on, title
        raise error

    with pytest.raises(type(error)):
        seek(tmp_path / "run", engine="ray", watch=breaks)
    assert ray.calls == ([] if is_on else ["joins", "leaves"])


@pytest.mark.parametrize(
    ("error", "kind"), [(RuntimeError("no room"), CompileError), (KeyboardInterrupt(), KeyboardInterrupt)], ids=repr
)
def test_what_is_half_begun_is_ended(
    error: BaseException, kind: type[BaseException], lent: Callable[[Joining], Joining]
) -> None:
    ray = lent(Joining(raised=error))
    with pytest.raises(kind):
        enter(Crew(engine="ray"))
    assert ray.calls == ["joins", "leaves"]


@pytest.mark.parametrize(
    ("resources", "device", "told"),
    [
        ({"CPU": 2.0}, "cpu", None),
        ({"CPU": 2.0, "GPU": 1.0}, "cuda", None),
        ({"CPU": 2.0}, "cuda", "the Ray cluster has no GPU: there are 2 cores"),
        ({"CPU": 1.0, "GPU": 0.0}, "cuda", "the Ray cluster has no GPU: there is 1 core"),
        ({}, "cuda", "the Ray cluster has no GPU: there are 0 cores"),
    ],
)
def test_a_device_that_no_machine_has_is_refused(
    resources: Mapping[str, float], device: str, told: str | None, lent: Callable[[Joining], Joining]
) -> None:
    ray = lent(Joining(resources=resources))
    begin = partial(enter, Crew(engine="ray"), device)
    if told is None:
        begin()
    else:
        assert told in refused("G608", begin)
    assert ray.calls == ["joins", "leaves"]


def enter(crew: Crew, device: str = "cpu") -> None:
    """Is ready, and ends again."""
    with crew.ready(device):
        pass
