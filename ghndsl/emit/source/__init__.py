"""A graph goes in; a Python file comes out that holds it as a module of torch and needs nothing else."""

from ghndsl.emit.source.file import to_source

__all__ = ["to_source"]
