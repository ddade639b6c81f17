"""A graph and the name of one of its exits or outputs go in; the graph that computes that one alone comes out."""

from __future__ import annotations

from dataclasses import replace

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.ir import Graph
from ghndsl.passes.dead import dead


def until(graph: Graph, name: str) -> Graph:
    r"""The network up to an exit or output, without what only others need; its inputs stay. Errors: G614.

    >>> import ghndsl
    >>> text = "input x: f32[N, 2]\n a = x -> linear(3) as a\n exit early = a\n output y = a -> linear(4) as b"
    >>> part = until(ghndsl.loads(f"arch net() {{ {text} }}"), "early")
    >>> list(part.outputs), list(part.weights)
    (['early'], ['a.weight', 'a.bias'])
    """
    ports = {port.name: port for port in graph.results}
    if name not in ports:
        help_ = did_you_mean(name, ports) or f"there are {', '.join(ports)}"
        raise CompileError(Diagnostic("G614", f"`{graph.name}` has no exit or output `{name}`", help=help_))
    return dead(replace(graph, results=(ports[name],)))
