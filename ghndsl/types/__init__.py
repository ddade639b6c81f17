"""Element types, dimensions (integers and symbolic expressions) and tensor types; nothing here knows torch."""

from ghndsl.types.dims import Dim, Floor, SymbolicSize, is_static, product, symbol, symbols
from ghndsl.types.dtype import DTYPES, DType
from ghndsl.types.tensor import Shape, TensorType, show_shape

__all__ = [
    "DTYPES",
    "DType",
    "Dim",
    "Floor",
    "Shape",
    "SymbolicSize",
    "TensorType",
    "is_static",
    "product",
    "show_shape",
    "symbol",
    "symbols",
]
