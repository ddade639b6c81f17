"""A path or a text goes in; a module comes out: its definitions and those it `use`s, all inside of allowed folders."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ghndsl import resources
from ghndsl.diagnostics import CompileError, Diagnostic, Source, did_you_mean
from ghndsl.language import tree
from ghndsl.language.limits import DEFAULT, Limits
from ghndsl.language.parse import parse
from ghndsl.language.rules import defined_twice, space_words, twice_named
from ghndsl.language.used_files import resolved, source_span, texts_in, used_file


@dataclass(frozen=True, eq=False)
class Module:
    """One text: what it defines, and what it took from others, each with the module it came from.

    `faults` are what is wrong with names and other files, which leaves the rest of the text to be looked into;
    `missing` are the names of definitions that could not be taken for it, or cannot be called.
    """

    source: Source
    definitions: Mapping[str, tree.Definition]
    imported: Mapping[str, tuple[tree.Definition, Module]] = field(
        default_factory=dict[str, "tuple[tree.Definition, Module]"]
    )
    uses: tuple[tree.Use, ...] = ()
    faults: tuple[Diagnostic, ...] = ()
    missing: frozenset[str] = frozenset()

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
    kind = _other_kind(path)
    if kind:
        raise CompileError(Diagnostic("G001", f"{name} cannot be read: it is {kind}, not a file"))
    try:
        with path.open("rb") as file:
            data = file.read(limits.text + 1)
    except FileNotFoundError:
        raise CompileError(Diagnostic("G001", f"there is no file {name}", help=_neighbour(path))) from None
    except OSError as error:
        raise CompileError(Diagnostic("G001", f"{name} cannot be read: {error.strerror}")) from None
    return decoded(name, data, limits)


def _other_kind(path: Path) -> str | None:
    """What lies at a path that is no regular file: to read a pipe or a device may never end."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(mode):
        return None
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((word for is_kind, word in kinds if is_kind(mode)), "a device")


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
    """The module of a file; what it uses may lie in its own folder or below, or among the shipped specs.

    Raises `CompileError` for a text that cannot be read, or breaks a rule of syntax; other `faults` the module keeps.
    """
    return _Loader((resolved(path) or path.absolute()).parent, limits).file(path)


def module_from_text(source: Source, folder: Path | None = None, limits: Limits = DEFAULT) -> Module:
    """The module of a text; without a folder it may use shipped specs only."""
    root = folder.resolve() if folder else None
    return _Loader(root, limits).text(source, root, is_space=None)


class _Loader:
    """Loads modules that use each other, each file once; what was refused once is not told again."""

    def __init__(self, root: Path | None, limits: Limits) -> None:
        self.root = root
        self.limits = limits
        self.done: dict[Path, Module | None] = {}
        self.open: list[Path] = []

    def file(self, path: Path) -> Module:
        place = resolved(path) or path.absolute()
        if len(self.open) > self.limits.depth:
            raise CompileError(Diagnostic("G125", f"specs use each other more than {self.limits.depth} deep"))
        if place not in self.done:
            self.done[place] = None
            self.open.append(place)
            try:
                source = read_source(path, self.limits)
                self.done[place] = self.text(source, place.parent, is_space=place.suffix != ".arch")
            finally:
                self.open.pop()
        module = self.done[place]
        if module is None:
            raise CompileError
        return module

    def text(self, source: Source, folder: Path | None, *, is_space: bool | None) -> Module:
        file = parse(source, self.limits)
        wrong = {one.name: tuple(twice_named(one)) for one in file.definitions}
        faults = [fault for found in wrong.values() for fault in found]
        imported: dict[str, tuple[tree.Definition, Module]] = {}
        for use in file.uses:
            faults += self._take(use, folder, imported)
        faults = [*defined_twice(file, imported), *faults]
        strange = [] if is_space is not False else space_words(file)
        if strange:
            raise CompileError(*strange, *faults)
        definitions = {definition.name: definition for definition in file.definitions}
        wanted = frozenset(name.id for use in file.uses for name in use.names)
        missing = {name for name in wanted - imported.keys() if name not in definitions}
        missing.update(name for name, found in wrong.items() if found)
        missing.update(name for name, (_, module) in imported.items() if name in module.missing)
        return Module(source, definitions, imported, file.uses, tuple(dict.fromkeys(faults)), frozenset(missing))

    def _take(
        self, use: tree.Use, folder: Path | None, imported: dict[str, tuple[tree.Definition, Module]]
    ) -> list[Diagnostic]:
        """Adds what a `use` takes to what is imported; what is wrong with it, and in the file that it is from."""
        try:
            module = self._used(use, folder)
        except CompileError as error:
            return list(error.diagnostics)
        faults = list(module.faults)
        for name in use.names:
            if name.id in module.definitions:
                imported.setdefault(name.id, (module.definitions[name.id], module))
                continue
            hint = did_you_mean(name.id, module.definitions)
            faults.append(Diagnostic("G112", f"`{use.source}` defines no `{name.id}`", name.span, help=hint))
        return faults

    def _used(self, use: tree.Use, folder: Path | None) -> Module:
        path = used_file(use, folder, self.root, self.open)
        if resolved(path) in self.open:
            raise CompileError(Diagnostic("G113", f"`{use.source}` would use itself here", source_span(use)))
        return self.file(path)


def _neighbour(path: Path) -> str | None:
    return did_you_mean(path.name, [one.name for one in texts_in(path.parent)])
