"""A task goes in that must be refused; what a person reads of it comes out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ghndsl.diagnostics import CompileError


def refused(code: str, task: Callable[[], object]) -> str:
    """The one error of a task, which must be of that code."""
    with pytest.raises(CompileError) as caught:
        task()
    (fault,) = caught.value.diagnostics
    assert fault.code == code
    return str(fault)
