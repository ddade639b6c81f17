"""An exception goes in; what kind of failure it is comes out, by its class and by what torch says in words alone."""

from __future__ import annotations

import re

from ghndsl.search.engines.base import Kind
from ghndsl.search.engines.memory import is_shortage

_SAID = re.compile(r"cuda (driver )?error|_status_(execution_failed|internal_error|mapping_error|not_initialized)")
"""How errors begin that torch before 2.8 has no class for, and what libraries say when something went wrong before."""


def kind_of(error: Exception) -> Kind:
    """What a failure is for. After an error of a GPU its process gets the same one of all that it asks of the GPU, so
    it is no better than one that ended.

    >>> kind_of(RuntimeError("CUDA error: an illegal memory access was encountered")), kind_of(ValueError("CUDA error"))
    ('crash', 'error')
    """
    if is_shortage(error):
        return "memory"
    return "crash" if _is_of_a_gpu(error) else "error"


def _is_of_a_gpu(error: Exception) -> bool:
    if any(kind.__name__ == "AcceleratorError" for kind in type(error).__mro__):
        return True
    return isinstance(error, RuntimeError) and _SAID.search(str(error).lower()) is not None
