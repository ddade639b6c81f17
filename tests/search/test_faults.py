"""What kind of failure an error is, as Python, torch and the libraries of GPUs say it."""

from __future__ import annotations

import pytest
import torch

from ghndsl.diagnostics import CompileError, Diagnostic
from ghndsl.search.engines.base import Kind
from ghndsl.search.engines.faults import kind_of

_CUBLAS = "CUDA error: {} when calling `cublasSgemm( handle, opa, opb, m, n, k, &alpha, a, lda, b, ldb, &beta, c, ldc)`"
FAULTS: tuple[tuple[Exception, Kind], ...] = (
    (ValueError("too wide"), "error"),
    (CompileError(Diagnostic("G204", "CUDA error: it does not fit")), "error"),
    (RuntimeError("mat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)"), "error"),
    (RuntimeError("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED. This error may appear if ..."), "error"),
    (RuntimeError("No CUDA GPUs are available"), "error"),
    (MemoryError(), "memory"),
    (OSError(12, "Cannot allocate memory"), "memory"),
    (RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: ..."), "memory"),
    (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."), "memory"),
    (torch.AcceleratorError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously ..."), "memory"),
    (RuntimeError(_CUBLAS.format("CUBLAS_STATUS_ALLOC_FAILED")), "memory"),
    (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "memory"),
    (RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"), "memory"),
    (RuntimeError("cuFFT error: CUFFT_ALLOC_FAILED"), "memory"),
    (torch.AcceleratorError("CUDA error: an illegal memory access was encountered"), "crash"),
    (torch.AcceleratorError("CUDA error: device-side assert triggered"), "crash"),
    (torch.AcceleratorError("CUDA error: unspecified launch failure"), "crash"),
    (torch.AcceleratorError("CUDA error: uncorrectable ECC error encountered"), "crash"),
    # As torch before 2.8 says it.
    (RuntimeError("CUDA error: an illegal memory access was encountered"), "crash"),
    (RuntimeError("CUDA driver error: unspecified launch failure"), "crash"),
    (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "crash"),
    (RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR"), "crash"),
    (RuntimeError("cusolver error: CUSOLVER_STATUS_EXECUTION_FAILED, when calling `cusolverDnSgetrf( ...`"), "crash"),
    (RuntimeError(_CUBLAS.format("CUBLAS_STATUS_EXECUTION_FAILED")), "crash"),
)


@pytest.mark.parametrize(("error", "kind"), FAULTS, ids=[repr(error)[:70] for error, _ in FAULTS])
def test_kinds(error: Exception, kind: Kind) -> None:
    assert kind_of(error) == kind
