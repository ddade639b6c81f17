"""A name that means nothing where it stands goes in; what is said of it, and what was likely meant, come out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from ghndsl import ops, resources
from ghndsl.diagnostics import did_you_mean
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.absent import folded, instead_of_word
from ghndsl.language.builtins import FUNCTIONS
from ghndsl.language.modules import Module
from ghndsl.language.tensor_syntax import MEASURES, NEW_AXIS
from ghndsl.language.torch_words import of_torch, operator_of
from ghndsl.language.values import Result


def unknown_name(
    name: str, module: Module, names: Iterable[str], around: tree.Expression | None = None
) -> tuple[str, str | None]:
    """The message and the help line for a name that is none of `names`, an operator, or a block of the module.

    `around` is the call or the member that begins with it, as in `name.member(3)`.
    """
    other = module.find(name)
    if other is not None:
        kind = other[0].kind
        message = f"`{name}` is {'an' if kind == 'arch' else 'a'} `{kind}`, which is no stage"
        return message, "what is used in another is a `block`"
    if isinstance(around, tree.Index) and name == "None":
        return f"nothing is named `{name}` here", NEW_AXIS
    hint = of_torch(name, around) or _output(name, module) or _likely(name, module, names)
    return f"nothing is named `{name}` here", hint


def member_hint(value: Result, name: str) -> str | None:
    """A help line for who asks a value for a member, as torch's tensors and modules have them."""
    if isinstance(value, Value) and name in ("shape", "size", "dim", "ndim"):
        return "a stated type names the sizes: `y: [N, C, H, W] = x`"
    operator = operator_of(name)
    return f"a value goes on to an operator: `x -> {operator}`" if operator else None


def quoted_hint(value: Result) -> str | None:
    """A help line for a string that stands where a stage is wanted, when it names an operator."""
    return f"without quotes it is the operator: `{value}`" if isinstance(value, str) and value in ops.TABLE else None


def option_hint(name: str) -> str | None:
    """A help line for a word without quotes that is an option of some attribute."""
    return f'strings stand in double quotes: `"{name}"`' if name in _options() else None


def size_hint(name: str, names: Iterable[str]) -> str:
    """A help line for a size in lower case that nothing is known of."""
    if name in (tree.ANY_SIZE, "None"):
        return "a size that is not known has a capital name: that of the batch is `N`"
    likely = did_you_mean(name, names)
    return likely or f"a size that is not known has a capital name: `{name[:1].upper()}{name[1:]}`"


def _likely(name: str, module: Module, names: Iterable[str]) -> str | None:
    if name in _CONSTANTS:
        return f"write `{_CONSTANTS[name]}`"
    if option_hint(name):
        return option_hint(name)
    if name in MEASURES:
        return f"`{name}` is measured on the finished graph: it can stand in a `where` at the end of a space"
    if name in FUNCTIONS:
        return f"`{name}` is a function: write `{name}(...)`"
    if name in _shipped():
        return f"it ships: `use {_shipped()[name]} ({name})`"
    own = [*names, *module.definitions, *module.imported]
    absent = instead_of_word(name)
    if absent and folded(name) not in map(folded, own):
        return absent
    known = [*own, *ops.TABLE, *FUNCTIONS, *tree.CONSTANTS]
    return did_you_mean(name, [*known, *(MEASURES if _has_space(module) else ())])


@cache
def _shipped() -> dict[str, str]:
    """The blocks that ship, each with the spec it is in."""
    found: dict[str, str] = {}
    for path in sorted((resources.specs() / "std").glob("*.arch")):
        for name in re.findall(r"^block\s+(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            found.setdefault(name, f"std.{path.stem}")
    return found


def _has_space(module: Module) -> bool:
    return any(definition.kind == "space" for definition in module.definitions.values())


def _output(name: str, module: Module) -> str | None:
    """What who takes the name of an output for a value is told."""
    if name not in _outputs(module):
        return None
    return f"`{name}` names an output; what is used again is a value of its own: `y = ...`, `output {name} = y`"


@lru_cache(maxsize=16)
def _outputs(module: Module) -> frozenset[str | None]:
    """The names of all outputs in a text."""
    nodes = [node for definition in module.definitions.values() for node in tree.walk(definition.body)]
    return frozenset(node.label.word for node in nodes if isinstance(node, tree.Output))


@cache
def _options() -> frozenset[str]:
    """The words that are options of some attribute, such as `"same"`."""
    kinds = [attribute.kind for cls in ops.TABLE.values() for attribute in ops.attributes(cls)]
    return frozenset(word for kind in kinds for word in re.findall(r'"(\w+)"', kind))


_CONSTANTS = {"True": "true", "False": "false", "None": "none", "null": "none", "nil": "none", "NULL": "none"}
