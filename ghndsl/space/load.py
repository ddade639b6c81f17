"""An address, as the command line and Python take it, goes in; the graph or the space it names comes out.

`NET` is `FILE.arch`, `FILE.arch:NAME`, a shipped architecture's name, or a candidate `SPACE@17` or `SPACE@LINE`;
`SPACE` is `FILE.nas`, `FILE.nas:NAME`, a shipped space's name, or `SHIPPED:NAME` for another space of its file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ghndsl import resources
from ghndsl.dags import in_words
from ghndsl.diagnostics import CompileError, Diagnostic, Source, did_you_mean
from ghndsl.emit.picture.notebook import drawn
from ghndsl.ir import Graph, Scope, shown
from ghndsl.language.calls import OutOfBoundsError
from ghndsl.language.context import Frame, PoisonedError, RefusalError
from ghndsl.language.elaborate import elaborate
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.modules import Module, load_module, module_from_text
from ghndsl.language.parse import parse_expression
from ghndsl.language.statements import Statements
from ghndsl.language.values import At, Result, is_stage, static

if TYPE_CHECKING:
    from ghndsl.space import Candidate, Space
    from ghndsl.space.counted import Counted

# Whoever has a graph has it from here or from a space, and may look at it in a notebook.
shown.draws(drawn)

Setting: TypeAlias = "int | float | bool | str | list[Setting] | tuple[Setting, ...] | None"


def load(net: str, *, limits: Limits = DEFAULT, **settings: Setting) -> Graph:
    """The graph of a network; `settings` are the parameters of its definition.

    >>> load("resnet18", classes=10).outputs["logits"].shape[1]
    10
    """
    return load_network(net, _results(settings), limits)


def loads(text: str, name: str | None = None, *, limits: Limits = DEFAULT, **settings: Setting) -> Graph:
    """The graph of an architecture given as text: the last one defined in it, or the one of that name.

    >>> loads("arch a() { input x: f32[N, 4]\\n output y = x -> linear(2) }").params
    10
    """
    module = module_from_text(Source("<text>", text), limits=limits)
    return elaborate(module, module.main(("arch",), name), _results(settings), limits=limits)


def load_space(space: str, *, limits: Limits = DEFAULT, **settings: Setting) -> Space:
    """The space of an address; `settings` are its parameters, its scale.

    >>> load_space("nasbench201", width=8).size
    15625
    """
    return find_space(space, _results(settings), limits)


def loads_space(text: str, name: str | None = None, *, limits: Limits = DEFAULT, **settings: Setting) -> Space:
    """The space given as text: the last one defined in it, or the one of that name."""
    from ghndsl.space.space import Space

    module = module_from_text(Source("<text>", text), limits=limits)
    return Space(module, module.main(("space",), name), _results(settings), limits)


def load_network(net: str, settings: Mapping[str, Result], limits: Limits = DEFAULT) -> Graph:
    """The graph of an address, with settings already evaluated."""
    address, at, choice = net.partition("@")
    if at:
        space = find_space(address, settings, limits)
        return space.build(candidate_of(space, choice))
    path, name = _split(net, ".arch")
    if path is None and is_space(net):
        hint = f"its candidates are networks, `{net}@NUMBER`; in Python `load_space` gives the space"
        raise CompileError(Diagnostic("G105", f"`{net}` is a space, not a network", help=hint))
    if path is None:
        path, name = _shipped_network(net), net
    module = load_module(path, limits)
    return elaborate(module, module.main(("arch",), name), settings, limits=limits)


def find_space(address: str, settings: Mapping[str, Result], limits: Limits = DEFAULT) -> Space:
    """The space of an address, with settings already evaluated."""
    from ghndsl.space.space import Space

    path, name = _space_file(address)
    if path is None:
        shipped = _shipped_spaces()
        message = f"there is no space `{address}`: neither a file `.nas` nor one that ships ({', '.join(shipped)})"
        raise CompileError(Diagnostic("G001", message, help=did_you_mean(address, shipped)))
    module = load_module(path, limits)
    return Space(module, module.main(("space",), name), settings, limits)


def candidate_of(space: Space, choice: str) -> Candidate:
    """The candidate that a number or a line names."""
    word = choice.strip()
    if not word:
        raise _unnamed(space, "no candidate is named here")
    digits = re.sub(r"[_,]", "", word)
    if re.fullmatch(r"[0-9]+", digits):
        return space.candidate(_whole(digits))
    if re.fullmatch(r"[-+]?[0-9_.,]+([eE][-+]?[0-9]+)?", word):
        raise _unnamed(space, f"`{word[:60]}` is no number of a candidate")
    return space.parse(word)


def _unnamed(space: Space, message: str) -> CompileError:
    help_ = f"`{space.name}` has {in_words(space.size)} candidates: a number from 0, or a line of choices, names one"
    return CompileError(Diagnostic("G304", message, help=help_))


_READ_AT_ONCE = 4_000
"""Digits, fewer than the most that Python reads."""


def _whole(digits: str) -> int:
    """A number of any length."""
    found = 0
    for start in range(0, len(digits), _READ_AT_ONCE):
        part = digits[start : start + _READ_AT_ONCE]
        found = found * 10 ** len(part) + int(part)
    return found


def other_spaces(space: Counted, paths: Collection[str]) -> Iterator[tuple[str, Space]]:
    """Spaces beside one that may have choices at these paths, by their addresses: those of its file, and those that
    ship in whose text the choices are named, and what the paths begin with."""
    from ghndsl.space.space import Space

    for definition in space.module.definitions.values():
        if definition.kind == "space" and definition is not space.definition:
            yield f"{space.module.source.name}:{definition.name}", Space(space.module, definition, {}, space.limits)
    for name in _shipped_spaces():
        text = (resources.specs() / "spaces" / f"{name}.nas").read_text(encoding="utf-8")
        made = re.findall(r"\bchoose\s+(?:[\d.]+\s+)?([\w, ]+?)\s+(?:from\b|\{)", text)
        choices = {"_".join(re.split(r",\s*", names)) for names in made}
        named = {*re.findall(r"\b(?:block|motif)\s+(\w+)", text)}
        if all(path.rpartition(".")[2] in choices and _may_begin(path, named) for path in paths):
            yield name, find_space(name, {}, space.limits)


def _may_begin(path: str, named: Collection[str]) -> bool:
    """Whether a path begins with one of these blocks and motifs, or as none does: they begin with capitals."""
    first = re.sub(r"_\d+$", "", path.partition(".")[0])
    return first in named or not first[:1].isupper()


def parse_settings(words: Iterable[str]) -> dict[str, Result]:
    """The settings of `--set name=value`, repeated; a value is an expression, or a plain word.

    >>> parse_settings(["width=2*8", "sizes=(1, 7)", "mode=same"])
    {'width': 16, 'sizes': (1, 7), 'mode': 'same'}
    """
    settings: dict[str, Result] = {}
    for word in words:
        name, equal, text = word.partition("=")
        if not equal or not name.strip():
            message = f"`{word}` sets nothing"
            raise CompileError(Diagnostic("G106", message, help="write `--set name=value`"))
        settings[name.strip()] = _evaluate(text.strip())
    return settings


def parse_limits(words: Iterable[str]) -> Limits:
    """The limits of `--limit name=value`, repeated; the others are the usual ones. Raises ValueError for a wrong word.

    >>> parse_limits(["nodes=200K"]).nodes
    200000
    """
    names = [one.name for one in fields(Limits)]
    moved: dict[str, int] = {}
    for word in words:
        name, _, text = (part.strip() for part in word.partition("="))
        if name not in names:
            raise ValueError(f"there is no limit `{name}`; there are {', '.join(names)}")
        moved[name] = _whole_number(name, text)
    return replace(DEFAULT, **moved)


def _whole_number(name: str, text: str) -> int:
    try:
        value = _evaluate(text)
    except CompileError:
        value = None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        example = _short(2 * getattr(DEFAULT, name))
        raise ValueError(f"the limit `{name}` is a whole number from 1 on, such as `{name}={example}`, not `{text}`")
    return value


def _short(number: int) -> str:
    """A number as a text may write it.

    >>> _short(200_000), _short(128)
    ('200K', '128')
    """
    units = ((1_000_000, "M"), (1_000, "K"))
    return next((f"{number // unit}{sign}" for unit, sign in units if number % unit == 0), str(number))


def _evaluate(text: str) -> Result:
    """The value of an expression that names nothing but operators; a plain word that is none stands for itself."""
    source = Source("--set", text)
    module = Module(source, {})
    run = Statements(DEFAULT, Frame(module, Scope("setting", ""), At("", "")))
    if re.fullmatch(r"[^\W\d]\w*", text) and run.lookup(text) is None and text not in ("true", "false", "none"):
        return text
    try:
        value = run.value(parse_expression(source))
    except (RefusalError, OutOfBoundsError) as refused:
        raise CompileError(refused.diagnostic) from None
    except (PoisonedError, RecursionError, NotImplementedError):
        raise CompileError(Diagnostic("G106", f"`{text}` is no setting")) from None
    if not static(value) and not is_stage(value):
        raise CompileError(Diagnostic("G106", f"`{text}` is no setting"))
    return value


def _results(settings: Mapping[str, Setting]) -> dict[str, Result]:
    return {name: _result(value) for name, value in settings.items()}


def _result(value: Setting) -> Result:
    return tuple(map(_result, value)) if isinstance(value, list | tuple) else value


def _split(address: str, suffix: str) -> tuple[Path | None, str | None]:
    """The path and the name in `FILE.arch:NAME`; no path when the address is none of a file."""
    if address.endswith(suffix):
        return Path(address), None
    file, colon, name = address.rpartition(":")
    return (Path(file), name) if colon and file.endswith(suffix) else (None, None)


@cache
def shipped_networks() -> dict[str, Path]:
    """The architectures that ship, by name."""
    found: dict[str, Path] = {}
    for path in sorted((resources.specs() / "networks").glob("*.arch")):
        for name in re.findall(r"^arch\s+(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            found[name] = path
    return found


def _shipped_spaces() -> list[str]:
    return sorted(path.stem for path in (resources.specs() / "spaces").glob("*.nas"))


def _space_file(address: str) -> tuple[Path | None, str | None]:
    """The file that an address of a space means, and the name of a definition in it; no file for other addresses."""
    path, name = _split(address, ".nas")
    stem, colon, within = address.partition(":")
    if path is None and stem in _shipped_spaces():
        return resources.specs() / "spaces" / f"{stem}.nas", within if colon else None
    return path, name


def _shipped_network(name: str) -> Path:
    shipped = shipped_networks()
    if name not in shipped:
        message = (
            f"there is no network `{name}`: neither a file `.arch`, a candidate `SPACE@NUMBER`, nor one that ships"
        )
        within = [f"`{one}`" for one, path in shipped.items() if path.stem == name]
        hint = f"{name}.arch ships with {', '.join(within)}" if within else did_you_mean(name, shipped)
        raise CompileError(Diagnostic("G001", message, help=hint))
    return shipped[name]


def place_of(address: str) -> tuple[Path, str | None]:
    """The file that an address of a network or space lies in, and the name of its definition if the address gives one.

    >>> path, name = place_of("resnet18")
    >>> path.name, name
    ('resnet.arch', 'resnet18')
    """
    for path, name in (_split(address, ".arch"), _space_file(address)):
        if path is not None:
            return path, name
    return _shipped_network(address), address


def parameters_of(address: str) -> frozenset[str]:
    """The names of the parameters of what an address names.

    >>> sorted(parameters_of("resnet18")), "width" in parameters_of("nasbench201@3")
    (['classes', 'size'], True)
    """
    within, at, _ = address.partition("@")
    path, name = place_of(within)
    kind = "space" if at or is_space(address) else "arch"
    definition = load_module(path, DEFAULT).main((kind,), name)
    return frozenset(parameter.name for parameter in definition.parameters)


def is_space(address: str) -> bool:
    """Whether an address is one of a space rather than of a network."""
    if "@" in address:
        return False
    return _space_file(address)[0] is not None
