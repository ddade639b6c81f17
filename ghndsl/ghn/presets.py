"""The name of a hypernetwork of the literature goes in; its config comes out."""

from __future__ import annotations

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.ghn.config import GHNConfig

MODELS = {
    "ghn": GHNConfig(),
    "ghn1": GHNConfig(rounds=5, shapes=False, decoders=("slice",)),
    "ghn2": GHNConfig(encoder="ghn2", rounds=1, fused=False, decoders=("tile",)),
    "ghn3": GHNConfig(encoder="ghn3", hidden=64, fused=False, decoders=("tile",)),
    "logah": GHNConfig(encoder="ghn3", hidden=64, fused=False, decoders=("low_rank",)),
}
"""`ghn`: ours, the paper's encoder with sizes, wide layers by thin matrices. `ghn1`: as in Zhang et al. (ICLR 2019),
with five rounds, and nothing wider than what it was made for. `ghn2`: Knyazev et al. (NeurIPS 2021). `ghn3`: Knyazev et
al. (ICML 2023), of the size T. `logah`: the encoder of GHN-3-T with the decoder of LoGAH-T (arXiv 2405.16287)."""


def model(name: str) -> GHNConfig:
    """A config by name, its blocks still to be fitted; G411 when there is none.

    >>> model("ghn2").decoders
    ('tile',)
    """
    if name not in MODELS:
        help_ = did_you_mean(name, MODELS) or f"there are {', '.join(MODELS)}"
        raise CompileError(Diagnostic("G411", f"there is no hypernetwork `{name}`", help=help_))
    return MODELS[name]
