"""A graph and its weights go in; an ONNX model, its file, or how far it is from torch comes out."""

from ghndsl.emit.onnx.comparison import Comparison, check, compare
from ghndsl.emit.onnx.convert import DEFAULT_OPSET, OPSETS, to_onnx
from ghndsl.emit.onnx.file import save_onnx

__all__ = ["DEFAULT_OPSET", "OPSETS", "Comparison", "check", "compare", "save_onnx", "to_onnx"]
