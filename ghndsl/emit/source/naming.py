"""Modules, labels and names from elsewhere go in; names for classes and variables of Python come out."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from ghndsl.emit.source.modules import Holder, Unit

IMPORTED = ("F", "OrderedDict", "Tensor", "cast", "math", "nn", "torch")
"""What a file may import."""
RESERVED = frozenset((*keyword.kwlist, *IMPORTED, "dict", "enumerate", "layer", "range", "self", "super", "tuple"))
"""Names that mean something in every class."""


def stem(module: Unit | Holder) -> str:
    """What a class is called: as its block, or else as the label of its first use."""
    if isinstance(module, Unit) and module.scope is not None and module.scope.name:
        return camel(module.scope.name)
    parts = module.path.split(".")
    while len(parts) > 1 and not re.search(r"[^\W\d]", parts[-1]):
        parts.pop()
    word = re.sub(r"\d+$", "", parts[-1])
    name = camel(word or parts[-1])
    if name not in IMPORTED or len(parts) == 1:
        return name
    return camel(re.sub(r"[\W\d_]+$", "", parts[-2])) + name


def camel(word: str) -> str:
    """A name for a class.

    >>> camel("vit_b_16"), camel("BasicBlock"), camel("e1_0")
    ('VitB16', 'BasicBlock', 'E10')
    """
    parts = [part for part in re.split(r"\W|_", word) if part]
    name = "".join([part[0].upper() + part[1:] for part in parts]) or "Module"
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"Module{name}"


def class_name(word: str) -> str:
    """The name of the class of a whole network.

    >>> class_name("resnet18"), class_name("tensor")
    ('Resnet18', 'TensorNetwork')
    """
    name = camel(word)
    return f"{name}Network" if name in RESERVED else name


def argument_names(names: Iterable[str], taken: Collection[str]) -> Iterator[str]:
    """The names of inputs as those of arguments.

    >>> list(argument_names(["image", "class", "F", "F_"], ()))
    ['image', 'class_', 'F_', 'F__']
    """
    given: set[str] = set()
    for name in names:
        word = unicodedata.normalize("NFKC", name)
        word = word if word.isidentifier() else f"input_{len(given)}"
        while word in given or word in RESERVED or word in taken:
            word += "_"
        given.add(word)
        yield word
