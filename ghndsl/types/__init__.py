"""Words of element types, numbers and names of sizes go in; types of tensors come out. Nothing here knows torch."""

from ghndsl.types.dims import Dim, Floor, SymbolicSize, is_static, product, symbol, symbols
from ghndsl.types.dtype import DTYPES, DType
from ghndsl.types.largest import MOST, fits_64_bits
from ghndsl.types.least import is_empty, is_positive, least
from ghndsl.types.tensor import Shape, TensorType, show_shape

__all__ = [
    "DTYPES",
    "MOST",
    "DType",
    "Dim",
    "Floor",
    "Shape",
    "SymbolicSize",
    "TensorType",
    "fits_64_bits",
    "is_empty",
    "is_positive",
    "is_static",
    "least",
    "product",
    "show_shape",
    "symbol",
    "symbols",
]
