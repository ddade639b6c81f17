"""From text to the typed graph: parse, elaborate, format. `elaborate` is the one door into the graph."""

from ghndsl.language.elaborate import elaborate
from ghndsl.language.format import format_graph
from ghndsl.language.limits import Limits
from ghndsl.language.modules import Module, load_module, module_from_text
from ghndsl.language.parse import parse

__all__ = ["Limits", "Module", "elaborate", "format_graph", "load_module", "module_from_text", "parse"]
