"""A path or a text goes in; a module comes out: its definitions and those it `use`s, all inside of allowed folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ghndsl import resources
from ghndsl.diagnostics import CompileError, Diagnostic, Mark, Source, Span, did_you_mean
from ghndsl.language import tree
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.parse import parse
from ghndsl.language.rules import space_words, twice_named


@dataclass(frozen=True, eq=False)
class Module:
    """One text: what it defines, and what it took from others, each with the module it came from."""

    source: Source
    definitions: Mapping[str, tree.Definition]
    imported: Mapping[str, tuple[tree.Definition, Module]] = field(
        default_factory=dict[str, "tuple[tree.Definition, Module]"]
    )
    uses: tuple[tree.Use, ...] = ()

    def find(self, name: str) -> tuple[tree.Definition, Module] | None:
        """The definition that a name means here, with its own module."""
        if name in self.definitions:
            return self.definitions[name], self
        return self.imported.get(name)

    def main(self, kinds: tuple[str, ...], name: str | None = None) -> tree.Definition:
        """The definition of that name, or the last one, of the wanted kinds."""
        found = [d for d in self.definitions.values() if d.kind in kinds]
        wanted = " or ".join(f"`{kind}`" for kind in kinds)
        if name is None:
            if not found:
                raise CompileError(Diagnostic("G105", f"{self.source.name} defines no {wanted}"))
            return found[-1]
        if self.definitions.get(name) not in found:
            hint = did_you_mean(name, [d.name for d in found])
            raise CompileError(Diagnostic("G110", f"{self.source.name} has no {wanted} named `{name}`", help=hint))
        return self.definitions[name]


def read_source(path: Path, limits: Limits = DEFAULT) -> Source:
    """The text of a file; refused when it is missing, too large, or not text."""
    name = _shown(path)
    try:
        with path.open("rb") as file:
            data = file.read(limits.text + 1)
    except FileNotFoundError:
        raise CompileError(Diagnostic("G001", f"there is no file {name}", help=_neighbour(path))) from None
    except OSError as error:
        raise CompileError(Diagnostic("G001", f"{name} cannot be read: {error.strerror}")) from None
    return decoded(name, data, limits)


def decoded(name: str, data: bytes, limits: Limits = DEFAULT) -> Source:
    """The text of bytes; refused when it is too large, or not text. A byte order mark is no part of it."""
    if len(data) > limits.text:
        raise CompileError(Diagnostic("G003", f"{name} has more than {limits.text:,} bytes, the most that are read"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CompileError(Diagnostic("G002", f"{name} is not UTF-8 text (byte {error.start})")) from None
    if "\0" in text:
        raise CompileError(Diagnostic("G002", f"{name} is not text (it holds zero bytes)"))
    return Source(name, text)


def _shown(path: Path) -> str:
    """A path as messages show it: short for a shipped spec, and for a file below the folder one works in."""
    if path.is_relative_to(resources.specs()):
        return path.name
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path)


def load_module(path: Path, limits: Limits = DEFAULT) -> Module:
    """The module of a file; what it uses may lie in its own folder or below, or among the shipped specs."""
    return _Loader(path.resolve().parent, limits).file(path)


def module_from_text(source: Source, folder: Path | None = None, limits: Limits = DEFAULT) -> Module:
    """The module of a text; without a folder it may use shipped specs only."""
    root = folder.resolve() if folder else None
    return _Loader(root, limits).text(source, root, is_space=None)


class _Loader:
    """Loads modules that use each other, each file once."""

    def __init__(self, root: Path | None, limits: Limits) -> None:
        self.root = root
        self.limits = limits
        self.done: dict[Path, Module] = {}
        self.open: list[Path] = []

    def file(self, path: Path) -> Module:
        place = path.resolve()
        if len(self.open) > self.limits.depth:
            raise CompileError(Diagnostic("G125", f"specs use each other more than {self.limits.depth} deep"))
        if place not in self.done:
            self.open.append(place)
            source = read_source(path, self.limits)
            self.done[place] = self.text(source, place.parent, is_space=place.suffix != ".arch")
            self.open.pop()
        return self.done[place]

    def text(self, source: Source, folder: Path | None, *, is_space: bool | None) -> Module:
        file = parse(source, self.limits)
        faults = [] if is_space is not False else space_words(file)
        definitions: dict[str, tree.Definition] = {}
        for definition in file.definitions:
            if definition.name in definitions:
                message = f"`{definition.name}` is defined twice"
                first = (Mark(definitions[definition.name].name_span, "first here"),)
                faults.append(Diagnostic("G111", message, definition.name_span, first))
            definitions[definition.name] = definition
            faults += twice_named(definition)
        imported: dict[str, tuple[tree.Definition, Module]] = {}
        for use in file.uses:
            try:
                imported |= self._take(use, self._used(use, folder))
            except CompileError as error:
                faults += error.diagnostics
        if faults:
            raise CompileError(*faults)
        return Module(source, definitions, imported, file.uses)

    def _used(self, use: tree.Use, folder: Path | None) -> Module:
        path = self._path(use, folder)
        if not path.is_file():
            hint = _neighbour(path) if use.is_file else did_you_mean(use.source, _shipped())
            raise CompileError(Diagnostic("G112", f"there is no spec `{use.source}`", _source_span(use), help=hint))
        if path.resolve() in self.open:
            raise CompileError(Diagnostic("G113", f"`{use.source}` would use itself here", _source_span(use)))
        return self.file(path)

    def _path(self, use: tree.Use, folder: Path | None) -> Path:
        if not use.is_file:
            return resources.specs().joinpath(*use.source.split(".")).with_suffix(".arch")
        if folder is None:
            message = "a text without a folder can use shipped specs only"
            raise CompileError(Diagnostic("G112", message, _source_span(use)))
        path = (folder / use.source).resolve()
        roots = [root for root in (self.root, resources.specs().resolve()) if root is not None]
        if not any(path.is_relative_to(root) for root in roots) or "\0" in use.source:
            message = f"`use` cannot leave the folder of the spec: {use.source}"
            hint = "a spec reads files beside and below it, and those that ship: `use std.conv (ConvBN)`"
            raise CompileError(Diagnostic("G112", message, _source_span(use), help=hint))
        return path

    def _take(self, use: tree.Use, module: Module) -> dict[str, tuple[tree.Definition, Module]]:
        taken: dict[str, tuple[tree.Definition, Module]] = {}
        for name in use.names:
            if name.id not in module.definitions:
                hint = did_you_mean(name.id, module.definitions)
                message = f"`{use.source}` defines no `{name.id}`"
                raise CompileError(Diagnostic("G112", message, name.span, help=hint))
            taken[name.id] = (module.definitions[name.id], module)
        return taken


def _source_span(use: tree.Use) -> Span:
    """The place of what is used, without the names taken from it."""
    source, start = use.span.source, use.span.start + len("use")
    end = source.text.rfind("(", start, use.names[0].span.start)
    text = source.text[start:end]
    return Span(source, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))


def _shipped() -> list[str]:
    root = resources.specs()
    return [".".join(path.relative_to(root).with_suffix("").parts) for path in root.rglob("*.arch")]


def _neighbour(path: Path) -> str | None:
    folder = path.parent
    return did_you_mean(path.name, [p.name for p in folder.iterdir()]) if folder.is_dir() else None
