"""Numbers, metrics and lines of candidates go in; what a page says of them comes out."""

from __future__ import annotations

from ghndsl.search.folder import RunFolder

LONG = 160
"""Characters of a line that are shown where there is little room."""


def figure(metric: str, value: float, spread: float = 0.0) -> str:
    """A metric's value as people read it, as `ghndsl.data.figure` has it, which loads torch: shares in per cent.

    >>> figure("anytime accuracy", 0.20071, 0.0009), figure("r2", 0.83)
    ('20.07%\xa0±\xa00.09%', '0.830')
    """
    shown = [f"{one:.3f}" if metric.endswith("r2") else f"{one:.2%}" for one in (value, spread)]
    return "\xa0±\xa0".join(shown if spread else shown[:1])


def named(number: int) -> str:
    """The number of a candidate; of one that has too many digits, how the name of its files begins.

    >>> named(17), named(10**151)
    ('17', 'xd8571890…')
    """
    text, stem = str(number), RunFolder.stem(number)
    return text if len(text) <= 20 else f"{stem[:9]}…"


def brief(line: str) -> str:
    """A line, cut where it is long.

    >>> brief("k=1 w=4"), brief("deep.node=conv_3x3 " * 50)[-18:]
    ('k=1 w=4', '… (and 42 choices)')
    """
    if len(line) <= LONG:
        return line
    kept = line[:LONG].rpartition(" ")[0] or line[:LONG]
    left = len(line.split()) - len(kept.split())
    return f"{kept} … (and {left:,} choices)"
