"""A long step goes in; how far it is, how fast it goes and the time left, in words, come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghndsl.diagnostics import printable

if TYPE_CHECKING:
    from ghndsl.stages import Stage

_MOST = 3
"""How many parts of a step a line names."""


def in_words(stage: Stage, unit: str = "") -> str:
    """How far a step is, as a line; `unit` is what is counted where it is no steps.

    >>> from ghndsl.stages import Stage
    >>> in_words(Stage("score", "Scoring", 1200, 2000, 8.0, "best 0.9"))
    'Scoring: 1,200 of 2,000, 8/s, 1:40 left, best 0.9'
    >>> in_words(Stage("train", "Training", 2, 10, parts=(Stage("7", "7", 3, 600, 0.02, "loss 0.9"),)))
    'Training: 2 of 10; 7: 3 of 600, 1.2/min, 8:17:30 left, loss 0.9'
    >>> in_words(Stage("", "Training", 45, 900, 1.0), "s")
    'Training: 45 s of 900 s, 14:15 left'
    """
    done, total = (f"{number:,} {unit}".strip() for number in (stage.done, stage.total))
    words = ", ".join(word for word in (f"{done} of {total}", rate(stage, unit), left(stage), stage.text) if word)
    parts = [in_words(part) for part in stage.parts[:_MOST]]
    more = [f"{len(stage.parts) - _MOST:,} more"] if len(stage.parts) > _MOST else []
    return "; ".join([printable(f"{stage.title}: {words}"), *parts, *more])


def rate(stage: Stage, unit: str = "") -> str:
    """So many a second, a minute or an hour; nothing where it is not known, or time is counted.

    >>> from ghndsl.stages import Stage
    >>> [rate(Stage("", "", rate=each)) for each in (1234.5, 8.127, 0.021, 0.001, None)]
    ['1,234/s', '8.13/s', '1.26/min', '3.6/h', '']
    """
    if not stage.rate or unit:
        return ""
    each, of = stage.rate, "s"
    if each < 1:
        each, of = each * 60, "min"
    if each < 1:
        each, of = each * 60, "h"
    return f"{each:,.0f}/{of}" if each >= 100 else f"{each:.3g}/{of}"


def left(stage: Stage) -> str:
    """The time left as a clock shows it; of more than a day, days and hours.

    >>> from ghndsl.stages import Stage
    >>> [left(Stage("", "", 0, each, 1.0)) for each in (98, 7509, 300_000, 0)]
    ['1:38 left', '2:05:09 left', '3 d 11 h left', '']
    """
    if stage.left is None:
        return ""
    minutes, seconds = divmod(round(stage.left), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24:,} d {hours % 24} h left"
    return f"{hours}:{minutes:02}:{seconds:02} left" if hours else f"{minutes}:{seconds:02} left"
