"""A model that onnx refuses goes in; its first node of an element type that the opset has no form for comes out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import onnx
from onnx import defs, helper, shape_inference


@dataclass(frozen=True)
class Lacking:
    """The place of a node in a model, the element type that an input of it has, and the first opset with that."""

    place: int
    element: int
    opset: int | None


def lacking(model: onnx.ModelProto) -> Lacking | None:
    """The first node with an input of an element type that the opset of the model does not give it.

    >>> info = onnx.helper.make_tensor_value_info
    >>> x, y = (info(name, onnx.TensorProto.BFLOAT16, [4]) for name in "xy")
    >>> body = onnx.helper.make_graph([onnx.helper.make_node("Elu", ["x"], ["y"])], "net", [x], [y])
    >>> lacking(onnx.helper.make_model(body, opset_imports=[onnx.helper.make_opsetid("", 20)]))
    Lacking(place=0, element=16, opset=22)
    """
    inferred = shape_inference.infer_shapes(model).graph
    values = (*inferred.input, *inferred.value_info, *inferred.output)
    elements = {value.name: value.type.tensor_type.elem_type for value in values}
    elements |= {one.name: one.data_type for one in inferred.initializer}
    opset = model.opset_import[0].version
    for place, node in enumerate(inferred.node):
        for position, name in enumerate(node.input):
            element = elements.get(name, 0)
            if element and not _takes(node.op_type, position, element, opset):
                later = range(opset + 1, defs.onnx_opset_version() + 1)
                with_it = (one for one in later if _takes(node.op_type, position, element, one))
                return Lacking(place, element, next(with_it, None))
    return None


@cache
def _takes(op_type: str, position: int, element: int, opset: int) -> bool:
    """Whether an input may have an element type; the last of an operator may stand for several."""
    formal = defs.get_schema(op_type, opset).inputs
    kind = helper.tensor_dtype_to_string(element).removeprefix("TensorProto.").lower()
    return f"tensor({kind})" in formal[min(position, len(formal) - 1)].types
