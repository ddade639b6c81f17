"""From text to the typed graph: parse, elaborate, format. `elaborate` is the one door into the graph."""

from typing import TYPE_CHECKING

from ghndsl.language.elaborate import elaborate
from ghndsl.language.limits import Limits
from ghndsl.language.modules import Module, load_module, module_from_text
from ghndsl.language.parse import parse

if TYPE_CHECKING:
    from ghndsl.language.format import format_graph


def __getattr__(name: str) -> object:
    # Most texts are only read, and what writes them is as large as what reads them.
    if name != "format_graph":
        raise AttributeError(f"module 'ghndsl.language' has no attribute '{name}'")
    from ghndsl.language.format import format_graph

    return format_graph


__all__ = ["Limits", "Module", "elaborate", "format_graph", "load_module", "module_from_text", "parse"]
