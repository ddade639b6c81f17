"""A tensor of 16 bits goes in; one of 32, for what torch computes in no fewer on a CPU, comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghndsl.types import DType

if TYPE_CHECKING:
    import torch

    from ghndsl.ops.python import SourceContext


def is_half(dtype: DType) -> bool:
    """Whether an element type holds floats of 16 bits.

    >>> is_half(DType.BF16), is_half(DType.F32)
    (True, False)
    """
    return dtype in (DType.F16, DType.BF16)


def widened(x: torch.Tensor) -> torch.Tensor:
    """x in 32 bits, where it has fewer."""
    import torch

    return x.to(torch.promote_types(x.dtype, torch.float32))


def source_widened(code: SourceContext, x: str, dtype: DType) -> tuple[str, str]:
    """The same as Python, and the call that takes a result back; nothing where there are bits enough."""
    return (f"{x}.float()", f".to({code.dtype(dtype.value)})") if is_half(dtype) else (x, "")
