"""A statement that a fault has left undone goes in; whether it might have made choices comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ghndsl.language import tree
from ghndsl.language.values import POISON, BlockName, ChosenGraph, Composite, Named, Pending, Result, Shared

Lookup = Callable[[str], "tuple[Result] | None"]


def may_choose(node: tree.Statement, lookup: Lookup, *, is_made: bool) -> bool:
    """Whether a statement chooses, drops candidates, or calls what may be a block; `lookup` says what names mean.

    If it `is_made`, a choice itself does not count any more, only what its branches call.
    """
    inner = [part for part in tree.walk(node) if not (is_made and part is node)]
    if any(isinstance(part, tree.Choose | tree.Where) for part in inner):
        return True
    names = {part.id for part in tree.walk(node) if isinstance(part, tree.Name)}
    meanings = [found[0] for name in names if (found := lookup(name)) is not None]
    return any(map(_holds_block, meanings)) or any(lookup(name) == (POISON,) for name in _called(node))


def _holds_block(value: Result) -> bool:
    if isinstance(value, tuple):
        return any(map(_holds_block, value))
    if isinstance(value, Pending):
        return any(map(_holds_block, (value.callee, *value.positional, *(item for _, item in value.named))))
    return isinstance(value, BlockName | ChosenGraph | Composite | Named | Shared)


def _called(node: tree.Statement) -> Iterator[str]:
    """The names in what is called and in the links of chains, arguments left out."""
    for part in tree.walk(node):
        called = (
            part.links[1:] if isinstance(part, tree.Chain) else (part.callee,) if isinstance(part, tree.Call) else ()
        )
        yield from (name.id for one in called for name in tree.walk(_head(one)) if isinstance(name, tree.Name))


def _head(node: tree.Expression) -> tree.Expression:
    if isinstance(node, tree.Call):
        return _head(node.callee)
    return _head(node.value) if isinstance(node, tree.Labelled) else node
