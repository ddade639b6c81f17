"""A model and the numbers of its weights go in; the bytes of its file come out, piece by piece, no number copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import onnx

Write: TypeAlias = "Callable[[bytes | memoryview], object]"

_GRAPH = onnx.ModelProto.DESCRIPTOR.fields_by_name["graph"].number
_INITIALISER = onnx.GraphProto.DESCRIPTOR.fields_by_name["initializer"].number
_NUMBERS = onnx.TensorProto.DESCRIPTOR.fields_by_name["raw_data"].number


def write_model(model: onnx.ModelProto, numbers: Mapping[str, npt.NDArray[np.uint8]], write: Write) -> None:
    """Writes a model whose initialisers of these names have these numbers; they must not lie in the model.

    A message is the sum of its parts, in any order, and a part that is a message goes by its length: so the lengths
    are added up first, and what is large is written from where it lies.

    >>> import io
    >>> model, file = onnx.ModelProto(), io.BytesIO()
    >>> tensor = model.graph.initializer.add(name="w", dims=[3], data_type=onnx.TensorProto.UINT8)
    >>> write_model(model, {"w": np.arange(3, dtype=np.uint8)}, file.write)
    >>> onnx.load_from_string(file.getvalue()).graph.initializer[0].raw_data
    b'\\x00\\x01\\x02'
    """
    rest = onnx.ModelProto()
    rest.CopyFrom(model)
    del rest.graph.initializer[:]
    parts: list[tuple[bytes, memoryview]] = []
    for one in model.graph.initializer:
        fields, data = one.SerializeToString(), memoryview(b"")
        if one.name in numbers:
            data = numbers[one.name].data
            fields += _tag(_NUMBERS, data.nbytes)
        parts.append((_tag(_INITIALISER, len(fields) + data.nbytes) + fields, data))
    body = rest.graph.SerializeToString()
    rest.ClearField("graph")
    size = len(body) + sum(len(head) + data.nbytes for head, data in parts)
    write(rest.SerializeToString() + _tag(_GRAPH, size) + body)
    for head, data in parts:
        write(head)
        write(data)


def _tag(field: int, length: int) -> bytes:
    """What stands before a part that goes by its length: the field's number and the length, in groups of seven bits."""
    return _groups(field << 3 | 2) + _groups(length)


def _groups(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
