"""Rows go in; the page about the zoo comes out."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from comparing.catalogue import CLASSIFIERS, OTHERS, Pair
from comparing.likeness import TOLERANCE
from comparing.rows import LIBRARIES, Row
from ghndsl.space.load import shipped_networks

_TEXT = """# The zoo

Every classifier of images in torchvision is written by hand in `specs/networks/`, one file a family, and goes by the
name of torchvision's builder: `ghndsl show efficientnet_b0`, `ghndsl.load("swin_t")`. Names of weights come from
labels, so a `state_dict()` of torchvision fits as it is. All take `classes`, and `size` for images of other sizes.

`make zoo` compares each with torchvision's own network: **{right} of {all}** are equal. That is to say:

- `load_state_dict(..., strict=True)` works both ways: the same names, shapes and types of parameters and buffers, and
  layers with the same settings (`eps`, `momentum`, what dropout leaves out, ...);
- with weights drawn by chance, and statistics of batch normalisation by chance around those of the images, all outputs
  in evaluation, auxiliary heads too, differ by less than {tolerance:.0e} of the largest number. *Results* is the
  largest difference; 0 means the same bits;
- the model that `ghndsl export --onnx` writes gives the same in ONNX Runtime (*ONNX*), and so does the Python file that
  `ghndsl export --source` writes, which takes the same `state_dict()` (*source*);
- parameters are as many, and multiply-accumulates are within 1 % of the number that torchvision publishes, or as near
  as its rounding tells (*published*, in billions; for images of the size of its weights, and without auxiliary heads).

{versions}, on the CPU.

{classifiers}

## Other networks

FCN, DeepLabv3 and the network for video are compared with torchvision's in the same way, the others with the same
network in plain PyTorch (`benchmarks/comparing/plain.py`), the U-Net with images of 64x96 and 112x48.

{others}

What ships besides has no other to be compared with: {rest}.
"""


def page(rows: Mapping[str, Row]) -> str:
    """The page, as Markdown; a network that has no row is one that is not equal."""
    right = sum(pair.name in rows and not rows[pair.name].faults for pair in CLASSIFIERS)
    compared = {pair.name for pair in (*CLASSIFIERS, *OTHERS)}
    versions = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    return _TEXT.format(
        right=right,
        all=len(CLASSIFIERS),
        tolerance=TOLERANCE,
        versions=f"Python {platform.python_version()}, {versions}",
        classifiers=_table(CLASSIFIERS, rows),
        others=_table(OTHERS, rows),
        rest=", ".join(f"`{name}`" for name in shipped_networks() if name not in compared),
    )


def _table(pairs: Sequence[Pair], rows: Mapping[str, Row]) -> str:
    files = shipped_networks()
    ordered = sorted(pairs, key=lambda pair: files[pair.name].name if pair.name in files else "")
    head = [
        "| file | network | params | MACs | published | results | ONNX | source |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines: list[str] = []
    for pair in ordered:
        file = files[pair.name].name if pair.name in files else "none"
        cells = _cells(rows[pair.name]) if pair.name in rows else ["not compared"]
        lines.append(f"| {' | '.join([f'`{file}`', f'`{pair.name}`', *cells])} |")
    return "\n".join(head + lines)


def _cells(row: Row) -> list[str]:
    if row.faults:
        return [f"**not equal**: {row.faults[0]}"]
    macs = "" if row.macs is None else f"{row.macs:,}"
    published = "" if row.published is None else f"{row.published:.3f}"
    return [f"{row.params:,}", macs, published, *map(_short, (row.difference, row.onnx, row.source))]


def _short(difference: float) -> str:
    return "0" if difference == 0 else f"{difference:.0e}"
