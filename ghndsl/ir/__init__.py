"""The typed computation graph: what it is, how it is made, measured, checked and told apart."""

from ghndsl.ir.builder import GraphBuilder
from ghndsl.ir.graph import Graph, Node, Port, Scope, Value
from ghndsl.ir.measure import batch_symbol, per_sample
from ghndsl.ir.verify import VerifyError, verify

__all__ = [
    "Graph",
    "GraphBuilder",
    "Node",
    "Port",
    "Scope",
    "Value",
    "VerifyError",
    "batch_symbol",
    "per_sample",
    "verify",
]
