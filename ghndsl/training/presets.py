"""The name of a preset goes in; how it trains a network comes out."""

from __future__ import annotations

from ghndsl.diagnostics import CompileError, Diagnostic, did_you_mean
from ghndsl.training.settings import Settings

_CIFAR = Settings(
    epochs=600, batch_size=64, lr=0.025, momentum=0.9, nesterov=False, weight_decay=3e-4, warmup=0.0, clip=5.0,
    crop=4, mirror=True, cutout=16, drop_path=0.4, auxiliary=0.5,
)  # fmt: skip
"""Zhang, Ren and Urtasun, ICLR 2019, appendix: 600 passes, momentum .9, a cosine from .025, batches of 64, drop path up
to .4, an auxiliary output that weighs .5. Weight decay, the bound of the gradient, crop, mirror and cutout are those of
DARTS (Liu et al., ICLR 2019, appendix A.2)."""

_IMAGENET = Settings(
    epochs=250, batch_size=128, lr=0.1, momentum=0.9, nesterov=False, weight_decay=3e-5, warmup=0.0, clip=5.0,
    cosine=False, decay=0.97, label_smoothing=0.1, crop=28, mirror=True, auxiliary=0.4,
)  # fmt: skip
"""Zhang, Ren and Urtasun, ICLR 2019, appendix: 250 passes, a rate of .1 that each pass multiplies by .97. Batches,
weight decay, smoothing and the weight of the auxiliary output are those of DARTS' published code for ImageNet
(`train_imagenet.py`). Crops of random size and changes of colour, which both use, are not made: images are moved by up
to 28 pixels, an eighth of 224, and mirrored."""

PRESETS = {
    "quick": Settings(epochs=8),
    "standard": Settings(epochs=20, augment="shift"),
    "cifar": _CIFAR,
    "imagenet": _IMAGENET,
}
"""`quick` ranks networks on small sets, `standard` trains one on them, `cifar` and `imagenet` train one as the papers
do."""


def preset(name: str) -> Settings:
    """A preset by name; G411 when there is none.

    >>> preset("quick").epochs
    8
    """
    if name not in PRESETS:
        help_ = did_you_mean(name, PRESETS) or f"there are {', '.join(PRESETS)}"
        raise CompileError(Diagnostic("G411", f"there is no preset `{name}`", help=help_))
    return PRESETS[name]
