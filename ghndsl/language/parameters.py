"""A parameter and the value given for it go in; the value as the block sees it comes out, or a refusal."""

from __future__ import annotations

from ghndsl.diagnostics import Span, did_you_mean
from ghndsl.ir import Value
from ghndsl.language import tree
from ghndsl.language.context import Frame
from ghndsl.language.run import Marks, Run
from ghndsl.language.torch_words import dtype_hint
from ghndsl.language.unknown import quoted_hint, size_hint
from ghndsl.language.values import ChosenGraph, Result, describe, is_stage, is_tensor, text
from ghndsl.types import DTYPES, SymbolicSize, TensorType


class Parameters(Run):
    """Checks values against the types of the language."""

    def fitted(
        self,
        parameter: tree.Parameter,
        value: Result,
        frame: Frame,
        span: Span,
        marks: Marks,
        code: str = "G120",
    ) -> Result:
        """A value as its parameter takes it; refused when it is of another kind."""
        if parameter.is_tensor:
            if isinstance(parameter.type, tree.ShapeType):
                self.check_element(parameter.type)
            if not is_tensor(value):
                message = f"`{parameter.name}` takes a tensor, not {describe(value)}"
                raise self.refuse(code, message, span, marks)
            if isinstance(parameter.type, tree.ShapeType):
                self._match(parameter, parameter.type, value, frame, span, marks)
            return value
        word = self._type_word(parameter)
        if value is None and isinstance(parameter.default, tree.Constant) and parameter.default.value is None:
            return None
        listed = parameter.element_type is not None
        items = value if listed and isinstance(value, tuple) else (value,)
        if (listed and not isinstance(value, tuple)) or not all(_fits(item, word) for item in items):
            kind = f"a list of {_KINDS_OF_MANY[word]}" if listed else _KINDS[word]
            hint = quoted_hint(value) if word == "op" else None
            raise self.refuse(code, f"`{parameter.name}` must be {kind}, not {describe(value)}", span, marks, hint)
        return float(value) if word == "float" and isinstance(value, int) else value

    def _type_word(self, parameter: tree.Parameter) -> str:
        word = parameter.element_type or (parameter.type.word if isinstance(parameter.type, tree.WordType) else "")
        if word not in tree.STATIC_TYPES:
            assert parameter.type is not None
            kinds = ", ".join(f"`{kind}`" for kind in tree.STATIC_TYPES)
            hint = did_you_mean(word, tree.STATIC_TYPES) or f"there are {kinds}, and tensors such as `f32[N, C]`"
            if word in DTYPES:
                hint = f"the type of a tensor has a shape: `{word}[N, C]`"
            raise self.refuse("G202", f"`{word}` is no type", parameter.type.span, help=hint)
        return word

    def check_types(self, definition: tree.Definition) -> None:
        """Refuses a definition one of whose parameters has a type that is none."""
        for parameter in definition.parameters:
            if isinstance(parameter.type, tree.ShapeType) and parameter.is_tensor:
                self.check_element(parameter.type)
            elif not parameter.is_tensor:
                self._type_word(parameter)

    def check_element(self, kind: tree.ShapeType) -> None:
        """Refuses a tensor's type whose element type is none, or whose sizes are none."""
        if any(isinstance(size, tree.Sequence) for size in kind.sizes):
            message = f"`{kind.span.text}` is no type"
            raise self.refuse("G202", message, kind.span, help="a list of lists of numbers is `[size]`")
        if kind.dtype is None or kind.dtype in DTYPES:
            return
        place = Span(kind.span.source, kind.span.start, kind.span.start + len(kind.dtype))
        message = f"`{kind.dtype}` is no element type; there are {', '.join(DTYPES)}"
        hint = "a list of numbers is `[int]`" if kind.dtype in ("list", "List", "tuple") else dtype_hint(kind.dtype)
        raise self.refuse("G202", message, place, help=hint)

    def _match(
        self, parameter: tree.Parameter, pattern: tree.ShapeType, value: Result, frame: Frame, span: Span, marks: Marks
    ) -> None:
        if not isinstance(value, Value):
            raise self.refuse("G203", f"`{parameter.name}` takes one tensor, not {describe(value)}", span, marks)
        outer, self.frame = self.frame, frame
        try:
            fault = self.match_shape(pattern, value.type)
        finally:
            self.frame = outer
        if fault:
            message = f"`{parameter.name}` of `{frame.scope.name}` is {pattern.span.text}, but {fault}"
            raise self.refuse("G203", message, span, marks)

    def match_shape(self, pattern: tree.ShapeType, kind: TensorType) -> str | None:
        """Binds the free names of a pattern to the sizes of a type; what does not fit, or None."""
        self.check_element(pattern)
        if pattern.dtype is not None and pattern.dtype != str(kind.dtype):
            return f"the tensor is {kind}"
        if len(pattern.sizes) != kind.rank:
            return f"the tensor {kind} has {kind.rank} dimension{'s' * (kind.rank != 1)}"
        for wanted, size in zip(pattern.sizes, kind.shape, strict=True):
            if isinstance(wanted, tree.Name) and wanted.id not in self.frame.names and self._binds(wanted, size):
                continue
            found = self.value(wanted)
            if found != size:
                written = wanted.span.text
                named = f"`{written}` is {text(found)}" if written != text(found) else f"{written} stands"
                return f"{named} where the tensor {kind} has {size}"
        return None

    def _binds(self, name: tree.Name, size: Result) -> bool:
        """Whether a name that has no value takes a size as its own: not when it is an operator's or a block's."""
        if name.id == tree.ANY_SIZE:
            return True
        if tree.names_size(name.id):
            self.frame.names[name.id] = size
            return True
        if self.lookup(name.id) is None:
            hint = size_hint(name.id, self.frame.names)
            raise self.refuse("G110", f"nothing is named `{name.id}` here", name.span, help=hint)
        return False


_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a string",
    "size": "a whole number or a list of whole numbers",
    "op": "an operator, block or stage",
    "dag": "a chosen graph",
}
_KINDS_OF_MANY = {
    "int": "whole numbers",
    "float": "numbers",
    "bool": "truth values",
    "str": "strings",
    "size": "sizes",
    "op": "operators, blocks or stages",
    "dag": "chosen graphs",
}


def _fits(value: Result, word: str) -> bool:
    whole = isinstance(value, int | SymbolicSize) and not isinstance(value, bool)
    if word == "int":
        return whole
    if word == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if word == "size":
        return whole or (isinstance(value, tuple) and all(_fits(item, "int") for item in value))
    if word == "op":
        return is_stage(value)
    if word == "dag":
        return isinstance(value, ChosenGraph)
    return isinstance(value, bool) if word == "bool" else word == "str" and isinstance(value, str)
